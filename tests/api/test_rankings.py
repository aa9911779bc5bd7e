"""/v1/brands/{brand}/rankings and rankings.csv"""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import db
from server.domain.actor import Role
from server.models import Region, Store
from server.services import editing, scores
from tests import factories, programme
from tests.cast import Cast, Person
from tests.programme import DAY, Programme, passed


class Chain:
    """Milan and Turin lie in the north, Rome in the south; Naples was never visited.

    Visit scores in March: Milan 100 and 50, Turin 75 twice, Rome 25 three times.
    """

    def __init__(self, cast: Cast) -> None:
        brand_id = cast.brand.id
        self.spring = Programme(cast.brand)
        self.italy = programme.region(brand_id, "Italy")
        self.north = programme.region(brand_id, "North", self.italy)
        self.piedmont = programme.region(brand_id, "Piedmont", self.north)
        self.south = programme.region(brand_id, "South", self.italy)
        self.milan = self._store("MI", self.north, format="flagship")
        self.turin = self._store("TO", self.piedmont, ownership="franchise")
        self.rome = self._store("RM", self.south)
        self.naples = self._store("NA", self.south)
        for store, results in (
            (self.milan, (4, 2)),
            (self.turin, (3, 3)),
            (self.rome, (1, 1, 1)),
        ):
            for result in results:
                self.visit(store, result)

    def _store(self, code: str, region: Region, **values: Any) -> Store:
        return programme.store(self.spring.brand.id, code, region_id=region.id, **values)

    def visit(self, store: Store, result: int, **values: Any) -> None:
        """A visit of which `result` of four items passed, and which counts."""
        scores.count(self.spring.revision(store, passed(result), **values).id)


@pytest.fixture
def chain(cast: Cast) -> Chain:
    return Chain(cast)


def url(cast: Cast, name: str = "rankings") -> str:
    return f"/v1/brands/{cast.brand.id}/{name}"


def ask(client: FlaskClient, cast: Cast, person: Person, **query: Any) -> Any:
    answer = client.get(url(cast), query_string=query, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def codes(answer: Any) -> list[str]:
    return [item["store"]["code"] for item in answer["items"]]


def test_alice_gets_every_visited_store_in_its_rank(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    answer = ask(client, cast, cast.alice, period="2026-03")
    assert [(item["store"]["code"], item["rank"]) for item in answer["items"]] == [
        ("MI", 1),
        ("TO", 1),
        ("RM", 3),
    ]
    milan = answer["items"][0]
    promise = {"promise_id": chain.spring.promise.id, "adjective": "enthusiastic", "target": 80.0}
    assert milan == {
        "store": {"id": chain.milan.id, "code": "MI", "name": "Store MI"},
        "n_visits": 2,
        "raw_mean": 75.0,
        "se": 25.0,
        "rank": 1,
        "of": 3,
        "provisional": True,
        "promises": [promise | {"score": 50.0, "gap": -30.0, "n": 2}],
    }
    assert answer["items"][2]["provisional"] is False
    head = {key: value for key, value in answer.items() if key not in ("items", "computed_at")}
    assert head == {
        "period": {"from": "2026-03", "to": "2026-03"},
        "measure": "visit",
        "method_version": "1",
        "n_stores": 3,
        "n_visits": 7,
        "n_stores_without_visits": 1,
        "mean": 58.333,
        "promises": [promise | {"score": 33.333, "gap": -46.667, "n": 7}],
        "next_cursor": None,
    }


def test_bob_reads_it_and_charlie_and_sonia_do_not(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    for name in ("rankings", "rankings.csv"):
        statuses = [
            client.get(url(cast, name), headers=person.headers).status_code
            for person in (cast.bob, cast.charlie, cast.sonia)
        ]
        assert statuses == [200, 404, 403]
        assert client.get(url(cast, name)).status_code == 401


def test_a_regional_manager_ranks_the_subtree_among_itself(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=chain.north.id)
    answer = ask(client, cast, rita)
    assert codes(answer) == ["MI", "TO"]
    assert {item["of"] for item in answer["items"]} == {2}
    assert (answer["mean"], answer["n_stores_without_visits"]) == (75.0, 0)
    assert codes(ask(client, cast, rita, region=chain.piedmont.id)) == ["TO"]
    for region in (chain.italy, chain.south):
        refused = client.get(url(cast), query_string={"region": region.id}, headers=rita.headers)
        assert refused.status_code == 404


def test_a_store_manager_sees_their_store_alone(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=chain.rome.id)
    answer = ask(client, cast, sara)
    assert [(item["store"]["code"], item["rank"], item["of"]) for item in answer["items"]] == [
        ("RM", 1, 1)
    ]
    assert (answer["mean"], answer["n_visits"]) == (25.0, 3)


def test_no_answer_names_a_shopper_a_device_or_a_time_of_visit(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=chain.italy.id)
    for name in ("rankings", "rankings.csv"):
        text = client.get(url(cast, name), headers=rita.headers).text
        assert "RM" in text
        for secret in ("shopper", "device", "2026-03", str(int(DAY.timestamp()))):
            assert secret not in text


def test_filters_choose_stores_and_visits(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    summer = chain.spring.another_wave("Summer")
    chain.visit(chain.naples, 4, wave=summer, day=datetime(2026, 5, 2, tzinfo=UTC))
    for query, expected in (
        ({}, ["NA", "MI", "TO", "RM"]),
        ({"period": "2026-03"}, ["MI", "TO", "RM"]),
        ({"period": "2026-04..2026-12"}, ["NA"]),
        ({"period": "2026-01..2026-05"}, ["NA", "MI", "TO", "RM"]),
        ({"period": "2025-01"}, []),
        ({"wave": summer.id}, ["NA"]),
        ({"region": chain.south.id}, ["NA", "RM"]),
        ({"region": chain.italy.id, "ownership": "franchise"}, ["TO"]),
        ({"format": "flagship"}, ["MI"]),
        ({"promise": chain.spring.promise.id}, ["NA", "MI", "TO", "RM"]),
    ):
        assert codes(ask(client, cast, cast.alice, **query)) == expected, query


def test_by_a_promise_stores_are_ranked_by_its_score(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    answer = ask(client, cast, cast.alice, promise=chain.spring.promise.id)
    assert answer["measure"] == f"promise:{chain.spring.promise.id}"
    assert [(item["raw_mean"], item["rank"]) for item in answer["items"]] == [
        (50.0, 1),
        (50.0, 1),
        (0.0, 3),
    ]


def test_what_a_filter_names_must_be_the_brands(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    other = Programme(cast.other_brand)
    region = programme.region(cast.other_brand.id, "Elsewhere")
    for query in ({"promise": other.promise.id}, {"wave": other.wave.id}, {"region": region.id}):
        answer = client.get(url(cast), query_string=query, headers=cast.alice.headers)
        assert answer.status_code == 404, query


@pytest.mark.parametrize(
    "query",
    [
        {"period": "2026-13"},
        {"period": "2026"},
        {"period": "2026-03..2026-01"},
        {"period": "٢٠٢٦-03"},
        {"ownership": "leased"},
        {"region": "a\x00b"},
        {"limit": "0"},
        {"cursor": "!"},
        {"cursor": "bm8gbnVtYmVy"},
    ],
)
def test_wrong_parameters_are_named(client: FlaskClient, cast: Cast, query: dict[str, str]) -> None:
    answer = client.get(url(cast), query_string=query, headers=cast.alice.headers)
    assert answer.status_code == 422
    assert [error["pointer"].split("/")[-1] for error in answer.json["errors"]] == list(query)


def test_pages_hold_every_store_once(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 1}
    while True:
        answer = ask(client, cast, cast.bob, **query)
        assert answer["n_stores"] == 3
        seen += codes(answer)
        if answer["next_cursor"] is None:
            break
        query["cursor"] = answer["next_cursor"]
    assert seen == ["MI", "TO", "RM"]


def test_archived_stores_and_promises_keep_their_figures(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    editing.archive(chain.milan, 1)
    editing.archive(chain.spring.promise, 1)
    answer = ask(client, cast, cast.alice)
    assert codes(answer) == ["MI", "TO", "RM"]
    assert answer["items"][0]["promises"][0]["score"] == 50.0


def test_a_promise_that_no_visit_tells_of_is_left_out_and_a_store_without_it_has_null(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    factories.promise(cast.brand.id, adjective="silent")
    na = {"na": True}
    chosen = {"q0": True, "q1": True, "q2": na, "q3": na}
    scores.count(chain.spring.revision(chain.naples, chosen).id)
    answer = ask(client, cast, cast.alice)
    assert codes(answer)[0] == "NA"
    (promise,) = answer["items"][0]["promises"]
    assert (promise["score"], promise["gap"], promise["n"]) == (None, None, 0)


def test_the_table_holds_all_and_runs_nothing(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    Store.update(name='=HYPERLINK("x"), è').where(Store.id == chain.rome.id).execute()
    answer = client.get(url(cast, "rankings.csv") + "?period=2026-03", headers=cast.bob.headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.data.startswith(b'\xef\xbb\xbf"rank","of","store_id",')
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [row["store_code"] for row in rows] == ["MI", "TO", "RM"]
    assert rows[2]["store_name"] == '\'=HYPERLINK("x"), è'
    assert rows[2]["enthusiastic gap"] == "-80.0"
    assert (rows[0]["se"], rows[0]["provisional"], rows[0]["period_to"]) == (
        "25.0",
        "true",
        "2026-03",
    )
    assert answer.data.count(b"\r\n") == 4


@pytest.mark.parametrize("query", [{}, {"region": True, "wave": True, "promise": True}])
def test_the_number_of_queries_does_not_grow(
    client: FlaskClient, cast: Cast, chain: Chain, query: dict[str, bool]
) -> None:
    known = {
        "region": chain.italy.id,
        "wave": chain.spring.wave.id,
        "promise": chain.spring.promise.id,
    }
    names = {name: known[name] for name in query}
    alice = cast.alice
    before = count_queries(lambda: ask(client, cast, alice, **names))
    for number in range(10):
        store = programme.store(cast.brand.id, f"X{number}", region_id=chain.south.id)
        factories.promise(cast.brand.id)
        chain.visit(store, number % 5, day=datetime(2026, 1 + number, 2, tzinfo=UTC))
    assert count_queries(lambda: ask(client, cast, alice, **names)) == before
    assert before == 4 + len(set(query) - {"promise"})


def count_queries(call: Any) -> int:
    """How many SELECTs `call` makes."""
    made: list[str] = []
    execute = db.database.obj.execute_sql

    def counting(sql: str, *arguments: Any, **more: Any) -> Any:
        if sql.lstrip().upper().startswith("SELECT"):
            made.append(sql)
        return execute(sql, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.database.obj, "execute_sql", counting)
        call()
    return len(made)
