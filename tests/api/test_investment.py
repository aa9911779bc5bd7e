"""/v1/brands/{brand}/investment: fees, imports and scores beside each other."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.actor import Role
from server.models import Assignment, Outcome, Report, Store
from server.services import editing
from server.services.investment import COLUMNS
from tests.api.test_exports import book, rows
from tests.cast import Cast
from tests.chain import Chain, count_queries, url
from tests.programme import DAY


@pytest.fixture
def chain(cast: Cast) -> Chain:
    """With a visit to Milan in February, fees in Milan, and sales."""
    made = Chain(cast)
    made.visit(made.milan, 2, day=DAY - timedelta(days=28))
    paid = Assignment.update(fee=2500, currency="EUR")
    paid.where(Assignment.store_id == made.milan.id).execute()
    for store, kind, month, value in (
        (made.milan, "sales", "2026-02", 1000.0), (made.milan, "sales", "2026-03", 1100.0),
        (made.milan, "costs", "2026-03", 30.0), (made.turin, "sales", "2026-03", 400.0),
    ):  # fmt: skip
        Outcome.create(
            brand_id=cast.brand.id, kind=kind, month=month, store_id=store.id, value=value,
            imported_at=DAY,
        )  # fmt: skip
    return made


def get(client: FlaskClient, cast: Cast, ending: str = "", **query: Any) -> Any:
    path = url(cast, f"investment{ending}")
    answer = client.get(path, query_string=query, headers=cast.bob.headers)
    assert answer.status_code == 200, answer.text
    return answer


def named(answer: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["place_code"], row["from"]): row for row in answer["items"]}


def test_by_store_and_month(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    answer = get(client, cast, period="2026-02..2026-03", by="store").json
    assert (answer["currency"], len(answer["items"])) == ("EUR", 8)
    found = named(answer)
    march = found["MI", "2026-03"]
    assert (march["fees"], march["n_fees"], march["costs"], march["cost"]) == (50.0, 2, 30.0, 80.0)
    assert (march["cost_change"], march["sales_change"]) == (55.0, 100.0)
    assert (march["score"], march["n"], march["score_change"]) == (75.0, 2, 25.0)
    assert found["TO", "2026-03"]["sales"] == 400.0
    assert found["TO", "2026-03"]["sales_change"] is None
    assert found["RM", "2026-03"]["n_fees"] == 0
    assert any("do not prove" in note for note in answer["notes"])


def test_by_region_over_a_period(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    found = get(client, cast, period="2026-03", over="period").json["items"]
    assert [row["place_name"] for row in found] == ["North", "Piedmont", "South"]
    whole = get(client, cast, period="2026-03", by="all").json["items"]
    assert [(row["n_stores"], row["sales"], row["n"]) for row in whole] == [(4, 1500.0, 7)]
    north = get(client, cast, period="2026-03", by="all", region=chain.north.id).json["items"]
    assert [(row["n_stores"], row["cost"]) for row in north] == [(2, 80.0)]


def test_without_a_period_the_last_twelve_months(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    answer = get(client, cast, by="store").json
    months = {row["from"] for row in answer["items"]}
    assert (min(months), max(months), len(months)) == ("2025-04", "2026-03", 12)
    assert answer["period"] == {"from": "2025-04", "to": "2026-03"}
    told = "No period was named: these are the 12 months from 2025-04 to 2026-03"
    assert any(note.startswith(told) for note in answer["notes"])
    named = get(client, cast, by="store", period="2025-04..2026-03").json
    assert named["items"] == answer["items"]
    assert not any("No period" in note for note in named["notes"])
    nobody = get(client, cast, ownership="competitor").json
    assert (nobody["items"], nobody["period"]) == ([], None)
    long = client.get(
        url(cast, "investment"), query_string={"period": "1990-01..2026-03"},
        headers=cast.bob.headers,
    )  # fmt: skip
    assert (long.status_code, long.json["errors"][0]["pointer"]) == (422, "period")


def test_a_month_to_come_does_not_empty_the_last_twelve(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    before = get(client, cast, by="store").json
    Outcome.create(
        brand_id=cast.brand.id, kind="sales", month="2206-03", store_id=chain.milan.id,
        value=1.0, imported_at=DAY,
    )  # fmt: skip
    assert get(client, cast, by="store").json == before
    named = get(client, cast, by="store", period="2206-03").json["items"]
    assert [row["sales"] for row in named if row["place_code"] == "MI"] == [1.0]


@pytest.mark.parametrize("period", ["0000-01", "0000-01..2026-03", "2026-13"])
def test_a_period_of_no_calendar_is_refused(
    client: FlaskClient, cast: Cast, chain: Chain, period: str
) -> None:
    query = {"period": period}
    answer = client.get(url(cast, "investment"), query_string=query, headers=cast.bob.headers)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "period")


def test_a_later_part_that_was_approved_has_its_fee_beside_the_visits(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    report = Report.select().where(Report.store_id == chain.turin.id).first()
    first = Assignment.get_by_id(report.assignment_id)
    for status in ("approved", "accepted"):
        values = first.__data__ | {"part_of": first.id, "status": status, "fee": 700}
        for name in ("id", "version", "created_at", "updated_at", "brand_id"):
            values.pop(name)
        editing.create(Assignment, cast.brand.id, **(values | {"currency": "EUR"}))
    turin = named(get(client, cast, period="2026-03", by="store").json)["TO", "2026-03"]
    assert (turin["fees"], turin["n_fees"]) == (7.0, 1)


def test_what_does_not_count_costs_nothing_yet(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    chain.spring.revision(chain.milan, {"q0": True})
    Assignment.update(fee=2500, currency="EUR").execute()
    march = named(get(client, cast, period="2026-03", by="store").json)
    assert (march["MI", "2026-03"]["n_fees"], march["NA", "2026-03"]["n_fees"]) == (2, 0)


def test_fees_in_several_currencies_are_never_added(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    rome = Assignment.store_id == chain.rome.id
    Assignment.update(fee=3000, currency="JPY").where(rome).execute()
    path, query = url(cast, "investment"), {"period": "2026-03", "by": "all"}
    refused = client.get(path, query_string=query, headers=cast.bob.headers)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "currency")
    yen = get(client, cast, **query, currency="JPY").json
    assert (yen["items"][0]["fees"], yen["items"][0]["n_fees"]) == (9000.0, 3)
    assert "Fees in EUR are left out." in yen["notes"]


def test_as_a_table_and_as_a_workbook(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    query = {"period": "2026-03", "by": "store"}
    table = {row["place_code"]: row for row in rows(get(client, cast, ".csv", **query))}
    assert tuple(table["MI"]) == COLUMNS
    assert (table["MI"]["cost"], table["NA"]["score"]) == ("80.0", "")
    found = book(get(client, cast, ".xlsx", **query))
    header, *lines = found["Investment"].iter_rows(values_only=True)
    assert header == COLUMNS
    assert {line[header.index("place_code")] for line in lines} == {"MI", "TO", "RM", "NA"}
    lines = found["Notes"].iter_rows(max_col=2, values_only=True)
    notes = {str(word): str(note) for word, note in lines}
    assert "do not prove" in notes["cause"]
    assert "2026-03" in notes["stores and months"]
    assert "95 % interval of score" in notes["interval95_low, interval95_high"]
    assert "Welch" in notes["score_change_interval95_low, score_change_interval95_high"]
    told = {name for words in notes for name in words.split(", ")}
    assert {name for name in COLUMNS if "interval" in name or "change" in name} <= told | {
        "cost_change"
    }
    latest = book(get(client, cast, ".xlsx"))["Notes"]["B"]
    assert any("12 months from 2025-04 to 2026-03" in str(cell.value) for cell in latest)
    assert not any("all months" in str(cell.value) for cell in latest)


def test_stores_are_not_told_what_a_visit_is_paid(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=chain.north.id)
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=chain.milan.id)
    for who, status in ((rita, 403), (sara, 403), (cast.sonia, 403), (cast.charlie, 404)):
        for ending in ("", ".csv", ".xlsx"):
            answer = client.get(url(cast, f"investment{ending}"), headers=who.headers)
            assert answer.status_code == status


def test_the_number_of_queries_is_fixed(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    assert cast.bob.headers
    few = count_queries(lambda: get(client, cast, period="2026-03", by="store"))
    for number in range(5):
        chain.visit(chain._store(f"S{number}", chain.south), 3)
    assert Store.select().count() == 9
    many = count_queries(lambda: get(client, cast, period="2026-01..2026-03", by="store"))
    assert many == few
