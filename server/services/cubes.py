"""Reading the cube: sums of the stores that are asked for, a month at a time, so that memory holds
what is asked for and not all there is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from server.db import database
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


Row = tuple[str, str, str, int, int, int]


@dataclass(slots=True)
class Columns:
    """The sums of one measure, a row for a store's visits by one shopper in one month (and one
    wave): store, shopper, month, n, Σy and Σy², in thousandths of a point and their squares."""

    rows: list[Row] = field(default_factory=list)

    def column(self, place: int) -> list[Any]:
        """One of them: 0 is the stores."""
        return [row[place] for row in self.rows]

    @property
    def store(self) -> list[str]:
        """The rows' stores."""
        return self.column(0)

    @property
    def shopper(self) -> list[str]:
        """The rows' shoppers."""
        return self.column(1)

    @property
    def month(self) -> list[str]:
        """The rows' months."""
        return self.column(2)


Measures = dict[str, dict[str, Columns]]
"""Columns by dimension and value."""

ByStore = dict[str, dict[str, list[int]]]
"""[n, Σy] by value and store."""


def months(within: Slice, dimensions: Collection[str]) -> list[str]:
    """The months in which anything was seen, in their order."""
    rows: Any = ScoreSum.select(ScoreSum.month).where(within.condition(dimensions))
    return sorted(month for (month,) in rows.distinct().tuples())


def read(within: Slice, dimensions: Collection[str]) -> Measures:
    """The sums in some dimensions."""
    found: Measures = {dimension: {} for dimension in dimensions}
    for dimension, store, shopper, month, packed in rows(within, dimensions):
        values = found[dimension]
        for value, (n, total, squares) in packed.items():
            columns = values.get(value)
            if columns is None:
                columns = values[value] = Columns()
            columns.rows.append((store, shopper, month, n, total, squares))
    return found


def read_by_store(within: Slice, dimensions: Collection[str]) -> dict[str, ByStore]:
    """The sums in some dimensions, of all shoppers and months together."""
    found: dict[str, ByStore] = {dimension: {} for dimension in dimensions}
    for dimension, store, _, _, packed in rows(within, dimensions):
        values = found[dimension]
        for value, (n, total, _) in packed.items():
            stores = values.get(value)
            if stores is None:
                stores = values[value] = {}
            sums = stores.get(store)
            if sums is None:
                stores[store] = [n, total]
            else:
                sums[0] += n
                sums[1] += total
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
        # Straight from the driver: peewee takes three times as long over a row as what reads it.
        for dimension, store, shopper, when, packed in database.execute(query):
            yield dimension, store, shopper, when, orjson.loads(packed)
