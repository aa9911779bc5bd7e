"""/v1/brands/{brand}/stores"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server.domain.actor import Role
from server.models import Event, Store
from tests import factories
from tests.cast import Cast

NEW = {
    "code": "NA-01",
    "name": "Napoli Chiaia",
    "city": "Napoli",
    "country": "IT",
    "latitude": 40.83,
    "longitude": 14.24,
    "timezone": "Europe/Rome",
    "format": "flagship",
    "ownership": "franchise",
}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/stores", *parts))


def codes(client: FlaskClient, cast: Cast, headers: dict[str, str], **query: Any) -> list[str]:
    answer = client.get(url(cast), query_string=query, headers=headers)
    assert answer.status_code == 200, answer.json
    return [item["code"] for item in answer.json["items"]]


def test_alice_opens_a_store_and_bob_reads_it(client: FlaskClient, cast: Cast) -> None:
    region = factories.region(cast.brand.id)
    new = NEW | {"region_id": region.id}
    made = client.post(url(cast), json=new, headers=cast.alice.headers)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    read = client.get(url(cast, made.json["id"]), headers=cast.bob.headers).json
    assert read.items() >= new.items()
    assert read["address"] is None


def test_bob_may_not_and_charlie_finds_nothing(client: FlaskClient, cast: Cast) -> None:
    assert client.post(url(cast), json=NEW, headers=cast.bob.headers).status_code == 403
    store = factories.store(cast.brand.id)
    for path in (url(cast), url(cast, store.id)):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404
        assert client.get(path).status_code == 401
    foreign = factories.store(cast.other_brand.id)
    headers = cast.alice.headers | {"If-Match": '"1"'}
    assert client.get(url(cast, foreign.id), headers=headers).status_code == 404
    assert client.delete(url(cast, foreign.id), headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"code": ""}, "/code"),
        ({"code": "x" * 65}, "/code"),
        ({"name": "a\x00b"}, "/name"),
        ({"country": "IX"}, "/country"),
        ({"country": "it"}, "/country"),
        ({"timezone": "Rome"}, "/timezone"),
        ({"timezone": "../etc/passwd"}, "/timezone"),
        ({"latitude": 90.1}, "/latitude"),
        ({"longitude": -181}, "/longitude"),
        ({"latitude": None}, "/latitude"),
        ({"longitude": None}, "/longitude"),
        ({"ownership": "stolen"}, "/ownership"),
        ({"region_id": "nowhere"}, "/region_id"),
        ({"brand_id": "other"}, "/brand_id"),
    ],
)
def test_a_wrong_field_is_named(
    client: FlaskClient, cast: Cast, wrong: dict[str, Any], pointer: str
) -> None:
    answer = client.post(url(cast), json=NEW | wrong, headers=cast.alice.headers)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert Store.select().count() == 0


def test_a_region_of_another_brand_or_an_archived_one_is_refused(
    client: FlaskClient, cast: Cast
) -> None:
    foreign = factories.region(cast.other_brand.id)
    archived = factories.region(cast.brand.id, archived_at=cast.brand.created_at)
    store = factories.store(cast.brand.id)
    headers = cast.alice.headers | {"If-Match": '"1"'}
    for region in (foreign, archived):
        change = {"region_id": region.id}
        answer = client.patch(url(cast, store.id), json=change, headers=headers)
        assert answer.json["errors"][0]["pointer"] == "/region_id"


def test_a_code_is_taken_once_in_a_brand(client: FlaskClient, cast: Cast) -> None:
    factories.store(cast.other_brand.id, "NA-01")
    assert client.post(url(cast), json=NEW, headers=cast.alice.headers).status_code == 201
    again = client.post(url(cast), json=NEW, headers=cast.alice.headers)
    assert (again.status_code, again.json["code"]) == (409, "duplicate")


def test_a_change_is_told_to_the_phones(client: FlaskClient, cast: Cast) -> None:
    store, headers = factories.store(cast.brand.id), cast.alice.headers
    path = url(cast, store.id)
    assert client.patch(path, json={"name": "New"}, headers=headers).status_code == 428
    assert Event.select().count() == 0
    changed = client.patch(path, json={"name": "New"}, headers=headers | {"If-Match": '"1"'})
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    event = Event.get()
    assert (event.kind, event.subject_id, event.brand_id) == (
        "store.changed",
        store.id,
        cast.brand.id,
    )
    stale = client.patch(path, json={"name": "Old"}, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412
    assert Event.select().count() == 1


def test_half_a_pair_of_coordinates_is_refused_on_edit(client: FlaskClient, cast: Cast) -> None:
    store = factories.store(cast.brand.id, latitude=40.0, longitude=14.0)
    path, headers = url(cast, store.id), cast.alice.headers | {"If-Match": '"1"'}
    refused = client.patch(path, json={"latitude": None}, headers=headers)
    assert refused.json["errors"][0]["pointer"] == "/latitude"
    assert client.patch(path, json={"latitude": 41.5}, headers=headers).json["longitude"] == 14.0


def test_archived_stores_leave_the_list(client: FlaskClient, cast: Cast) -> None:
    store = factories.store(cast.brand.id)
    headers = cast.alice.headers
    gone = client.delete(url(cast, store.id), headers=headers | {"If-Match": '"1"'})
    assert gone.status_code == 200
    assert codes(client, cast, headers) == []
    assert codes(client, cast, headers, archived="true") == ["S1"]


def test_filters(client: FlaskClient, cast: Cast) -> None:
    north = factories.region(cast.brand.id, "North")
    milan = factories.region(cast.brand.id, "Milan", north)
    south = factories.region(cast.brand.id, "South")
    factories.store(cast.brand.id, "N1", region_id=north.id, format="corner")
    factories.store(cast.brand.id, "M1", region_id=milan.id, ownership="franchise")
    factories.store(cast.brand.id, "S_1", region_id=south.id, country="SM", name="Città 100%")
    headers = cast.bob.headers
    assert codes(client, cast, headers, region=north.id) == ["N1", "M1"]
    assert codes(client, cast, headers, region=north.id, format="corner") == ["N1"]
    assert codes(client, cast, headers, ownership="franchise") == ["M1"]
    assert codes(client, cast, headers, country="SM") == ["S_1"]
    assert codes(client, cast, headers, q="m1") == ["M1"]
    assert codes(client, cast, headers, q="_") == ["S_1"]
    assert codes(client, cast, headers, q="0%") == ["S_1"]
    for query in ({"ownership": "x"}, {"q": ""}, {"q": "\x00"}):
        assert client.get(url(cast), query_string=query, headers=headers).status_code == 422
    foreign = factories.region(cast.other_brand.id)
    for region in (foreign.id, "nowhere"):
        unknown = client.get(url(cast), query_string={"region": region}, headers=headers)
        assert unknown.status_code == 404


def test_managers_see_their_own(client: FlaskClient, cast: Cast) -> None:
    north = factories.region(cast.brand.id, "North")
    milan = factories.region(cast.brand.id, "Milan", north)
    south = factories.region(cast.brand.id, "South")
    inside = factories.store(cast.brand.id, "M1", region_id=milan.id)
    outside = factories.store(cast.brand.id, "S1", region_id=south.id)
    factories.store(cast.brand.id, "X1")
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=north.id)
    sam = cast.person("sam", Role.STORE_MANAGER, store_id=inside.id)
    for person in (rita, sam):
        assert codes(client, cast, person.headers) == ["M1"]
        assert client.get(url(cast, inside.id), headers=person.headers).status_code == 200
        assert client.get(url(cast, outside.id), headers=person.headers).status_code == 404
        hidden = client.get(url(cast), query_string={"region": south.id}, headers=person.headers)
        assert hidden.status_code == 404
        headers = person.headers | {"If-Match": '"1"'}
        edit = client.patch(url(cast, inside.id), json={"name": "Mine"}, headers=headers)
        assert edit.status_code == 403


def test_shoppers_do_not_list_stores(client: FlaskClient, cast: Cast) -> None:
    assert client.get(url(cast), headers=cast.sonia.headers).status_code == 403


def test_a_list_is_two_queries_however_long(client: FlaskClient, cast: Cast) -> None:
    region = factories.region(cast.brand.id)
    manager = cast.person("rita", Role.REGIONAL_MANAGER, region_id=region.id)
    for made in range(1, 4):
        factories.store(cast.brand.id, f"S{made}", region_id=region.id)
        for person in (cast.bob, manager):
            with count_queries() as counter:
                assert len(codes(client, cast, person.headers)) == made
            assert counter.count == 2


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ("*", 200),
        ('"7", "1"', 200),
        ('"7","1" , "x"', 200),
        ('W/"1"', 412),
        ('W/"7", "1"', 200),
        ('"7", W/"1"', 412),
        ('"7", "8"', 412),
        ("1", 412),
        ('"1" "7"', 412),
        ("", 428),
    ],
)
def test_if_match_is_rfc_9110s(client: FlaskClient, cast: Cast, if_match: str, status: int) -> None:
    store = factories.store(cast.brand.id)
    headers = cast.alice.headers | {"If-Match": if_match}
    changed = client.patch(url(cast, store.id), json={"name": "New"}, headers=headers)
    assert changed.status_code == status
    assert Store.get_by_id(store.id).name == ("New" if status == 200 else store.name)


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0\u2003"])
def test_a_text_of_blanks_is_none(client: FlaskClient, cast: Cast, blank: str) -> None:
    body = {"code": blank, "name": blank}
    refused = client.post(url(cast), json=body, headers=cast.alice.headers)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == ["/code", "/name"]


@pytest.mark.parametrize("query", ["limit=%ff", "cursor=%ed%a0%80", "%ff=1", "format=%C3"])
def test_a_query_that_is_not_utf_8_is_malformed(
    client: FlaskClient, cast: Cast, query: str
) -> None:
    for path in (url(cast), f"/v1/brands/{cast.brand.id}/rankings"):
        refused = client.get(f"{path}?{query}", headers=cast.alice.headers)
        assert (refused.status_code, refused.json["code"]) == (400, "malformed-request")


def test_pointers_are_the_bodys_and_parameters_have_their_names(
    client: FlaskClient, cast: Cast
) -> None:
    headers = cast.alice.headers | {"If-Match": '"1"'}
    store = factories.store(cast.brand.id)
    answers = [
        client.get(f"{url(cast)}?limit=x", headers=headers),
        client.get(f"{url(cast)}?nonsense=x", headers=headers),
        client.patch(url(cast, store.id), json={}, headers=headers),
        client.patch(url(cast, store.id), json=[], headers=headers),
        client.patch(url(cast, store.id), json={"a/b": 1}, headers=headers),
    ]
    pointers = [[each["pointer"] for each in answer.json["errors"]] for answer in answers]
    assert pointers == [["limit"], ["nonsense"], [""], [""], ["/a~1b"]]
