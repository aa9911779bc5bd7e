"""What goes together: two figures of the same visits, or of the same stores' months.

A figure is `visit`, a measure of the cube (`stage:buy`), `nps`, `item:KEY` (an item's share of its
points, also of one that is asked and not scored), `amount:KEY/EUR` (what was spent), or the kind of
an imported outcome (`sales`), which is of months."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.domain import cube, scoring
from server.domain.actor import Actor
from server.domain.answer_counts import AMOUNT
from server.domain.correlation import correlation
from server.domain.cube import Tally
from server.models import Outcome, ScoreSum, Store, VisitScore
from server.services import selections
from server.services.selections import Filters, Selection

MOST_ROWS = 20_000
"""Visits that are looked at, the latest."""

Pairs = list[tuple[float, float]]


def read(actor: Actor, brand_id: str, filters: Filters, one: str, other: str) -> dict[str, Any]:
    """The correlation of two figures; r is null where it cannot be told."""
    selection = selections.select(actor, brand_id, filters)
    if is_imported(one) or is_imported(other):
        over, pairs = "store_months", _of_months(selection, one, other)
    else:
        over, pairs = "visits", _of_visits(selection, one, other)
    found = correlation(pairs)
    return {
        "one": one,
        "other": other,
        "over": over,
        "n": len(pairs),
        "r": found and round(found.r, 4),
        "interval95": found and [round(found.low, 4), round(found.high, 4)],
    }


def is_imported(name: str) -> bool:
    """Whether it is the kind of an outcome, and no figure of visits."""
    return ":" not in name and name not in (scoring.VISIT, Tally.NPS)


def of_visit(
    name: str,
    measures: Mapping[str, float],
    items: Mapping[str, float] | None,
    tallies: Mapping[str, float] | None,
) -> float | None:
    """A visit's figure; None where it does not tell of it."""
    dimension, value = cube.parted(name)
    if dimension == cube.ITEM:
        return (items or {}).get(value)
    if dimension == AMOUNT:
        key, _, currency = value.partition("/")
        return (tallies or {}).get(f"{cube.ANSWER}/{key}/{AMOUNT}/{currency}")
    return (tallies or {}).get(name) if name == Tally.NPS else measures.get(name)


def visits(selection: Selection, stores: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(measures, items, tallies) of the latest visits of these stores that count."""
    condition = (VisitScore.brand_id == selection.brand_id) & VisitScore.counted
    condition &= VisitScore.store_id.in_(stores)
    if selection.filters.period is not None:
        condition &= VisitScore.month.between(*selection.filters.period)
    if selection.filters.wave is not None:
        condition &= VisitScore.wave_id == selection.filters.wave
    rows: Any = (
        VisitScore.select(VisitScore.measures, VisitScore.items, VisitScore.tallies)
        .where(condition)
        .order_by(VisitScore.month.desc(), VisitScore.revision_id)
        .limit(MOST_ROWS)
        .tuples()
    )
    yield from rows.iterator()


def _of_visits(selection: Selection, one: str, other: str) -> Pairs:
    stores = Store.select(Store.id).where(selection.condition)
    both = (
        (of_visit(one, *figures), of_visit(other, *figures))
        for figures in visits(selection, stores)
    )
    return [(float(x), float(y)) for x, y in both if x is not None and y is not None]


def _of_months(selection: Selection, one: str, other: str) -> Pairs:
    mine, theirs = (_by_month(selection, name) for name in (one, other))
    return [(x, theirs[key]) for key, x in sorted(mine.items()) if key in theirs]


def _by_month(selection: Selection, name: str) -> dict[tuple[str, str], float]:
    """A figure of each store's months: the imported value, or the visits' mean."""
    stores = Store.select(Store.id).where(selection.condition)
    if is_imported(name):
        condition = (Outcome.brand_id == selection.brand_id) & (Outcome.kind == name)
        if selection.filters.period is not None:
            condition &= Outcome.month.between(*selection.filters.period)
        rows: Any = Outcome.select(Outcome.store_id, Outcome.month, Outcome.value).where(
            condition, Outcome.store_id.in_(stores)
        )
        return {(store, month): value for store, month, value in rows.tuples()}
    dimension, value = _place(name)
    within = selection.slice.condition() & (
        ScoreSum.dimension.startswith(f"{cube.ITEM}@")
        if dimension == cube.ITEM
        else ScoreSum.dimension == dimension
    )
    sums: Any = ScoreSum.select(ScoreSum.store_id, ScoreSum.month, ScoreSum.sums).where(
        within & ScoreSum.store_id.in_(stores)
    )
    found: dict[tuple[str, str], cube.Packed] = {}
    for store, month, packed in sums.tuples().iterator():
        if value in packed:
            cube.merge(found.setdefault((store, month), {}), {value: packed[value]})
    return {key: packed[value][1] / packed[value][0] for key, packed in found.items()}


def _place(name: str) -> tuple[str, str]:
    """The dimension and value that the figure's sums have."""
    dimension, value = cube.parted(name)
    if dimension == AMOUNT:
        key, _, currency = value.partition("/")
        return cube.ANSWER, f"{key}/{AMOUNT}/{currency}"
    return (cube.TALLY, name) if name == Tally.NPS else (dimension, value)
