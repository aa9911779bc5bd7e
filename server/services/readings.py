"""What a ranking is computed from, read once: stores, promises, sums, fits; and what the visits of
each measure then say of each store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import peewee

from server.domain import cube, guarding, scoring
from server.domain.cells import Floats, recency
from server.domain.estimates import Estimates, estimate
from server.domain.mixed_model import Fit
from server.domain.months import apart
from server.domain.ranking import Period
from server.models import ChecklistVersion, Promise, ScoreSum, Touchpoint
from server.services import checklists, cubes, fits, selections
from server.services.cubes import ByStore, Columns, Measures
from server.services.selections import Named, Selection

HALF_LIFE = 6.0
"""Months in which a visit loses half of its weight."""

NOWHERE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What one measure's visits say: `row` is each store's place in the estimates' columns, or
    NOWHERE."""

    estimates: Estimates
    row: dict[str, int]

    def of(self, store_id: str, column: str) -> Any:
        """A store's figure; None without visits."""
        place = self.row.get(store_id, NOWHERE)
        return None if place == NOWHERE else getattr(self.estimates, column)[place]

    def guarded(self, whole: "Told | None" = None) -> "Told":
        """The same as readers below the brand may know it, who read all that `whole` says: so of
        the stores of which it counts as many visits, severity is taken out; of no other."""
        mine = self.estimates.n_visits
        theirs = np.zeros(len(mine), dtype=np.int64)
        if whole is not None:
            for store_id, row in self.row.items():
                theirs[row] = whole.of(store_id, "n_visits") or 0
        return Told(guarding.guarded(self.estimates, mine != theirs), self.row)

    def rows(self, store_ids: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Places of those of the stores that have visits."""
        found = [self.row[store] for store in store_ids if store in self.row]
        return np.array(found, dtype=np.int64)


@dataclass(slots=True)
class Reading:
    """All that one ranking needs. Sums are of all the brand's stores, since whoever visits one
    region's stores shows in the others how severe they are."""

    stores: list[Named]
    promises: list[Promise]
    touchpoints: dict[str, str]
    measures: Measures
    by_store: dict[str, ByStore]
    fits: Mapping[str, Fit]
    first: str
    last: str
    versions: list[str]
    depending: dict[str, list[str]]

    def columns(self, measure: str) -> Columns:
        """The sums of a measure."""
        dimension, value = cube.parted(measure)
        return self.measures.get(dimension, {}).get(value) or Columns()

    def told(self, measure: str, period: Period | None = None, *, quick: bool = True) -> Told:
        """What the visits of a measure say, those of a part of the period alone if one is given; to
        the brand's own people."""
        columns = self.columns(measure)
        if period is not None:
            columns = within(columns, period)
        return tell(columns, self.fits[measure], quick=quick)


def fits_of(selection: Selection) -> dict[str, Fit]:
    """The fits that a ranking needs; what was never fitted is now."""
    promises = list(Promise.select(Promise.id).where(Promise.brand_id == selection.brand_id))
    depending = checklists.depending(_versions(selection))
    measures = [scoring.promise_measure(promise.id) for promise in promises]
    measures += [scoring.given_measure(one.id) for one in promises if one.id in depending]
    return fits.current(selection.brand_id, [selection.filters.ranked_by, *measures])


def read(selection: Selection, known: Mapping[str, Fit]) -> Reading:
    """Read what the ranking of a selection needs."""
    brand_id, measure = selection.brand_id, selection.filters.ranked_by
    promises = list(
        Promise.select()
        .where(Promise.brand_id == brand_id)
        .order_by(Promise.created_at, Promise.id)
    )
    dimensions = [cube.parted(measure)[0], cube.PROMISE]
    versions = _versions(selection)
    depending = checklists.depending(versions)
    if depending:
        dimensions.append(cube.PROMISE_GIVEN)
    found = cubes.read(selection.slice, list(dict.fromkeys(dimensions)))
    by_store = cubes.read_by_store(selection.slice, (cube.TOUCHPOINT, cube.TALLY))
    promises = [
        one
        for one in promises
        if one.id in found[cube.PROMISE] and scoring.promise_measure(one.id) in known
    ]
    columns = found[dimensions[0]].get(cube.parted(measure)[1]) or Columns()
    months = columns.month
    names: Any = Touchpoint.select(Touchpoint.id, Touchpoint.name).where(
        Touchpoint.brand_id == brand_id
    )
    return Reading(
        stores=selections.stores(selection),
        promises=promises,
        touchpoints=dict(names.tuples()),
        measures=found,
        by_store=by_store,
        fits=known,
        versions=versions,
        depending=depending,
        first=min(months, default=""),
        last=max(months, default=""),
    )


def tell(columns: Columns, fit: Fit, *, quick: bool = True) -> Told:
    """What some visits say at the variances of a fit; `quick` as `estimate` is."""
    made = estimate(fits.cells(columns, _recent(columns)), fit, quick=quick)
    names = sorted(set(columns.store))
    return Told(made, {names[store]: row for row, store in enumerate(made.store)})


def within(columns: Columns, period: Period) -> Columns:
    """Those of the rows that are of a period."""
    return Columns([row for row in columns.rows if period.first <= row[2] <= period.last])


def _recent(columns: Columns) -> Floats:
    months = columns.month
    last = max(months, default="")
    ages = {month: apart(month, last) for month in set(months)}
    return recency([ages[month] for month in months], HALF_LIFE)


def _versions(selection: Selection) -> list[str]:
    """The checklist versions, and so the weights, that any of the visits was scored with."""
    of_version = ScoreSum.dimension == peewee.Value(f"{cube.ITEM}@").concat(ChecklistVersion.id)
    scored = ScoreSum.select(peewee.Value(1)).where(selection.slice.condition(), of_version)
    rows: Any = ChecklistVersion.select(ChecklistVersion.id).where(
        ChecklistVersion.brand_id == selection.brand_id, peewee.fn.EXISTS(scored)
    )
    return sorted(version for (version,) in rows.tuples())
