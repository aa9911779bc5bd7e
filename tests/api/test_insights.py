"""Figures of stores, comparisons, the matrix, coverage, NPS, drivers, KPIs and outcomes."""

import io
import math

import openpyxl
import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain.actor import Role
from server.models import Brand
from server.services import scores
from tests import programme
from tests.api.house import House, get
from tests.cast import Cast
from tests.programme import DAY, Programme

PATHS = ("figures", "comparison", "matrix", "coverage", "nps", "drivers", "kpis")


def test_bob_reads_and_charlie_and_sonia_do_not(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    paths = [*PATHS, f"stores/{house.stores[0].id}/figures", "outcomes?kind=sales"]
    for path in paths:
        url = f"/v1/brands/{cast.brand.id}/{path}"
        statuses = [
            client.get(url, headers=person.headers).status_code
            for person in (cast.bob, cast.charlie, cast.sonia)
        ]
        assert statuses == [200, 404, 403], path


def test_a_store_s_page(client: FlaskClient, cast: Cast, house: House) -> None:
    milan = house.stores[0]
    page = get(client, cast, f"stores/{milan.id}/figures")
    assert (page["store"]["code"], page["n_visits"], page["raw_mean"]) == ("MI", 2, 87.5)
    assert (page["ranking"]["of"], page["ranking"]["store"]["id"]) == (3, milan.id)
    assert [(one["month"], one["score"]) for one in page["trend"]] == [
        ("2026-03", 100.0),
        ("2026-04", 75.0),
    ]
    assert [(one["adjective"], one["raw_mean"]) for one in page["promises"]] == [
        ("clear", 87.5),
        ("enthusiastic", 100.0),
    ]
    by = {one["dimension"]: one["values"] for one in page["dimensions"]}
    assert {"stage", "channel", "touchpoint", "promise", "force", "facet"} <= by.keys()
    assert by["force"] == [
        {"value": "control", "name": "control", "score": 50.0}
        | {"interval95": [0.0, 100.0], "n": 2}
    ]
    heat = {row["name"]: [cell["score"] for cell in row["months"]] for row in page["heat"]}
    assert heat == {"The welcome": [100.0, 100.0], "The till": [100.0, 0.0]}
    assert (page["nps"]["score"], page["nps"]["promoters"], page["nps"]["n"]) == (50.0, 1, 2)
    (mend,) = page["mend_first"]
    # The till's item weighs 1 of 4, and failed in one of two visits: 100 · ¼ · ½.
    assert (mend["item_key"], mend["cost"], mend["touchpoint"]) == ("fast", 12.5, "The till")
    assert [(one["month"], one["text"]) for one in page["verbatims"]] == [
        ("2026-04", "A long queue.")
    ]
    assert [one["week"] for one in page["verbatims"]] == [None]
    assert page["glue"]["value"] == 0.5
    drivers = page["drivers"]
    assert (drivers["outcome"], drivers["by"], drivers["n"], drivers["r2"]) == (
        "nps", "promise", 2, None,
    )  # fmt: skip
    assert drivers["why"].startswith("2 of 2 have a score of each of the 2 values")
    march = get(client, cast, f"stores/{milan.id}/figures", period="2026-03")
    assert (march["n_visits"], march["verbatims"]) == (1, [])


def test_an_item_of_two_versions_is_to_mend_once(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    milan = house.stores[0]
    house.spring.version = house._version(cast.brand.id)
    house.spring.wave = house.spring.another_wave("Next")
    for answers in ({"greeted": True, "fast": False}, {"greeted": False, "fast": True}):
        house.visit(milan, answers)
    page = get(client, cast, f"stores/{milan.id}/figures")
    told = {
        one["item_key"]: (one["score"], one["n"], one["cost"], one["checklist_version_id"])
        for one in page["mend_first"]
    }
    # Of four visits one had no greeting (¾ of the weight), two were slow: 100 · ¾ · ¼, 100 · ¼ · ½.
    latest = house.spring.version.id
    assert told == {"greeted": (75.0, 4, 18.75, latest), "fast": (50.0, 4, 12.5, latest)}
    assert [one["item_key"] for one in page["mend_first"]] == ["greeted", "fast"]


def test_a_brand_may_tell_weeks(client: FlaskClient, cast: Cast, house: House) -> None:
    Brand.update(times_shown="week").where(Brand.id == cast.brand.id).execute()
    (said,) = get(client, cast, f"stores/{house.stores[0].id}/figures")["verbatims"]
    assert (said["month"], said["week"]) == ("2026-04", "2026-W15")


def test_a_page_says_nothing_of_shoppers_or_hours(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    url = f"/v1/brands/{cast.brand.id}/stores/{house.stores[0].id}/figures"
    text = client.get(url, headers=cast.alice.headers).text
    for secret in ("shopper_id", "severit", "device", "2026-04-10", str(int(DAY.timestamp()))):
        assert secret not in text


def test_managers_see_what_is_theirs(client: FlaskClient, cast: Cast, house: House) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=house.north.id)
    milan, _, rome = house.stores
    assert get(client, cast, "figures", rita)["n_visits"] == 4
    assert get(client, cast, "coverage", rita)["n_visits"] == 4
    assert get(client, cast, f"stores/{milan.id}/figures", rita)["ranking"]["of"] == 2
    refused = client.get(
        f"/v1/brands/{cast.brand.id}/stores/{rome.id}/figures", headers=rita.headers
    )
    assert refused.status_code == 404
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=rome.id)
    assert get(client, cast, "nps", sara)["nps"]["detractors"] == 2


def test_the_matrix_says_where_a_promise_is_kept(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    rows = {row["adjective"]: row for row in get(client, cast, "matrix")["items"]}
    cells = {cell["name"]: cell["score"] for cell in rows["clear"]["touchpoints"]}
    assert cells == {"The welcome": pytest.approx(66.667), "The till": 50.0}
    assert rows["clear"]["coherence"] == pytest.approx(1 - 2 * (100 / 6 / 2) / 100, abs=1e-3)
    assert rows["enthusiastic"]["coherence"] == 1.0


def test_a_promise_is_told_of_the_visits_that_kept_what_it_depends_on(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    warm = [house.spring.promise.id]
    rows = {row["adjective"]: row for row in get(client, cast, "matrix")["items"]}
    assert rows["enthusiastic"]["given"] is None
    # Two visits of 100 and two of 75; where nobody was greeted, warmth was not kept.
    told = {"depends_on": warm, "score": 87.5, "interval95": [64.533, 100.0], "n": 4, "of": 6}
    assert rows["clear"]["given"] == told
    assert rows["clear"]["score"] == 62.5
    rome = get(client, cast, f"stores/{house.stores[2].id}/figures")["promises"]
    given = next(one["given"] for one in rome if one["adjective"] == "clear")
    assert (given["score"], given["n"]) == (None, 0)
    ranked = get(client, cast, "rankings", measure=f"promise_given:{house.clear.id}")
    assert {one["store"]["code"]: one["n_visits"] for one in ranked["items"]} == {"MI": 2, "TO": 2}


def test_of_no_visits_nothing_is_said_to_be_0(client: FlaskClient, cast: Cast) -> None:
    house = House(cast)
    never = get(client, cast, "rankings")
    assert (never["mu"], set(never["variances"].values())) == (None, {None})
    url = f"/v1/brands/{cast.brand.id}/rankings.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(client.get(url, headers=cast.alice.headers).data))
    notes = dict(row[:2] for row in book["Notes"].iter_rows(values_only=True))
    assert notes["mu"] == "none"
    part = get(client, cast, "rankings", region=house.north.id, as_of=clock.now().isoformat())
    assert (part["mu"], part["items"]) == (None, [])
    house.visit(house.stores[0], {"greeted": True, "fast": False})
    house.visit(house.stores[1], {"greeted": False, "fast": True})
    before = get(client, cast, "rankings", period="2020-01")
    assert (before["mu"], before["rankability"], before["mean"]) == (None, None, None)
    assert None not in before["variances"].values()  # fitted to what the brand has elsewhere
    assert get(client, cast, "rankings", period="2026-03")["mu"] == 50.0


def test_coverage_names_what_no_visit_tells_of(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    answer = get(client, cast, "coverage")
    unseen = [one["name"] for one in answer["touchpoints"] if one["last_month"] is None]
    assert "The window" in unseen
    assert "The till" not in unseen
    told = {one["stage"]: one["n"] for one in answer["stages"]}
    assert (told["buy"], told["discover"], len(told)) == (6, 0, 6)


def test_comparisons(client: FlaskClient, cast: Cast, house: House) -> None:
    answer = get(client, cast, "comparison", ownership="franchise", with_ownership="direct")
    assert (answer["one"]["n_stores"], answer["other"]["n_stores"]) == (1, 2)
    assert answer["difference"]["delta"] < 0
    low, high = answer["difference"]["interval95"]
    assert low < answer["difference"]["delta"] < high
    assert {one["adjective"] for one in answer["promises"]} == {"clear", "enthusiastic"}
    for promise in answer["promises"]:
        low, high = promise["interval95"]
        assert low < promise["delta"] < high
        assert promise["se"] > 0
    sides = [get(client, cast, "rankings", ownership=name) for name in ("franchise", "direct")]
    for side in sides:
        for promise in side["promises"]:
            low, high = promise["interval95"]
            assert low <= promise["score"] <= high
            assert low < high
    # The measure's own mean, as a promise: it is as sure as the head says.
    of_clear = get(client, cast, "rankings", promise=house.clear.id)
    (clear,) = [one for one in of_clear["promises"] if one["promise_id"] == house.clear.id]
    reach = 1.96 * of_clear["mean_se"]
    ends = [max(of_clear["mean"] - reach, 0), min(of_clear["mean"] + reach, 100)]
    assert clear["interval95"] == pytest.approx(ends, abs=0.01)
    assert clear["given"]["interval95"][0] < clear["given"]["score"]
    nobody = get(client, cast, "comparison", period="2020-01", with_period="2026-03")
    assert nobody["difference"] is None
    own = [side["mean_se"] for side in (answer["one"], answer["other"])]
    assert 0 < answer["difference"]["se"] < math.hypot(*own)  # μ is in both
    itself = get(client, cast, "comparison")["difference"]
    assert (itself["delta"], itself["se"], itself["interval95"]) == (0, 0, [0, 0])
    overlap = get(client, cast, "comparison", with_ownership="direct")
    both = [side["mean_se"] for side in (overlap["one"], overlap["other"])]
    assert overlap["difference"]["se"] == pytest.approx(math.hypot(*both), abs=0.001)


def test_where_all_visits_are_equal_a_difference_has_no_error(
    client: FlaskClient, cast: Cast
) -> None:
    spring = Programme(cast.brand)
    for code, ownership in (("A", "direct"), ("B", "franchise")):
        store = programme.store(cast.brand.id, code, ownership=ownership)
        scores.count(spring.revision(store, programme.passed(3), shopper_id=code).id)
    answer = get(client, cast, "comparison", ownership="franchise", with_ownership="direct")
    assert [answer[side]["mean_se"] for side in ("one", "other")] == [None, None]
    assert answer["difference"] == {
        "delta": 0, "se": None, "interval95": None, "z": None, "significant": False,
    }  # fmt: skip
