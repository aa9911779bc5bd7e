"""Promises given those that they depend on, wherever a promise's score is shown."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain.actor import Role
from server.figures import pages
from server.figures.pages import Report, Table
from server.models import Ranking, VisitScore
from server.services import booklets, figures, publishing, sums
from tests import factories
from tests.api.house import House, get
from tests.cast import Cast, Person


def clear(promises: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [one for one in promises if one["adjective"] == "clear"]
    return found


def download(client: FlaskClient, cast: Cast, path: str, who: Person | None = None) -> bytes:
    url = f"/v1/brands/{cast.brand.id}/{path}"
    answered = client.get(url, headers=(who or cast.alice).headers)
    assert answered.status_code == 200, answered.text
    return answered.get_data()


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def reports_of(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch, *paths: str
) -> list[Report]:
    """What pages are drawn from: their text is glyphs by number."""
    drawn: list[Report] = []
    monkeypatch.setattr(booklets, "pdf", lambda report: drawn.append(report) or pages.pdf(report))
    for path in paths:
        assert download(client, cast, path).startswith(b"%PDF-")
    return drawn


def part(report: Report, title: str) -> Table:
    """One of its tables."""
    (found,) = [one for one in report.parts if isinstance(one, Table) and title in one.title]
    return found


def test_a_ranking_tells_it_of_each_store_and_of_all(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    warm = [house.spring.promise.id]
    answer = get(client, cast, "rankings")
    by_code = {one["store"]["code"]: clear(one["promises"]) for one in answer["items"]}
    alone = get(client, cast, "rankings", measure=f"promise_given:{house.clear.id}")
    for one in alone["items"]:
        given = by_code[one["store"]["code"]]["given"]
        assert given["depends_on"] == warm
        assert (given["score"], given["raw_mean"], given["n"], given["interval"]) == (
            one["adjusted_mean"], one["raw_mean"], one["n_visits"], one["interval95"],
        )  # fmt: skip
        assert given["raw_mean"] == 87.5
    rome = by_code["RM"]["given"]
    assert (rome["score"], rome["interval"], rome["n"]) == (None, None, 0)
    head = clear(answer["promises"])["given"]
    assert (head["depends_on"], head["raw_mean"], head["n"]) == (warm, 87.5, 4)
    assert clear(answer["promises"])["raw_mean"] < head["raw_mean"]
    other = [one for one in answer["promises"] if one["adjective"] != "clear"]
    assert [one["given"] for one in other] == [None]


def test_a_part_of_a_published_ranking_tells_it_too(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    get(client, cast, "rankings")
    now = clock.now().isoformat()
    answer = get(client, cast, "rankings", region=house.north.id, as_of=now)
    assert clear(answer["promises"])["given"]["n"] == 4
    assert {clear(one["promises"])["given"]["n"] for one in answer["items"]} == {2}
    regina = cast.person("regina", Role.REGIONAL_MANAGER, region_id=house.north.id)
    below = get(client, cast, "rankings", regina)
    for one in below["items"]:
        given = clear(one["promises"])["given"]
        # Two shoppers: what is told rests on the store's own visits.
        assert (one["few_shoppers"], given["raw_mean"]) == (True, 87.5)
    whole = get(client, cast, "rankings", regina, as_of=now)
    theirs = [clear(one["promises"])["given"] for one in below["items"]]
    assert [clear(one["promises"])["given"] for one in whole["items"]] == theirs


def test_a_ranking_that_was_kept_before_tells_none(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    get(client, cast, "rankings")
    (ranking,) = Ranking.select()
    for promise in ranking.head["promises"]:
        del promise["given"]
    ranking.save(only=["head"])
    answer = get(client, cast, "rankings")
    assert clear(answer["promises"])["given"] is None
    (first, *_) = lines(download(client, cast, "rankings.csv"))
    assert "clear score" in first
    assert "clear given_score" not in first
    assert publishing.publish(cast.brand.id) is None


def test_tables_and_workbook_have_columns_of_it(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    answer = get(client, cast, "rankings")
    given = {one["store"]["code"]: clear(one["promises"])["given"] for one in answer["items"]}
    rows = lines(download(client, cast, "rankings.csv"))
    assert "enthusiastic given_score" not in rows[0]
    for row in rows:
        told = given[row["store_code"]]
        assert row["clear given_n"] == str(told["n"])
        assert row["clear given_score"] == ("" if told["score"] is None else str(told["score"]))
        low = "" if told["interval"] is None else str(told["interval"][0])
        assert row["clear given_interval_low"] == low
    opened = openpyxl.load_workbook(io.BytesIO(download(client, cast, "rankings.xlsx")))
    header, *found = opened["Promises"].iter_rows(values_only=True)
    (told,) = [dict(zip(header, row, strict=True)) for row in found if row[0] == "clear"]
    assert (told["given_raw_mean"], told["given_n"]) == (87.5, 4)
    header, *found = opened["Promises by store"].iter_rows(values_only=True)
    by_store = {row[0]: dict(zip(header, row, strict=True)) for row in found}
    assert by_store["MI"]["clear given_score"] == given["MI"]["score"]
    assert "given" in {row[0] for row in opened["Notes"].iter_rows(values_only=True)}


def test_the_columns_are_those_of_the_docs(client: FlaskClient, cast: Cast, house: House) -> None:
    text = (Path(__file__).parents[2] / "docs/figures.md").read_text()
    part = text[text.index("| `gaps.csv` |") : text.index("The sheet Promises by store")]
    cells = [row.split("|")[1:3] for row in part.splitlines()[2:] if row]
    told = [
        [name for cell in column for name in re.findall("`(.+?)`", cell)]
        for column in zip(*cells, strict=True)
    ]
    gaps, rankings = (
        list(lines(download(client, cast, path))[0])
        for path in ("figures/gaps.csv", "rankings.csv")
    )
    assert gaps == ["promise_id", "adjective", *told[0]]
    assert [name for name in rankings if name.startswith("clear ")] == told[1]


def test_a_new_dependency_tells_nothing_until_its_version_is_visited(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(cast)
    milan, warm = house.stores[0], house.clear.depends_on
    bad = {"greeted": False, "fast": True}

    def told() -> list[Any]:
        """Of figures and the ranking, of a store's and all: None, or how many visits tell."""
        publishing.publish(cast.brand.id)
        page, ranking = get(client, cast, "figures"), get(client, cast, "rankings")
        found = [page["promises"], ranking["promises"], ranking["items"][0]["promises"]]
        given = [clear(promises)["given"] for promises in found]
        rows = {one["adjective"]: one for one in lines(download(client, cast, "figures/gaps.csv"))}
        table = lines(download(client, cast, "rankings.csv"))[0]
        numbers = [one and f"{one['n']} of {one['of']}" for one in given]
        for row, name in ((rows["clear"], "given_"), (table, "clear given_")):
            cells = row.get(f"{name}n"), row.get(f"{name}of")
            numbers.append("{} of {}".format(*cells) if any(cells) else None)
        return numbers

    for depends_on, expected in (([], [None] * 5), (warm, ["0 of 1"] * 5)):
        house.clear.depends_on = depends_on
        house.spring.version = house._version(cast.brand.id)
        house.spring.wave = house.spring.another_wave("Next")
        house.visit(milan, bad)
        assert told() == expected
    house.visit(milan, bad | {"greeted": True})
    # The visit of the version without the dependency could not have kept it.
    assert told() == ["1 of 2"] * 5
    assert clear(get(client, cast, "figures")["promises"])["n"] == 3
    (drawn,) = reports_of(client, cast, monkeypatch, f"stores/{milan.id}/report.pdf")
    assert [row[-1] for row in part(drawn, "depend on others").rows] == ["1 of 2"]


def test_visits_scored_before_it_was_counted_leave_open_of_how_many(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    (first, *_) = VisitScore.select().where(VisitScore.store_id == house.stores[0].id)
    first.tallies = {name: n for name, n in first.tallies.items() if not name.startswith("dep")}
    first.save(only=["tallies"])
    sums.rebuild(cast.brand.id)
    publishing.publish(cast.brand.id)
    answer = get(client, cast, "rankings")
    of = {one["store"]["code"]: clear(one["promises"])["given"]["of"] for one in answer["items"]}
    assert of == {"MI": None, "TO": 2, "RM": 2}
    assert clear(answer["promises"])["given"]["of"] is None
    assert clear(get(client, cast, "figures")["promises"])["given"]["of"] is None


def test_a_store_s_promises_are_the_same_everywhere(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=house.stores[2].id)
    for store, who in ((house.stores[0], None), (house.stores[2], None), (house.stores[2], sara)):
        path = f"stores/{store.id}/figures"
        page = get(client, cast, path, who)
        ranked = {one["promise_id"]: one for one in page["ranking"]["promises"]}
        assert len(page["promises"]) == 2
        for one in page["promises"]:
            other, given = ranked[one["promise_id"]], one["given"]
            for name in ("score", "gap", "n", "raw_mean"):
                assert one[name] == other[name], name
            assert one["interval95"] == other["interval"]
            assert (given is None) == (other["given"] is None)
            assert given is None or given["score"] == other["given"]["score"]
            assert given is None or given["interval95"] == other["given"]["interval"]
        assert any(one["score"] != one["raw_mean"] for one in page["promises"])
        table = lines(download(client, cast, f"{path}/gaps.csv", who))
        told = [(row["adjective"], float(row["score"]), float(row["gap"])) for row in table]
        assert told == [(one["adjective"], one["score"], one["gap"]) for one in page["promises"]]


def test_dependencies_are_those_that_visits_were_scored_with(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    warm = house.spring.promise
    clear(get(client, cast, "rankings")["promises"])
    other = factories.promise(cast.brand.id, adjective="calm")

    def told() -> list[Any]:
        """In the figures, the head and the items of a ranking, and a store's figures."""
        publishing.publish(cast.brand.id)
        ranking = get(client, cast, "rankings")
        page = get(client, cast, f"stores/{house.stores[0].id}/figures")["promises"]
        found = [get(client, cast, "figures")["promises"], ranking["promises"], page]
        found.append(ranking["items"][0]["promises"])
        return [clear(promises)["given"]["depends_on"] for promises in found]

    for depends_on in ([other.id], []):
        house.clear.depends_on = depends_on
        house.clear.save()
        figures.changed(cast.brand.id)
        assert told() == [[warm.id]] * 4
    house.clear.depends_on = [other.id]
    house.spring.version = house._version(cast.brand.id)
    house.spring.wave = house.spring.another_wave("Next")
    house.visit(house.stores[0], {"greeted": True, "fast": True})
    assert told() == [[other.id]] * 4
    # As in the version that was visited last, though it depends on nothing now.
    house.clear.depends_on = []
    house.clear.save()
    figures.changed(cast.brand.id)
    assert told() == [[other.id]] * 4


@pytest.mark.parametrize("place", ["", "stores/{store}/"])
def test_the_table_of_gaps_has_it(
    client: FlaskClient, cast: Cast, house: House, place: str
) -> None:
    path = f"{place.format(store=house.stores[0].id)}figures/gaps.csv"
    rows = {one["adjective"]: one for one in lines(download(client, cast, path))}
    assert rows["enthusiastic"]["given_n"] == ""
    assert rows["clear"]["given_n"] == ("2" if place else "4")
    if place:
        items = get(client, cast, "rankings")["items"]
        (milan,) = [one for one in items if one["store"]["code"] == "MI"]
        given = clear(milan["promises"])["given"]
        assert float(rows["clear"]["given_score"]) == given["score"]
        assert float(rows["clear"]["given_interval95_high"]) == given["interval"][1]
    else:
        assert float(rows["clear"]["given_score"]) == 87.5


def test_the_pages_have_it(
    client: FlaskClient, cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = f"stores/{house.stores[0].id}/report.pdf", f"regions/{house.north.id}/report.pdf"
    found = reports_of(client, cast, monkeypatch, *paths)
    extras = [dict(report.facts)["Unexpected extras"] for report in found]
    milan = get(client, cast, f"stores/{house.stores[0].id}/figures")
    (low, high), rate = milan["glue"]["interval95"], milan["ranking"]["glue_rate"]
    assert rate != milan["glue"]["value"]
    assert extras[0] == (
        f"rate {rate:.0%}, as in the ranking; "
        f"in 50% of 2 visits ({low:.0%} to {high:.0%} with 95 %)"
    )
    assert extras[1].startswith("in 50% of 4 visits (")
    rows = [part(report, "depend on others").rows for report in found]
    assert [[(row[0], row[1], row[-1]) for row in one] for one in rows] == [
        [("clear", "enthusiastic", "2 of 2")],
        [("clear", "enthusiastic", "4 of 4")],
    ]
