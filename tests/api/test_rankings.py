"""/v1/brands/{brand}/rankings and rankings.csv"""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.actor import Role
from server.models import Store
from server.services import editing, scores
from tests import factories, programme
from tests.cast import Cast
from tests.chain import Chain, ask, codes, url
from tests.programme import DAY, Programme

FIELDS = {
    "store", "n_visits", "n_eff", "n_shoppers", "few_shoppers", "raw_mean", "adjusted_mean", "se",
    "interval95", "reliability", "rank", "expected_rank", "rank_interval90", "rank_set95",
    "rank_bounds95",
    "of", "p_top_quartile", "p_bottom_quartile", "tier", "provisional", "comparable_block",
    "promises", "weakest_touchpoint", "critical_count", "glue_rate", "change", "peer_group",
    "period", "method_version", "weights_version", "computed_at",
}  # fmt: skip
HEAD = {
    "number": None,
    "period": {"from": "2026-03", "to": "2026-03"},
    "months": {"from": "2026-03", "to": "2026-03"},
    "measure": "visit",
    "method_version": "3",
    "method": "/v1/methods/3",
    "half_life_months": 6.0,
    "n_stores": 3,
    "n_visits": 7,
    "n_stores_without_visits": 1,
    "raw_mean": 58.333,
    "next_cursor": None,
}


@pytest.fixture
def chain(cast: Cast) -> Chain:
    return Chain(cast)


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
    assert milan.keys() == FIELDS
    assert milan["store"] == {
        "id": chain.milan.id,
        "code": "MI",
        "name": "Store MI",
        "region_id": chain.north.id,
        "format": "flagship",
        "ownership": "direct",
    }
    assert {key: milan[key] for key in ("n_visits", "n_eff", "n_shoppers", "raw_mean", "of")} == {
        "n_visits": 2,
        "n_eff": 2.0,
        "n_shoppers": 1,
        "raw_mean": 75.0,
        "of": 3,
    }
    assert answer["mu"] < milan["adjusted_mean"] < 75.0  # shrunk
    low, high = milan["interval95"]
    assert low < milan["adjusted_mean"] < high
    assert milan["provisional"] is True
    assert milan["tier"] == "undetermined"
    (promise,) = milan["promises"]
    assert promise["raw_mean"] == 50.0
    assert promise["gap"] == pytest.approx(promise["score"] - 80.0)
    assert promise["interval"][0] < promise["score"] < promise["interval"][1]
    assert answer["items"][2]["provisional"] is False
    assert {key: answer[key] for key in HEAD} == HEAD
    assert answer["weights_version"] == chain.spring.version.id
    assert answer["promises"][0]["n"] == 7
    assert answer["variances"]["store"] > 0 == answer["variances"]["shopper"]


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
    assert (answer["raw_mean"], answer["n_stores_without_visits"]) == (75.0, 0)
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
        ("RM", None, 0)  # nobody is ranked who is alone
    ]
    assert (answer["raw_mean"], answer["n_visits"]) == (25.0, 3)


def test_no_answer_names_a_shopper_a_device_or_a_time_of_visit(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=chain.italy.id)
    for name in ("rankings", "rankings.csv", "rankings/groups?by=region"):
        text = client.get(url(cast, name), headers=rita.headers).text
        assert "RM" in text or "South" in text
        for secret in ("shopper-1", "severit", "device", "2026-03-", str(int(DAY.timestamp()))):
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
    assert answer["items"][0]["promises"][0]["raw_mean"] == 50.0


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
    assert float(rows[2]["enthusiastic gap"]) == pytest.approx(
        float(rows[2]["enthusiastic score"]) - 80
    )
    assert float(rows[0]["interval95_low"]) < float(rows[0]["adjusted_mean"])
    assert (rows[0]["raw_mean"], rows[0]["provisional"], rows[0]["period_to"]) == (
        "75.0",
        "true",
        "2026-03",
    )
    assert answer.data.count(b"\r\n") == 4
