"""Reading the cube: sums of the stores that are asked for, a month at a time, so that memory holds
what is asked for and not all there is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from server.domain import cube, scoring
from server.domain.ranking import Period
from server.models import ScoreSum


@dataclass(frozen=True, slots=True)
class Slice:
    """Whose sums are read: a brand's, of some months and of one wave if they are given."""

    brand_id: str
    period: Period | None = None
    wave: str | None = None

    def condition(self, dimensions: Collection[str] | None = None) -> Any:
        """A peewee condition on ScoreSum."""
        condition = ScoreSum.brand_id == self.brand_id
        if dimensions is not None:
            condition &= ScoreSum.dimension.in_(list(dimensions))
        if self.period is not None:
            condition &= ScoreSum.month.between(*self.period)
        if self.wave is not None:
            condition &= ScoreSum.wave_id == self.wave
        return condition


@dataclass(slots=True)
class Columns:
    """The sums of one measure: columns of equal length, a row for a store's visits by one shopper
    in one month (and one wave). Thousandths of a point, and their squares."""

    store: list[str] = field(default_factory=list)
    shopper: list[str] = field(default_factory=list)
    month: list[str] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    total: list[int] = field(default_factory=list)
    squares: list[int] = field(default_factory=list)

    def append(self, store: str, shopper: str, month: str, sums: cube.Sums) -> None:
        """One more row."""
        self.store.append(store)
        self.shopper.append(shopper)
        self.month.append(month)
        self.n.append(sums[0])
        self.total.append(sums[1])
        self.squares.append(sums[2])


Measures = dict[str, dict[str, Columns]]
"""Columns by dimension and value."""


def months(within: Slice, dimensions: Collection[str]) -> list[str]:
    """The months in which anything was seen, in their order."""
    rows: Any = ScoreSum.select(ScoreSum.month).where(within.condition(dimensions))
    return sorted(month for (month,) in rows.distinct().tuples())


def read(within: Slice, dimensions: Collection[str]) -> Measures:
    """The sums in some dimensions."""
    found: Measures = {dimension: {} for dimension in dimensions}
    for dimension, store, shopper, month, packed in rows(within, dimensions):
        values = found[dimension]
        for value, sums in packed.items():
            columns = values.get(value)
            if columns is None:
                columns = values[value] = Columns()
            columns.append(store, shopper, month, sums)
    return found


def rows(
    within: Slice, dimensions: Collection[str]
) -> Iterator[tuple[str, str, str, str, cube.Packed]]:
    """(dimension, store, shopper, month, sums) of every store, a query a month."""
    for month in months(within, {next(iter(dimensions)), scoring.VISIT}):
        query: Any = ScoreSum.select(
            ScoreSum.dimension,
            ScoreSum.store_id,
            ScoreSum.shopper_id,
            ScoreSum.month,
            ScoreSum.sums,
        ).where(within.condition(dimensions) & (ScoreSum.month == month))
        yield from query.tuples().iterator()
