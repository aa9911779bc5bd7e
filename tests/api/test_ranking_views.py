"""Pages, orders, groups and measures of /v1/brands/{brand}/rankings."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.actor import Role
from server.models import Store
from server.services import publishing
from tests import factories, programme
from tests.cast import Cast
from tests.chain import Chain, ask, codes, count_queries, url


@pytest.fixture
def chain(cast: Cast) -> Chain:
    return Chain(cast)


@pytest.mark.parametrize("query", [{}, {"region": True, "wave": True, "promise": True}])
def test_a_page_costs_the_same_queries_however_much_there_is(
    client: FlaskClient,
    cast: Cast,
    chain: Chain,
    query: dict[str, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "PATIENCE", 0)  # however slow the machine
    known = {
        "region": chain.italy.id,
        "wave": chain.spring.wave.id,
        "promise": chain.spring.promise.id,
    }
    names = {name: known[name] for name in query}
    alice = cast.alice
    ask(client, cast, alice, **names)
    before = count_queries(lambda: ask(client, cast, alice, **names))
    for number in range(10):
        store = programme.store(cast.brand.id, f"X{number}", region_id=chain.south.id)
        factories.promise(cast.brand.id)
        chain.visit(store, number % 5, day=datetime(2026, 1 + number, 2, tzinfo=UTC))
    publishing.publish(cast.brand.id)
    assert len(ask(client, cast, alice, **names)["items"]) == 13
    assert count_queries(lambda: ask(client, cast, alice, **names)) == before
    # Who asks, the ranking, its rows; with filters what they name, and whether all still holds.
    assert before == (7 if query else 3)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("rank", ["MI", "TO", "RM"]),
        ("-rank", ["RM", "TO", "MI"]),
        ("name", ["MI", "RM", "TO"]),
        ("-n_visits", ["RM", "MI", "TO"]),
        ("adjusted_mean", ["RM", "MI", "TO"]),
        ("change", ["MI", "TO", "RM"]),
    ],
)
def test_the_order_can_be_chosen_and_is_kept_over_pages(
    client: FlaskClient, cast: Cast, chain: Chain, sort: str, expected: list[str]
) -> None:
    first = ask(client, cast, cast.bob, sort=sort, limit=2)
    chain.visit(chain.naples, 4)
    publishing.publish(cast.brand.id)  # which the cursor's ranking knows nothing of
    second = ask(client, cast, cast.bob, sort=sort, limit=2, cursor=first["next_cursor"])
    assert codes(first) + codes(second) == expected
    assert second["ranking_id"] == first["ranking_id"]
    assert second["next_cursor"] is None


def test_a_cursor_opens_no_ranking_of_others(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=chain.north.id)
    cursor = ask(client, cast, cast.alice, limit=1)["next_cursor"]
    for query in ({"cursor": cursor}, {"cursor": cursor, "region": chain.north.id}):
        refused = client.get(url(cast), query_string=query, headers=rita.headers)
        assert refused.status_code == 422


def test_stores_are_grouped_by_what_they_are(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    def groups(by: str) -> list[tuple[Any, ...]]:
        query = {"by": by}
        answer = client.get(
            url(cast, "rankings/groups"), query_string=query, headers=cast.bob.headers
        ).json
        return [
            (item["name"], item["n_stores"], item["n_visits"], item["raw_mean"])
            for item in answer["items"]
        ]

    assert groups("ownership") == [("franchise", 1, 2, 75.0), ("direct", 2, 5, 50.0)]
    assert groups("format") == [("flagship", 1, 2, 75.0), (None, 2, 5, 50.0)]
    assert [group[0] for group in groups("region")] == ["North", "Piedmont", "South"]


def test_competitors_are_ranked_where_they_are_asked_for(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    Store.update(ownership="competitor").where(Store.id == chain.rome.id).execute()
    assert codes(ask(client, cast, cast.alice)) == ["MI", "TO"]
    assert codes(ask(client, cast, cast.alice, ownership="competitor")) == ["RM"]


def test_any_dimension_ranks(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    answer = ask(client, cast, cast.alice, measure="section:all")
    assert [item["raw_mean"] for item in answer["items"]] == [75.0, 75.0, 25.0]
    assert ask(client, cast, cast.alice, measure="stage:buy")["items"] == []  # none was seen yet
    wrong = ("item@x:q1", "tally:nps", "mood", "Mood:x", "mood:calm", "section:none", "stage:x")
    for query in [*({"measure": one} for one in wrong), {"format": "kiosk"}]:
        refused = client.get(url(cast), query_string=query, headers=cast.alice.headers)
        assert refused.status_code == 422, query
        assert refused.json["errors"][0]["pointer"] in query


def test_the_method_is_explained_to_everybody(client: FlaskClient, cast: Cast) -> None:
    link = ask(client, cast, cast.alice)["method"]
    told = client.get(link)
    assert told.json["version"] == "3"
    assert any("expected_rank" in step for step in told.json["steps"])
    assert client.get("/v1/methods/0").status_code == 404
    assert [each["version"] for each in client.get("/v1/methods").json["items"]] == ["1", "2", "3"]
