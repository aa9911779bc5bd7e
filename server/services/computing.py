"""A ranking made from the sums: every figure of every store of a selection (docs/scoring.md)."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from server import clock
from server.db import snapshot
from server.domain import cube, league, ranking, rates, scoring
from server.domain.cells import points
from server.domain.cube import Tally
from server.domain.months import apart, before
from server.domain.ranking import Period
from server.models import Promise, Store
from server.services import cubes, figures, readings
from server.services.cubes import Columns
from server.services.readings import Reading, Told
from server.services.selections import Selection

CHANGE_MONTHS = 3
"""Where no period is asked for, the change is from the quarter before the last to the last."""


@dataclass(slots=True)
class Computed:
    """A ranking: its head, and its rows from the first position on, as they are answered."""

    head: dict[str, Any]
    rows: list[dict[str, Any]]
    changes: int
    seconds: float


def compute(selection: Selection) -> Computed:
    """The whole ranking of a selection, as the sums are now."""
    started = clock.elapsed()
    known = readings.fits_of(selection)
    with snapshot():
        changes = figures.changes(selection.brand_id)
        reading = readings.read(selection, known)
        return _computed(selection, reading, changes, started)


def _computed(selection: Selection, reading: Reading, changes: int, started: float) -> Computed:
    told = reading.told(selection.filters.ranked_by)
    ranked = [store for store in reading.stores if store.id in told.row]
    places = league.places(told.estimates, told.rows([store.id for store in ranked]))
    parts = _parts(selection, reading, ranked, told)
    rows = [
        _row(store, told, place, {name: values[index] for name, values in parts.items()})
        for index, (store, place) in enumerate(zip(ranked, places, strict=True))
    ]
    rows.sort(key=_order)
    return Computed(_head(selection, reading, told, rows), rows, changes, clock.elapsed() - started)


def _order(row: dict[str, Any]) -> tuple[int, str]:
    """By rank, and by code where ranks are equal, or nobody is ranked."""
    return row["rank"] or 0, row["store"]["code"]


def _parts(
    selection: Selection, reading: Reading, ranked: list[Store], told: Told
) -> dict[str, list[Any]]:
    """What stands beside the ranked measure, by store in their order."""
    critical = _by_store(reading.columns(f"{cube.TALLY}:{Tally.CRITICAL}"))
    glue = _by_store(reading.columns(f"{cube.TALLY}:{Tally.GLUE}"))
    kept = [
        (promise, reading.told(scoring.promise_measure(promise.id))) for promise in reading.promises
    ]
    sums = _by_store(reading.columns(selection.filters.ranked_by))
    weakest = _weakest(reading)
    return {
        "raw_mean": [
            ranking.points(Fraction(sums[store.id][1], sums[store.id][0])) for store in ranked
        ],
        "promises": [[_promise(each, of, store.id) for each, of in kept] for store in ranked],
        "weakest_touchpoint": [weakest.get(store.id) for store in ranked],
        "critical_count": [critical.get(store.id, (0, 0))[1] for store in ranked],
        "glue_rate": _rates([glue.get(store.id, (0, 0)) for store in ranked]),
        "change": _changes(selection, reading, ranked),
    }


def _promise(promise: Promise, told: Told, store_id: str) -> dict[str, Any]:
    """How a store keeps a promise; null where no visit tells of it."""
    score = points(told.of(store_id, "adjusted_mean"))
    return {
        "promise_id": promise.id,
        "adjective": promise.adjective,
        "score": score,
        "target": promise.target,
        "gap": ranking.gap(score, promise.target),
        "interval": None if score is None else league.interval(score, told.of(store_id, "se")),
        "raw_mean": points(told.of(store_id, "raw_mean")),
        "n": int(told.of(store_id, "n_visits") or 0),
    }


def _weakest(reading: Reading) -> dict[str, dict[str, Any]]:
    """Each store's touchpoint with the lowest mean; of equal ones that of most visits."""
    lowest: dict[str, tuple[float, int, str]] = {}
    for touchpoint, columns in reading.measures[cube.TOUCHPOINT].items():
        for store, (n, total) in _by_store(columns).items():
            found = (total / n, -n, touchpoint)
            lowest[store] = min(found, lowest.get(store, found))
    return {
        store: {
            "touchpoint_id": touchpoint,
            "name": reading.touchpoints.get(touchpoint, ""),
            "score": ranking.points(mean),
            "n": -n,
        }
        for store, (mean, n, touchpoint) in lowest.items()
    }


def _by_store(columns: Columns) -> dict[str, tuple[int, int]]:
    """n and Σy of each store."""
    found: dict[str, tuple[int, int]] = {}
    for store, n, total in zip(columns.store, columns.n, columns.total, strict=True):
        was = found.get(store, (0, 0))
        found[store] = (was[0] + n, was[1] + total)
    return found


def _rates(counts: list[tuple[int, int]]) -> list[float | None]:
    """Each store's shrunk rate; None where no visit could tell."""
    n, passed = [count[0] for count in counts], [count[1] for count in counts]
    if not any(n):
        return [None] * len(n)
    found = rates.posterior(rates.fit(passed, n), passed, n)
    return [points(rate) if asked else None for rate, asked in zip(found.rate, n, strict=True)]


def _changes(
    selection: Selection, reading: Reading, ranked: list[Store]
) -> list[dict[str, Any] | None]:
    """Each store's change from the period before, where it was visited in both."""
    if not reading.last:
        return [None for _ in ranked]
    measure = selection.filters.ranked_by
    later = selection.filters.period
    if later is None:
        later = Period(before(reading.last, CHANGE_MONTHS - 1), reading.last)
    length = apart(later.first, later.last) + 1
    earlier = Period(before(later.first, length), before(later.first, 1))
    if selection.filters.period is None:
        was = reading.told(measure, earlier)
    else:
        was = _told_in(selection, reading, earlier)
    now = reading.told(measure, later)
    return league.changes(_levels(was, ranked), _levels(now, ranked))


def _levels(told: Told, ranked: list[Store]) -> list[tuple[float, float] | None]:
    """Each store's adjusted mean and its variance; None without visits."""
    return [
        None
        if store.id not in told.row
        else (
            float(told.of(store.id, "adjusted_mean")),
            float(told.of(store.id, "pev")),
        )
        for store in ranked
    ]


def _told_in(selection: Selection, reading: Reading, period: Period) -> Told:
    """What the visits of a period say that was not asked for."""
    measure = selection.filters.ranked_by
    dimension, value = cube.parted(measure)
    found = cubes.read(replace(selection.slice, period=period), [dimension])
    return readings.tell(found[dimension].get(value) or Columns(), reading.fits[measure])


def _row(store: Store, told: Told, place: league.Place, parts: dict[str, Any]) -> dict[str, Any]:
    made, row = told.estimates, told.row[store.id]
    adjusted = points(made.adjusted_mean[row])
    return {
        "store": {
            "id": store.id,
            "code": store.code,
            "name": store.name,
            "region_id": store.region_id,
            "format": store.format,
            "ownership": store.ownership,
        },
        "n_visits": int(made.n_visits[row]),
        "n_eff": points(made.n_eff[row]),
        "n_shoppers": int(made.n_shoppers[row]),
        "adjusted_mean": adjusted,
        "se": points(made.se[row]),
        "interval95": league.interval(adjusted, made.se[row]),
        "reliability": points(made.reliability[row]),
        **place.fields(),
        "comparable_block": int(made.block[row]),
        "peer_group": f"{store.format or '-'}, {store.ownership}",
        **parts,
    }


def _head(
    selection: Selection, reading: Reading, told: Told, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    filters, made = selection.filters, told.estimates
    found = told.rows([row["store"]["id"] for row in rows])
    return {
        "measure": filters.ranked_by,
        "period": _span(*filters.period) if filters.period else None,
        "months": _span(reading.first, reading.last) if reading.last else None,
        "method_version": ranking.METHOD_VERSION,
        "weights_version": "+".join(reading.versions),
        "fitted": sorted(reading.fits),
        "mu": points(made.mu),
        "variances": {
            name: points(getattr(made.variances, name)) for name in ("store", "shopper", "error")
        },
        "rankability": points(made.rankability),
        "half_life_months": readings.HALF_LIFE,
        "n_stores": len(rows),
        "n_visits": sum(row["n_visits"] for row in rows),
        "n_stores_without_visits": len(reading.stores) - len(rows),
        **league.mean(made, found),
        "promises": [
            _of_all(promise, [row["promises"][at] for row in rows])
            for at, promise in enumerate(reading.promises)
        ],
        "warnings": league.warnings(made, found),
    }


def _span(first: str, last: str) -> dict[str, str]:
    return {"first": first, "last": last}


def _of_all(promise: Promise, stores: list[dict[str, Any]]) -> dict[str, Any]:
    """How all stores keep a promise: means over stores, each weighing the same."""
    scores = [one for one in stores if one["score"] is not None]
    score = league.plain_mean([one["score"] for one in scores])
    return {
        "promise_id": promise.id,
        "adjective": promise.adjective,
        "score": score,
        "target": promise.target,
        "gap": ranking.gap(score, promise.target),
        "raw_mean": league.plain_mean([one["raw_mean"] for one in scores]),
        "n": sum(one["n"] for one in scores),
    }
