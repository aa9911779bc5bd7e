"""Drivers, KPIs and outcomes."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.services import driving
from tests.api.house import House, get
from tests.cast import Cast


def test_drivers_share_out_what_varies_together(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    answer = get(client, cast, "drivers", outcome="nps", by="touchpoint")
    shares = {one["name"]: one["share"] for one in answer["shares"]}
    assert answer["n"] == 6
    assert shares["The welcome"] > shares["The till"] >= 0
    assert sum(shares.values()) == pytest.approx(answer["r2"], abs=1e-3)
    for one in answer["shares"]:
        assert one["interval95"][0] <= one["share"] <= one["interval95"][1]
    assert answer["adjusted_r2"] < answer["r2"]
    assert (answer["left_out"], answer["n_incomplete"], answer["why"]) == ([], 0, None)
    silent = get(client, cast, "drivers", outcome="sales")
    assert (silent["shares"], silent["why"]) == ([], "Nothing here has that outcome.")


def test_which_values_drive_can_be_chosen(client: FlaskClient, cast: Cast, house: House) -> None:
    by_item = get(client, cast, "drivers", outcome="nps", by="item", value=["greeted", "fast"])
    assert [one["value"] for one in by_item["shares"]] == ["fast", "greeted"]
    assert [one["value"] for one in by_item["left_out"]] == ["gift", "tell"]
    assert by_item["r2"] > 0.5
    of_item = get(client, cast, "drivers", outcome="item:fast", by="item")
    assert "fast" not in [one["value"] for one in of_item["shares"] + of_item["left_out"]]
    few = get(client, cast, "drivers", by="item", period="2026-04", value=["fast", "gift"])
    assert (few["r2"], few["n"]) == (None, 2)
    assert "2 of 2 have a score of each of the 2 values, and more than 3 must" in few["why"]
    url = f"/v1/brands/{cast.brand.id}/drivers"
    wrong: tuple[dict[str, Any], ...] = (
        {"by": "mood"},
        {"by": "item", "value": "none"},
        {"value": ["x"] * 13},
        {"by": "visit", "outcome": "visit"},  # what would explain itself
        {"by": "item", "outcome": "item:fast", "value": ["fast", "greeted"]},
    )
    for query in wrong:
        answer = client.get(url, query_string=query, headers=cast.alice.headers)
        assert answer.status_code == 422, query


def test_of_many_values_the_twelve_that_most_visits_tell_of_are_taken(cast: Cast) -> None:
    def scores(y: int) -> dict[str, float]:
        return {f"v{name:02}": float(y * name % 7) for name in range(15) if name < 13 or y > 20}

    rows = [(float(y), scores(y)) for y in range(30)]
    rows[0][1].pop("v03")
    answer = driving._answer(rows, "visit", "touchpoint", (), None)
    assert [one["value"] for one in answer["left_out"]] == ["v03", "v13", "v14"]
    assert (len(answer["shares"]), answer["n"]) == (12, 30)


def test_kpis_are_data_and_keep_what_they_were(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    url = f"/v1/brands/{cast.brand.id}/kpis"
    bands = [{"from": 80, "label": "good"}, {"to": 80, "label": "poor"}]
    body = {"name": "Welcome", "measure": f"touchpoint:{house.welcome.id}", "target": 80}
    made = client.post(url, json=body | {"bands": bands}, headers=cast.marta.headers)
    assert made.status_code == 201
    key = made.json["id"]
    reached = get(client, cast, f"kpis/{key}/figures", ownership="franchise")
    assert (reached["band"], reached["kpi_version"], reached["n_stores"]) == ("poor", 1, 1)
    low, high = reached["interval95"]
    assert low <= reached["value"] < high
    nowhere = client.post(url, json=body | {"measure": "mood:calm"}, headers=cast.marta.headers)
    assert nowhere.status_code == 422
    assert reached["gap"] == pytest.approx(reached["value"] - 80, abs=1e-3)
    headers = cast.marta.headers | {"If-Match": '"1"'}
    changed = client.patch(f"{url}/{key}", json={"target": 60}, headers=headers)
    assert changed.json["target"] == 60
    versions = get(client, cast, f"kpis/{key}/versions")["items"]
    assert [(one["version"], one["target"]) for one in versions] == [(1, 80.0), (2, 60.0)]
    assert client.post(url, json=body, headers=cast.bob.headers).status_code == 403
    overlapping = [{"to": 50, "label": "a"}, {"from": 40, "label": "b"}]
    refused = client.post(url, json=body | {"bands": overlapping}, headers=cast.marta.headers)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/bands/1"
    gone = client.delete(f"{url}/{key}", headers=cast.marta.headers | {"If-Match": '"2"'})
    assert gone.json["archived_at"] is not None


def test_outcomes_stand_beside_the_scores_and_can_be_driven(
    client: FlaskClient, cast: Cast, house: House
) -> None:
    url = f"/v1/brands/{cast.brand.id}/outcome-imports?kind=sales"
    lines = ["store;month;value", "MI;2026-03;900.5", "MI;2026-04;700", "TO;2026-03;800"]
    numbers = ("much", "nan", "1_000", "１２", "1e308")
    wrong = ["XX;2026-03;1", "RM;2026-3;1", *(f"RM;2026-03;{number}" for number in numbers)]
    wrong.append("MI;2026-03;7")
    for value in ("500", "450"):  # the second import takes the first one's place
        text = "\n".join([*lines, f"RM;2026-04;{value}", *wrong])
        headers = cast.marta.headers | {"Content-Type": "text/csv"}
        report = client.post(url, data=text.encode(), headers=headers).json
        assert (report["rows"], report["kept"]) == (12, 4)
        assert [one["line"] for one in report["refusals"]] == list(range(6, 14))
        assert report["refusals"][-1]["reason"].startswith("Repeats the store and month of line 2")
    seen: list[tuple[Any, ...]] = []
    query: dict[str, Any] = {"kind": "sales", "limit": 3}
    while True:
        page = get(client, cast, "outcomes", **query)
        seen += [
            (row["store_code"], row["month"], row["value"], row["score"]) for row in page["items"]
        ]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [
        ("MI", "2026-03", 900.5, 100.0),
        ("TO", "2026-03", 800.0, 87.5),
        ("MI", "2026-04", 700.0, 75.0),
        ("RM", "2026-04", 450.0, 0.0),
    ]
    url_of_all = f"/v1/brands/{cast.brand.id}/outcomes.csv?kind=sales"
    table = client.get(url_of_all, headers=cast.bob.headers).data.decode("utf-8-sig")
    header, *lines = table.splitlines()
    assert header == '"store_id","store_code","month","value","score","n"'
    assert lines[0].split(",", 1)[1] == '"MI","2026-03",900.5,100.0,1'
    assert len(lines) == 4
    driven = get(client, cast, "drivers", outcome="sales", by="facet")
    assert (driven["n"], driven["shares"][0]["value"]) == (4, "fact")
    assert driven["r2"] > 0.5
    headers = cast.bob.headers | {"Content-Type": "text/csv"}
    assert client.post(url, data=b"x", headers=headers).status_code == 403
