"""What a programme costs beside sales and scores, by hand."""

import pytest
from scipy import stats

from server.domain.investment import Cell, Place, calendar, change_interval, digits, previous, row
from server.domain.ranking import Period, Sums

NORTH = Place("r1", "N", "North", ("mi", "to"))


def visits(*points: int) -> Sums:
    thousandths = [1000 * each for each in points]
    return Sums(len(points), sum(thousandths), sum(each**2 for each in thousandths))


def test_the_span_before_is_as_long() -> None:
    assert previous(Period("2026-01", "2026-03")) == ("2025-10", "2025-12")
    assert previous(Period("2026-01", "2026-01")) == ("2025-12", "2025-12")
    assert calendar(Period("2025-11", "2026-01")) == ["2025-11", "2025-12", "2026-01"]


def test_fees_and_imported_costs_are_one_cost_and_sales_change_beside_it() -> None:
    cells = {
        ("mi", "2026-02"): Cell(fee=2000, n_fees=1, sales=900.0, visits=visits(50, 70)),
        ("mi", "2026-03"): Cell(fee=5000, n_fees=2, costs=30.0, sales=1000.0, visits=visits(80)),
        ("to", "2026-03"): Cell(sales=400.0),
        ("rm", "2026-03"): Cell(fee=9900, sales=9.0),
    }
    found = row(NORTH, Period("2026-03", "2026-03"), cells, 100)
    assert (found["fees"], found["n_fees"], found["costs"], found["cost"]) == (50.0, 2, 30.0, 80.0)
    assert (found["cost_change"], found["n_stores"]) == (60.0, 2)
    assert (found["sales"], found["n_with_sales"]) == (1400.0, 2)
    # Turin sold nothing that we know of in February, so only Milan can be compared.
    assert (found["sales_change"], found["n_comparable"]) == (100.0, 1)
    assert (found["sales_change_share"], found["sales_change_per_cost"]) == (0.1111, 1.25)
    assert (found["score"], found["n"], found["score_change"]) == (80.0, 1, 20.0)
    assert found["score_change_interval95"] is None, "of one visit nothing is told"


def test_the_cost_beside_a_change_is_that_of_the_stores_that_changed() -> None:
    cells = {
        ("mi", "2026-02"): Cell(fee=9900, sales=900.0),
        ("mi", "2026-03"): Cell(fee=5000, costs=30.0, sales=1000.0),
        ("to", "2026-03"): Cell(fee=70000, costs=220.0, sales=400.0),
    }
    found = row(NORTH, Period("2026-03", "2026-03"), cells, 100)
    assert (found["cost"], found["n_comparable"]) == (1000.0, 1)
    assert found["sales_change_per_cost"] == 1.25, "100 more for Milan's 80"


def test_a_store_that_lacks_a_month_is_not_compared() -> None:
    cells = {("mi", f"2026-0{month}"): Cell(sales=100.0 * month) for month in (1, 2, 3, 4)} | {
        ("to", f"2026-0{month}"): Cell(sales=1.0) for month in (1, 3, 4)
    }
    found = row(NORTH, Period("2026-03", "2026-04"), cells, 100)
    assert (found["sales"], found["sales_change"], found["n_comparable"]) == (702.0, 400.0, 1)


def test_what_is_not_known_is_not_zero() -> None:
    found = row(NORTH, Period("2026-03", "2026-03"), {}, 100)
    nothing = ("costs", "cost_change", "sales", "sales_change", "sales_change_share", "score")
    assert [found[name] for name in nothing] == [None] * len(nothing)
    assert (found["cost"], found["n"], found["sales_change_per_cost"]) == (0.0, 0, None)
    free = {("mi", month): Cell(sales=5.0) for month in ("2026-02", "2026-03")}
    assert row(NORTH, Period("2026-03", "2026-03"), free, 100)["sales_change_per_cost"] is None


def test_the_interval_of_a_change_is_welchs() -> None:
    now, before = (80, 95, 70, 90), (60, 75, 40)
    known = stats.ttest_ind(now, before, equal_var=False).confidence_interval(0.95)
    assert change_interval(visits(*now), visits(*before)) == pytest.approx([*known], abs=1e-3)
    assert change_interval(visits(80, 80), visits(60, 60)) is None
    assert change_interval(visits(80, 90), visits(60)) is None
    assert change_interval(visits(80, 90), visits(60, 60)) is not None


@pytest.mark.parametrize(("currency", "count"), [("EUR", 2), ("JPY", 0), ("KWD", 3), (None, 2)])
def test_a_minor_unit_is_what_iso_4217_says(currency: str | None, count: int) -> None:
    assert digits(currency) == count
