"""The variances of a brand's measures: fitted to all its visits, kept with their numbers.

A scheduled job fits them again where visits have come since; a fit also grows old by growth, since
a handful of visits tells little of the variances of thousands.
"""

from collections.abc import Iterable
from datetime import timedelta

import peewee

from server import clock
from server.db import atomic, serialize, snapshot
from server.domain import cube, mixed_model
from server.domain.cells import Cells, Floats, of_thousandths
from server.domain.mixed_model import Variances
from server.models import Event, VarianceFit
from server.services import cubes, events, figures
from server.services.cubes import Columns, Slice

OLD = timedelta(hours=6)
GROWTH = 1.25
"""Times the changes that a fit has seen: with more it is made again by whoever publishes."""

QUICK_SECONDS = 1.0
"""A fit that takes longer is made by a job of its own, and publishing does not wait for it."""

AGED = "figures.aged"
KEPT = 10
"""Fits of a measure."""


def current(brand_id: str, measures: Iterable[str]) -> dict[str, mixed_model.Fit]:
    """The last fit of each measure; the first one is made now, and so is one that is outgrown and
    quick."""
    wanted = list(measures)
    last = _last(brand_id, wanted)
    for row in _outgrown(brand_id, last.values()):
        if row.seconds < QUICK_SECONDS:
            del last[row.measure]
    return {measure: fit_of(last.get(measure) or fit(brand_id, measure)) for measure in wanted}


def keep_up(brand_id: str) -> int:
    """Fit again what was fitted before most of the changes that there are, where that is quick (the
    rest is left to `call_due`); how many."""
    rows = _outgrown(brand_id, _newest(brand_id))
    outgrown = [row.measure for row in rows if row.seconds < QUICK_SECONDS]
    for measure in outgrown:
        fit(brand_id, measure)
    return len(outgrown)


def _outgrown(brand_id: str, rows: Iterable[VarianceFit]) -> list[VarianceFit]:
    changes = figures.changes(brand_id)
    return [row for row in rows if changes > GROWTH * row.changes]


def fit(brand_id: str, measure: str) -> VarianceFit:
    """Fit a measure to all that is known of it, and keep that as its next fit."""
    started, changes = clock.elapsed(), figures.changes(brand_id)
    with snapshot():
        columns = _columns(brand_id, measure)
    found = mixed_model.fit(cells(columns))
    with atomic():
        serialize(f"fits {brand_id}")
        return VarianceFit.create(
            brand_id=brand_id,
            measure=measure,
            number=_forget_old(brand_id, measure) + 1,
            mu=found.mu,
            store_variance=found.variances.store,
            shopper_variance=found.variances.shopper,
            error_variance=found.variances.error,
            separable=found.separable,
            exact=found.exact,
            n_visits=found.n_visits,
            n_stores=found.n_stores,
            n_shoppers=found.n_shoppers,
            changes=changes,
            fitted_at=clock.now(),
            seconds=clock.elapsed() - started,
        )


def refit(brand_id: str) -> int:
    """Fit all the brand's measures again that were fitted before anything changed; how many."""
    changes = figures.changes(brand_id)
    stale = [row.measure for row in _newest(brand_id) if row.changes < changes]
    for measure in stale:
        fit(brand_id, measure)
    if stale:
        with atomic():
            figures.changed(brand_id)
            # What this itself changed is no reason to fit again.
            VarianceFit.update(changes=changes + 1).where(
                VarianceFit.brand_id == brand_id, VarianceFit.measure.in_(stale)
            ).execute()
    return len(stale)


def call_due() -> list[str]:
    """Leave an event for each brand whose fits are behind its visits, and old or outgrown; name
    these."""
    waiting = Event.select(Event.subject_id).where(Event.kind == AGED, Event.done_at.is_null())
    rows = (
        VarianceFit.select(
            VarianceFit.brand_id,
            peewee.fn.MAX(VarianceFit.fitted_at).alias("fitted_at"),
            peewee.fn.MAX(VarianceFit.changes).alias("changes"),
        )
        .where(VarianceFit.brand_id.not_in(waiting))
        .group_by(VarianceFit.brand_id)
    )
    brands = [row.brand_id for row in rows if _is_due(row)]
    for brand_id in brands:
        with atomic():
            events.emit("figures.aged", brand_id, brand_id)
    return brands


def _is_due(last: VarianceFit) -> bool:
    changes = figures.changes(last.brand_id)
    if changes <= last.changes:
        return False
    slow = (
        row.seconds >= QUICK_SECONDS for row in _outgrown(last.brand_id, _newest(last.brand_id))
    )
    return last.fitted_at < clock.now() - OLD or any(slow)


def cells(columns: Columns, weight: Floats | None = None) -> Cells:
    """Columns as the model takes them; stores and shoppers are numbered in their ids' order."""
    n, total, squares = (columns.column(place) for place in (3, 4, 5))
    stores, shoppers = _numbered(columns.store), _numbered(columns.shopper)
    return of_thousandths(stores, shoppers, n, total, squares, weight)


def _numbered(names: list[str]) -> list[int]:
    number = {name: index for index, name in enumerate(sorted(set(names)))}
    return [number[name] for name in names]


def fit_of(row: VarianceFit) -> mixed_model.Fit:
    """The fit as the model takes it."""
    variances = Variances(row.store_variance, row.shopper_variance, row.error_variance)
    counts = (row.n_visits, row.n_stores, row.n_shoppers)
    return mixed_model.Fit(row.mu, variances, *counts, row.separable, row.exact)


def _newest(brand_id: str) -> list[VarianceFit]:
    newer = VarianceFit.alias()
    later = newer.select(peewee.fn.MAX(newer.number)).where(
        newer.brand_id == VarianceFit.brand_id, newer.measure == VarianceFit.measure
    )
    rows = VarianceFit.select().where(VarianceFit.brand_id == brand_id, VarianceFit.number == later)
    return list(rows)


def _last(brand_id: str, measures: list[str]) -> dict[str, VarianceFit]:
    return {row.measure: row for row in _newest(brand_id) if row.measure in measures}


def _columns(brand_id: str, measure: str) -> Columns:
    dimension, wanted = cube.parted(measure)
    columns = Columns()
    for _, store, shopper, month, packed in cubes.rows(Slice(brand_id), [dimension]):
        if sums := packed.get(wanted):
            columns.rows.append((store, shopper, month, sums[0], sums[1], sums[2]))
    return columns


def _forget_old(brand_id: str, measure: str) -> int:
    """The number of the last fit, 0 of none; those long before it go."""
    of_measure = (VarianceFit.brand_id == brand_id) & (VarianceFit.measure == measure)
    last = VarianceFit.select(peewee.fn.MAX(VarianceFit.number)).where(of_measure).scalar() or 0
    VarianceFit.delete().where(of_measure, VarianceFit.number <= last - KEPT).execute()
    return int(last)
