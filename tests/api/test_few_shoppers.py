"""What stores and regions are answered where few shoppers visited: never a shopper's severity
(docs/decisions/0007-few-shoppers.md). And places among all stores, and parts of old rankings."""

import csv
import io
import itertools
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain.actor import Role
from server.models import RankedStore, Ranking
from server.services import publishing, scores
from tests import programme
from tests.cast import Cast, Person
from tests.chain import ask, url
from tests.programme import Programme, passed

Row = dict[str, Any]


class World:
    """Twelve stores, half in the north. One shopper visits S0 and S6, two S1 and S7, and the others
    are visited by three. Of them "harsh" gives two points of four less than anybody."""

    def __init__(self, cast: Cast) -> None:
        brand_id = cast.brand.id
        self.spring = Programme(cast.brand)
        self.north = programme.region(brand_id, "North")
        self.stores = [
            programme.store(
                brand_id, f"S{number:02}", region_id=self.north.id if number < 6 else None
            )
            for number in range(12)
        ]
        for number, store in enumerate(self.stores):
            people = {0: ("harsh", "harsh"), 1: ("harsh", "a")}.get(number % 6, ("harsh", "a", "b"))
            for turn, shopper in enumerate(people):
                strict = 2 * (shopper == "harsh")
                result = 4 - number // 6 - strict - (turn * (number + 1) % 5 == 1)
                revision = self.spring.revision(store, passed(result), shopper_id=shopper)
                scores.count(revision.id)
        publishing.publish(brand_id)


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


@pytest.fixture
def rita(cast: Cast, world: World) -> Person:
    return cast.person("rita", Role.REGIONAL_MANAGER, region_id=world.north.id)


@pytest.fixture
def sara(cast: Cast, world: World) -> Person:
    return cast.person("sara", Role.STORE_MANAGER, store_id=world.stores[0].id)


def severity(row: Row, mu: float) -> float:
    """The mean severity of a store's shoppers, as whoever reads its figures would work it out."""
    return row["raw_mean"] - (mu + (row["adjusted_mean"] - mu) / row["reliability"])


def rows_of(client: FlaskClient, cast: Cast, who: Person, **query: Any) -> tuple[list[Row], float]:
    answer = ask(client, cast, who, **query)
    return answer["items"], answer["mu"]


def get(client: FlaskClient, cast: Cast, path: str, who: Person, **query: Any) -> Any:
    answer = client.get(url(cast, path), query_string=query, headers=who.headers)
    assert answer.status_code == 200, answer.json
    return answer


def test_the_brand_s_own_figures_are_complete(
    client: FlaskClient, cast: Cast, world: World
) -> None:
    """So the attack below would work on them."""
    rows, mu = rows_of(client, cast, cast.alice, sort="code")
    assert severity(rows[0], mu) < -20
    assert [row["few_shoppers"] for row in rows[:3]] == [True, True, False]


def test_severity_cannot_be_worked_out_below_the_brand(
    client: FlaskClient, cast: Cast, world: World, rita: Person, sara: Person
) -> None:
    later = {"as_of": (clock.now() + timedelta(minutes=1)).isoformat()}
    march = {"period": "2026-03"}
    queries = ({}, later, march, march | later, {"measure": "section:all"})
    for who, query in itertools.product((rita, sara), queries):
        rows, mu = rows_of(client, cast, who, **query)
        few = [row for row in rows if row["few_shoppers"]]
        assert len(few) == (2 if who is rita else 1)
        for row in few:
            assert severity(row, mu) == pytest.approx(0, abs=0.2)
        low, high = few[0]["interval95"]
        assert high - low > 10  # severity is a part of what is not known


def test_nor_by_two_selections_that_differ_by_one_shopper(
    client: FlaskClient, cast: Cast, world: World, rita: Person
) -> None:
    """Three people in the first wave, and "c" in the second: n and mean severity of each give
    c's. Below the brand one view alone takes severity out, so there is nothing to subtract."""
    store = next(store for store in world.stores if store.code == "S03")
    first, second = (world.spring.another_wave(name) for name in ("First", "Second"))
    for other in (store, *world.stores[8:]):
        for shopper in ("harsh" if other is store else "d", "a", "b", "c"):
            wave = second if shopper == "c" else first
            result = passed(1 if shopper == "harsh" else 3)
            scores.count(world.spring.revision(other, result, shopper_id=shopper, wave=wave).id)
    queries = ({"wave": first.id}, {"period": "2026-03"}, {"measure": "section:all"})
    for who, query in itertools.product((rita, cast.alice), queries):
        rows, mu = rows_of(client, cast, who, **query)
        told = next(row for row in rows if row["store"]["code"] == store.code)
        assert told["few_shoppers"] is False
        if who is rita:
            assert severity(told, mu) == pytest.approx(0, abs=0.2)
            assert told["comparable_block"] is None
        else:
            assert abs(severity(told, mu)) > 2
    assert "own visits as they are" in ask(client, cast, rita, period="2026-03")["warnings"][0]


def test_who_visited_two_stores_alone_is_not_told(
    client: FlaskClient, cast: Cast, world: World, rita: Person
) -> None:
    single = programme.region(cast.brand.id, "Pair")
    pair = [programme.store(cast.brand.id, f"P{n}", region_id=single.id) for n in range(2)]
    for store in pair:
        scores.count(world.spring.revision(store, passed(3), shopper_id="hermit").id)
    pat = cast.person("pat", Role.REGIONAL_MANAGER, region_id=single.id)
    publishing.publish(cast.brand.id)
    answer = ask(client, cast, pat)
    assert [(row["n_shoppers"], row["comparable_block"]) for row in answer["items"]] == [
        (1, None)
    ] * 2
    assert not any("blocks" in said for said in answer["warnings"])
    blocks = {
        row["store"]["code"]: row["comparable_block"] for row in rows_of(client, cast, rita)[0]
    }
    assert [blocks[code] for code in ("S00", "S01", "S02")] == [None, None, 1]
    whole = {row["store"]["code"]: row["comparable_block"]
             for row in rows_of(client, cast, cast.alice)[0]}  # fmt: skip
    assert whole["P0"] == whole["P1"] == 2


def test_nor_from_a_file_a_page_or_a_comparison(
    client: FlaskClient, cast: Cast, world: World, rita: Person, sara: Person
) -> None:
    rows, mu = rows_of(client, cast, rita, sort="code")
    told = rows[0]["adjusted_mean"]
    table = get(client, cast, "rankings.csv", rita).data.decode("utf-8-sig")
    lines = {row["store_code"]: row for row in csv.DictReader(io.StringIO(table, newline=""))}
    assert float(lines["S00"]["adjusted_mean"]) == told
    book = openpyxl.load_workbook(io.BytesIO(get(client, cast, "rankings.xlsx", rita).data))
    header = [cell.value for cell in book["Ranking"][1]]
    column = header.index("adjusted_mean")
    assert told in {row[column] for row in book["Ranking"].iter_rows(values_only=True)}
    for who, query in ((rita, {}), (sara, {}), (sara, {"period": "2026-03"})):
        path = f"stores/{world.stores[0].id}/figures"
        place = get(client, cast, path, who, **query).json["ranking"]
        assert place["adjusted_mean"] == pytest.approx(told, abs=0.001)
        assert severity(place, mu) == pytest.approx(0, abs=0.2)
        assert place["promises"] == rows[0]["promises"]
    side = get(client, cast, "comparison", sara, with_period="2026-03").json
    assert side["one"]["mean"] == side["other"]["mean"] == pytest.approx(told, abs=0.001)
    group = get(client, cast, "rankings/groups", sara, by="format").json["items"][0]
    assert group["adjusted_mean"] == pytest.approx(told, abs=0.001)


def test_a_store_s_page_has_its_place_among_all_and_names_no_other(
    client: FlaskClient, cast: Cast, world: World, sara: Person
) -> None:
    path = f"stores/{world.stores[0].id}/figures"
    for query in ({}, {"period": "2026-03"}):
        answer = get(client, cast, path, sara, **query)
        place = answer.json["ranking"]
        assert (place["of"], place["rank"] in range(1, 13)) == (12, True)
        assert not any(store.id in answer.text for store in world.stores[1:])
    of_region = get(client, cast, path, sara, region=world.north.id).json["ranking"]
    assert (of_region["of"], of_region["rank"]) == (0, None)  # six are too few to be told
    pages = get(client, cast, f"stores/{world.stores[0].id}/report.pdf", sara)
    assert pages.data.startswith(b"%PDF-")


def test_a_part_of_an_old_ranking_is_what_it_was(
    client: FlaskClient, cast: Cast, world: World, rita: Person
) -> None:
    north = {"region": world.north.id}
    before = rows_of(client, cast, cast.alice, **north)[0]
    below = rows_of(client, cast, rita)[0]
    moment = Ranking.select().where(Ranking.number == 1).get().computed_at
    for store in world.stores[:3]:
        scores.count(world.spring.revision(store, passed(0), shopper_id="a").id)
    publishing.publish(cast.brand.id)
    assert rows_of(client, cast, cast.alice, **north)[0] != before
    for who, query, expected in ((cast.alice, north, before), (rita, {}, below)):
        head = ask(client, cast, who, **query, as_of=moment.isoformat(), limit=2)
        assert (head["number"], head["n_stores"], head["n_stores_without_visits"]) == (1, 6, None)
        second = ask(client, cast, who, **query, as_of=moment.isoformat(),
                     cursor=head["next_cursor"])  # fmt: skip
        for row, was in zip(head["items"] + second["items"], expected, strict=True):
            for name in row.keys() - {"computed_at"}:
                assert row[name] == was[name], name
            assert row["computed_at"] == head["computed_at"]
    assert Ranking.select().where(Ranking.number.is_null(False)).count() == 2


def test_what_was_never_asked_for_says_what_can_be_had(
    client: FlaskClient, cast: Cast, world: World
) -> None:
    now = clock.now().isoformat()
    query = {"as_of": now, "wave": world.spring.wave.id}
    answer = client.get(url(cast), query_string=query, headers=cast.alice.headers)
    assert answer.status_code == 404
    assert "parts by region, format and ownership" in answer.json["detail"]
    query = {"as_of": now, "ownership": "competitor"}
    answer = client.get(url(cast), query_string=query, headers=cast.alice.headers)
    assert (answer.status_code, "competitors" in answer.json["detail"]) == (404, True)
    RankedStore.update(kept=None).execute()
    query = {"as_of": now, "region": world.north.id}
    answer = client.get(url(cast), query_string=query, headers=cast.alice.headers)
    assert (answer.status_code, "keeps too little" in answer.json["detail"]) == (404, True)
