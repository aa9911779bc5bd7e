"""The ranking of a brand's stores, summed up when it is read, within what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from server import clock
from server.domain import cube, ranking, scoring
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.ranking import Period, Sums
from server.models import Promise, Region, ScoreSum, Store, Wave
from server.services import editing, paging
from server.services.access import regions_seen, require, stores_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which visits and stores are ranked, by what; None is no bound. A region means its
    subtree; with `promise` stores are ranked by that promise's score."""

    period: Period | None = None
    promise: str | None = None
    region: str | None = None
    format: str | None = None
    ownership: str | None = None
    wave: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """How a promise is kept. `score` and `gap` are None where no visit tells of it."""

    promise_id: str
    adjective: str
    score: float | None
    target: float
    gap: float | None
    n: int


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """A ranked store: points with three decimals; `se` is None of fewer than two visits."""

    store: Any
    n_visits: int
    raw_mean: float | None
    se: float | None
    rank: int
    of: int
    provisional: bool
    promises: list[PromiseFigures]
    mean: Fraction


@dataclass(slots=True)
class Ranking:
    """Stores from the first to the last rank, and what is true of all. `mean` is the mean of the
    stores' means; in the head's `promises`, n counts visits and scores are means over stores."""

    period: Period | None
    measure: str
    method_version: str
    computed_at: datetime
    n_stores: int
    n_visits: int
    n_stores_without_visits: int
    mean: float | None
    promises: list[PromiseFigures]
    items: list[StoreFigures] = field(default_factory=list)
    next_cursor: str | None = None


def listed(
    actor: Actor, brand_id: str, filters: Filters, *, limit: int, cursor: str | None
) -> Ranking:
    """One page of the ranking; ranks and the head are of the whole."""
    whole = ranked(actor, brand_id, filters)
    after = whole.items if cursor is None else _after(whole.items, cursor)
    whole.items = after[:limit]
    if len(after) > limit:
        whole.next_cursor = paging.encode(_position(after[limit - 1]))
    return whole


def ranked(actor: Actor, brand_id: str, filters: Filters) -> Ranking:
    """The whole ranking. NotFound where a filter names what is not there, or not the actor's."""
    stores = _stores(actor, brand_id, filters)
    promises = list(
        Promise.select()
        .where(Promise.brand_id == brand_id)
        .order_by(Promise.created_at, Promise.id)
    )
    if filters.promise is not None and filters.promise not in {one.id for one in promises}:
        editing.find(Promise, brand_id, filters.promise)
    if filters.wave is not None:
        editing.find(Wave, brand_id, filters.wave)
    measure = scoring.promise_measure(filters.promise) if filters.promise else scoring.VISIT
    rows = list(stores.select(Store.id, Store.code, Store.name))
    return _ranking(rows, _sums(brand_id, stores, filters), promises, measure, filters)


def _stores(actor: Actor, brand_id: str, filters: Filters) -> Any:
    """The query of the stores that the actor sees, within the filters."""
    grants = require(actor, brand_id, Permission.RANKINGS_READ)
    condition = stores_seen(grants)
    if filters.region is not None:
        root = editing.find(Region, brand_id, filters.region, regions_seen(grants))
        subtree = Region.select(Region.id).where(
            Region.brand_id == brand_id, Region.path.startswith(root.path)
        )
        condition &= Store.region_id.in_(subtree)
    if filters.format is not None:
        condition &= Store.format == filters.format
    if filters.ownership is not None:
        condition &= Store.ownership == filters.ownership
    return Store.select(Store.id).where(condition)


def _sums(brand_id: str, stores: Any, filters: Filters) -> dict[tuple[str, str], Sums]:
    """The sums by store and measure: one query, however many stores and months there are."""
    dimensions = [scoring.VISIT, cube.PROMISE]
    condition = (
        (ScoreSum.brand_id == brand_id)
        & ScoreSum.dimension.in_(dimensions)
        & ScoreSum.store_id.in_(stores)
    )
    if filters.period is not None:
        condition &= ScoreSum.month.between(*filters.period)
    if filters.wave is not None:
        condition &= ScoreSum.wave_id == filters.wave
    rows: Any = ScoreSum.select(ScoreSum.store_id, ScoreSum.dimension, ScoreSum.sums)
    merged: dict[tuple[str, str], cube.Packed] = {}
    for store, dimension, packed in rows.where(condition).tuples():
        cube.merge(merged.setdefault((store, dimension), {}), packed)
    return {
        (store, cube.measure_of(dimension, value)): Sums(*sums)
        for (store, dimension), packed in merged.items()
        for value, sums in packed.items()
    }


def _ranking(
    stores: Sequence[Store],
    sums: dict[tuple[str, str], Sums],
    promises: Sequence[Promise],
    measure: str,
    filters: Filters,
) -> Ranking:
    means = {
        store.id: mean
        for store in stores
        if (mean := sums.get((store.id, measure), Sums()).mean) is not None
    }
    ranks = dict(zip(means, ranking.ranks(list(means.values())), strict=True))
    told = [one for one in promises if any((id_, _of(one)) in sums for id_ in means)]
    items = [
        _figures(store, sums[store.id, measure], means[store.id], ranks[store.id], len(means))
        for store in stores
        if store.id in means
    ]
    for item in items:
        item.promises.extend(
            _kept(promise, sums.get((item.store.id, _of(promise)), Sums())) for promise in told
        )
    return Ranking(
        period=filters.period,
        measure=measure,
        method_version=scoring.METHOD_VERSION,
        computed_at=clock.now(),
        n_stores=len(means),
        n_visits=sum(item.n_visits for item in items),
        n_stores_without_visits=len(stores) - len(means),
        mean=ranking.points(ranking.mean_of(list(means.values()))),
        promises=[
            _kept_by_all(one, [sums.get((id_, _of(one)), Sums()) for id_ in means]) for one in told
        ],
        items=sorted(items, key=_order),
    )


def _of(promise: Promise) -> str:
    return scoring.promise_measure(promise.id)


def _figures(store: Store, sums: Sums, mean: Fraction, rank: int, of: int) -> StoreFigures:
    return StoreFigures(
        store=store,
        n_visits=sums.n,
        raw_mean=ranking.points(mean),
        se=ranking.points(sums.standard_error),
        rank=rank,
        of=of,
        provisional=sums.n < ranking.PROVISIONAL_BELOW,
        promises=[],
        mean=mean,
    )


def _kept(promise: Promise, sums: Sums) -> PromiseFigures:
    return _promise(promise, sums.mean, sums.n)


def _kept_by_all(promise: Promise, stores: list[Sums]) -> PromiseFigures:
    means = [mean for sums in stores if (mean := sums.mean) is not None]
    return _promise(promise, ranking.mean_of(means), sum(sums.n for sums in stores))


def _promise(promise: Promise, mean: Fraction | None, n: int) -> PromiseFigures:
    score = ranking.points(mean)
    gap = ranking.gap(score, promise.target)
    return PromiseFigures(promise.id, promise.adjective, score, promise.target, gap, n)


def _order(item: StoreFigures) -> tuple[Fraction, str]:
    """By mean, and by code where means are equal."""
    return -item.mean, item.store.code


def _position(item: StoreFigures) -> str:
    return f"{item.mean} {item.store.code}"


def _after(items: list[StoreFigures], cursor: str) -> list[StoreFigures]:
    """The items behind a position; it need not be there any more."""
    mean, _, code = paging.decode(cursor).partition(" ")
    try:
        position = (-Fraction(mean), code)
    except (ValueError, ZeroDivisionError) as error:
        raise paging.not_ours() from error
    return [item for item in items if _order(item) > position]
