"""/v1/brands/{brand}/store-imports"""

from typing import Any

import peewee
import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server.domain.actor import Role
from server.models import Event, Region, Store
from server.services import editing
from tests import factories
from tests.cast import Cast

FILE = "code,name,country,Provincia\nNA-1,Chiaia,IT,NA\nMI-1,Brera,IT,MI\n"


def post(client: FlaskClient, cast: Cast, data: str | bytes, who: Any = None, **query: Any) -> Any:
    headers = (who or cast.alice).headers | {"Content-Type": "text/csv"}
    url = f"/v1/brands/{cast.brand.id}/store-imports"
    return client.post(url, data=data, headers=headers, query_string=query)


def counts(answer: Any) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.json
    names = ("rows", "created", "updated", "unchanged", "refused", "regions_created")
    return tuple(answer.json[name] for name in names)


def test_alice_imports_a_file_and_again(client: FlaskClient, cast: Cast) -> None:
    first = post(client, cast, FILE, map="region=Provincia")
    assert counts(first) == (2, 2, 0, 0, 0, 2)
    assert first.json["mapping"]["region"] == "Provincia"
    assert (first.json["encoding"], first.json["delimiter"]) == ("utf-8", ",")
    store = Store.get(Store.code == "NA-1")
    assert (store.name, store.timezone, store.ownership) == ("Chiaia", "Europe/Rome", "direct")
    naples = Region.get_by_id(store.region_id)
    assert (naples.name, naples.code, naples.path) == ("NA", "NA", f"{naples.id}/")
    again = post(client, cast, FILE, map="region=Provincia")
    assert counts(again) == (2, 0, 0, 2, 0, 0)
    assert Event.select().count() == 0


def test_what_changed_is_changed_and_told(client: FlaskClient, cast: Cast) -> None:
    post(client, cast, FILE)
    factories.store(cast.other_brand.id, "NA-1")
    before = Store.get(Store.code == "NA-1", Store.brand_id == cast.brand.id)
    changed = post(client, cast, "code,name\nNA-1,Vomero\nMI-1,Brera\nTO-1,Lingotto\n")
    assert counts(changed) == (3, 1, 1, 1, 0, 0)
    after = Store.get_by_id(before.id)
    assert (after.name, after.country, after.version) == ("Vomero", "IT", 2)
    assert after.created_at == before.created_at
    assert [(event.kind, event.subject_id) for event in Event.select()] == [
        ("store.changed", before.id)
    ]
    assert Store.get(Store.brand_id == cast.other_brand.id).name == "Store NA-1"


def test_a_mapped_column_empties_its_field_and_others_stay(client: FlaskClient, cast: Cast) -> None:
    values = {"city": "Napoli", "format": "corner", "latitude": 40.8, "longitude": 14.2}
    store = factories.store(cast.brand.id, "NA-1", ownership="franchise", **values)
    data = "code,name,city,ownership,latitude,longitude\nNA-1,Chiaia,,,2.2,200\n"
    answer = post(client, cast, data)
    assert counts(answer)[2] == 1
    assert answer.json["warnings"][0]["pointer"] == "longitude"
    after = Store.get_by_id(store.id)
    assert (after.city, after.format, after.ownership) == (None, "corner", "franchise")
    assert (after.latitude, after.longitude) == (40.8, 14.2), "a field left out stays"


def test_every_refusal_has_line_pointer_and_reason(client: FlaskClient, cast: Cast) -> None:
    data = 'code,name,country\n1,"two\nlines",IT\n,x,IT\n2,y,Atlantis\n1,again,IT\n'
    answer = post(client, cast, data)
    assert counts(answer) == (4, 1, 0, 0, 3, 0)
    assert answer.json["refusals"] == [
        {"line": 4, "pointer": "code", "column": "code", "reason": "is missing"},
        {
            "line": 5,
            "pointer": "country",
            "column": "country",
            "reason": "'Atlantis' is no country: give an ISO code, such as IT",
        },
        {
            "line": 6,
            "pointer": "code",
            "column": "code",
            "reason": "'1' is the code of line 2 already",
        },
    ]


def test_a_dry_run_says_it_and_writes_nothing(client: FlaskClient, cast: Cast) -> None:
    store = factories.store(cast.brand.id, "NA-1")
    answer = post(client, cast, FILE, dry_run="true", map="region=Provincia")
    assert counts(answer) == (2, 1, 1, 0, 0, 2)
    assert answer.json["dry_run"] is True
    assert (Store.select().count(), Region.select().count(), Event.select().count()) == (1, 0, 0)
    assert Store.get_by_id(store.id).name == "Store NA-1"


def test_a_failure_midway_leaves_nothing_half_imported(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.store(cast.brand.id, "S1")
    insert, calls = editing.insert_all, []

    def failing(table: Any, rows: list[dict[str, Any]]) -> None:
        calls.append(table)
        if calls.count(Store) == 2:
            raise peewee.OperationalError("the line is cut")
        insert(table, rows)

    monkeypatch.setattr(editing, "insert_all", failing)
    lines = "".join(f"{number},name,P{number}\n" for number in range(1_200))
    answer = post(client, cast, "code,name,province\n" + lines, map="region=province")
    assert answer.status_code == 503
    assert calls == [Region, Store, Store]
    assert (Store.select().count(), Region.select().count()) == (1, 0)


def test_regions_are_found_by_code_or_name_or_made(client: FlaskClient, cast: Cast) -> None:
    italy = factories.region(cast.brand.id, "Italia", code="IT")
    south = factories.region(cast.brand.id, "Sud", italy)
    naples = factories.region(cast.brand.id, "Napoli", south, code="IT/NA")
    milan = factories.region(cast.brand.id, "MI", italy)
    data = "code,name,a,b\n1,x,IT,NA\n2,x,IT,MI\n3,x,IT,TO\n4,x,IT,\n5,x,,\n"
    assert counts(post(client, cast, data, map="region=a>b"))[-1] == 1
    found = {store.code: store.region_id for store in Store.select()}
    turin = Region.get(Region.name == "TO")
    assert found == {"1": naples.id, "2": milan.id, "3": turin.id, "4": italy.id, "5": None}
    assert (turin.code, turin.path) == ("IT/TO", f"{italy.id}/{turin.id}/")


def test_archived_regions_refuse_and_archived_stores_stay_so(
    client: FlaskClient, cast: Cast
) -> None:
    when = cast.brand.created_at
    factories.region(cast.brand.id, "Napoli", code="NA", archived_at=when)
    store = factories.store(cast.brand.id, "MI-1", archived_at=when)
    answer = post(client, cast, FILE, map="region=Provincia")
    assert counts(answer) == (2, 0, 1, 0, 1, 1)
    assert answer.json["refusals"][0]["reason"] == "the region 'NA' is archived"
    assert answer.json["warnings"][0]["reason"] == "is archived, and stays so"
    assert Store.get_by_id(store.id).archived_at == when


def test_only_who_may_write_stores_imports(client: FlaskClient, cast: Cast) -> None:
    region = factories.region(cast.brand.id)
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=region.id)
    for who, status in ((cast.bob, 403), (rita, 403), (cast.sonia, 403), (cast.charlie, 404)):
        assert post(client, cast, FILE, who=who).status_code == status
    bare = client.post(f"/v1/brands/{cast.brand.id}/store-imports", data=FILE)
    assert bare.status_code == 401
    assert Store.select().count() == 0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "it is empty"),
        (b"code,name\n", "no row below its header"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "not utf-16 text"),
        (b"x" * 2_000_000, "line 1 is longer"),
    ],
)
def test_an_unusable_file_is_a_422(client: FlaskClient, cast: Cast, data: bytes, told: str) -> None:
    answer = post(client, cast, data)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert told in answer.json["detail"]


def test_a_wrong_mapping_or_option_is_named(client: FlaskClient, cast: Cast) -> None:
    for query, pointer in (
        ({"map": "code=Nope"}, "map"),
        ({"default": "code=1"}, "default"),
        ({"encoding": "rot13"}, "encoding"),
        ({"delimiter": "xx"}, "delimiter"),
        ({"map": "\x00"}, "map"),
    ):
        answer = post(client, cast, FILE, **query)
        assert answer.status_code == 422, query
        assert answer.json["errors"][0]["pointer"] == pointer
    assert Store.select().count() == 0


def test_another_media_type_and_too_much_are_refused(client: FlaskClient, cast: Cast) -> None:
    url = f"/v1/brands/{cast.brand.id}/store-imports"
    answer = client.post(url, json={"code": "1"}, headers=cast.alice.headers)
    assert answer.status_code == 415
    assert post(client, cast, b"x" * (16 * 1024 * 1024 + 1)).status_code == 413


def test_the_queries_do_not_grow_with_the_rows(client: FlaskClient, cast: Cast) -> None:
    spent = []
    for first, last in ((0, 10), (10, 400)):
        lines = "".join(f"{number},name\n" for number in range(first, last))
        _ = cast.alice
        with count_queries() as counter:
            assert counts(post(client, cast, "code,name\n" + lines))[1] == last - first
        spent.append(counter.count)
    assert spent[0] == spent[1]
    assert spent[0] <= 13  # three of them the audit log's
