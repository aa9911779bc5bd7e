"""A ranking made from the sums: every figure of every store of a selection (docs/scoring.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from server import clock
from server.db import snapshot
from server.domain import cube, league, ranking, rates
from server.domain.cells import Ints, points
from server.domain.cube import Tally
from server.domain.estimates import Estimates
from server.domain.months import apart, before
from server.domain.ranking import Period
from server.services import cubes, figures, promise_scores, readings
from server.services.cubes import Columns
from server.services.promise_scores import Kept
from server.services.readings import Reading, Told
from server.services.selections import Named, Selection

CHANGE_MONTHS = 3
"""Where no period is asked for, the change is from the quarter before the last to the last."""


@dataclass(slots=True)
class Computed:
    """A ranking: its head, and its rows from the first position on, as they are answered. `kept`
    is what `server.services.excerpts` makes of a published one; None of others."""

    head: dict[str, Any]
    rows: list[dict[str, Any]]
    kept: list[dict[str, Any]] | None
    changes: int
    seconds: float


@dataclass(slots=True)
class Making:
    """What rows are made from: `ranked` are the stores with visits, and what these say by the
    measure, by each promise, and before and after the change."""

    selection: Selection
    reading: Reading
    ranked: list[Named]
    told: Told
    promises: list[Kept]
    change: tuple[Told, Told] | None

    def guarded(self) -> "Making":
        """The same for readers below the brand. The ranking of all visits, by the visit, is the one
        view in which severity is taken out for them; of a promise, where all the store's visits
        tell of it."""
        all_visits = self.told if self.selection.has_all_visits else None
        return replace(
            self,
            told=self.told.guarded(all_visits),
            promises=[each.guarded(all_visits) for each in self.promises],
            change=self.change and (self.change[0].guarded(), self.change[1].guarded()),
        )


def compute(selection: Selection) -> Computed:
    """The whole ranking of a selection, as the sums are now."""
    started = clock.elapsed()
    known = readings.fits_of(selection)
    with snapshot():
        changes = figures.changes(selection.brand_id)
        reading = readings.read(selection, known)
        making = _making(selection, reading)
        making = making.guarded() if selection.guarded else making
    rows = _rows(making)
    kept = _kept(making, rows) if selection.is_whole else None
    order = sorted(range(len(rows)), key=lambda index: by_rank(rows[index]))
    return Computed(
        _head(making, rows),
        [rows[index] for index in order],
        None if kept is None else [kept[index] for index in order],
        changes,
        clock.elapsed() - started,
    )


def _making(selection: Selection, reading: Reading) -> Making:
    told = reading.told(selection.filters.ranked_by, quick=False)
    return Making(
        selection,
        reading,
        [store for store in reading.stores if store.id in told.row],
        told,
        [promise_scores.read(reading, promise) for promise in reading.promises],
        _change(selection, reading),
    )


def by_rank(row: dict[str, Any]) -> tuple[int, str]:
    """The order of a ranking's rows: by code where ranks are equal, or nobody is ranked."""
    return row["rank"] or 0, row["store"]["code"]


def _rows(making: Making) -> list[dict[str, Any]]:
    ranked, told, reading = making.ranked, making.told, making.reading
    ids = [store.id for store in ranked]
    rows = told.rows(ids)
    tallies = reading.by_store[cube.TALLY]
    critical, glue = (tallies.get(name, {}) for name in (Tally.CRITICAL, Tally.GLUE))
    sums = _by_store(reading.columns(making.selection.filters.ranked_by))
    weakest = _weakest(reading)
    columns = (
        ranked,
        league.levels(told.estimates, rows),
        league.places(told.estimates, rows),
        [ranking.points(Fraction(sums[store][1], sums[store][0])) for store in ids],
        zip(*(promise_scores.column(each, ids) for each in making.promises), strict=True)
        if making.promises
        else [()] * len(ids),
        [weakest.get(store) for store in ids],
        [critical.get(store, (0, 0))[1] for store in ids],
        _rates([glue.get(store, (0, 0)) for store in ids]),
        changes(making.change, ids),
    )
    return [
        _store(store)
        | level
        | place.fields()
        | {
            "raw_mean": raw_mean,
            "promises": list(promises),
            "weakest_touchpoint": worst,
            "critical_count": failed,
            "glue_rate": extras,
            "change": change,
            "peer_group": f"{store.format or '-'}, {store.ownership}",
        }
        for store, level, place, raw_mean, promises, worst, failed, extras, change in zip(
            *columns, strict=True
        )
    ]


def _store(store: Named) -> dict[str, Any]:
    return {"store": store._asdict()}


def _weakest(reading: Reading) -> dict[str, dict[str, Any]]:
    """Each store's touchpoint with the lowest mean; of equal ones that of most visits."""
    lowest: dict[str, tuple[float, int, str]] = {}
    for touchpoint, stores in reading.by_store[cube.TOUCHPOINT].items():
        for store, (n, total) in stores.items():
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
    for store, _, _, n, total, _ in columns.rows:
        was = found.get(store, (0, 0))
        found[store] = (was[0] + n, was[1] + total)
    return found


def _rates(counts: list[Sequence[int]]) -> list[float | None]:
    """Each store's shrunk rate; None where no visit could tell."""
    n, passed = [count[0] for count in counts], [count[1] for count in counts]
    if not any(n):
        return [None] * len(n)
    found = rates.posterior(rates.fit(passed, n), passed, n)
    return [points(rate) if asked else None for rate, asked in zip(found.rate, n, strict=True)]


def _change(selection: Selection, reading: Reading) -> tuple[Told, Told] | None:
    """What the visits say before and after the change that a ranking tells of."""
    if not reading.last:
        return None
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
    return was, reading.told(measure, later)


def changes(told: tuple[Told, Told] | None, store_ids: list[str]) -> list[dict[str, Any] | None]:
    """Each store's change, where it was visited in both periods."""
    if told is None:
        return [None] * len(store_ids)
    was, now = (_levels(each, store_ids) for each in told)
    return league.changes(was, now)


def _levels(told: Told, store_ids: list[str]) -> list[tuple[float, float] | None]:
    """Each store's adjusted mean and its variance; None without visits."""
    means, variances = told.estimates.adjusted_mean.tolist(), told.estimates.pev.tolist()
    rows = (told.row.get(store) for store in store_ids)
    return [None if row is None else (means[row], variances[row]) for row in rows]


def _told_in(selection: Selection, reading: Reading, period: Period) -> Told:
    """What the visits of a period say that was not asked for."""
    measure = selection.filters.ranked_by
    dimension, value = cube.parted(measure)
    found = cubes.read(replace(selection.slice, period=period), [dimension])
    return readings.tell(found[dimension].get(value) or Columns(), reading.fits[measure])


def _head(making: Making, rows: list[dict[str, Any]]) -> dict[str, Any]:
    reading, filters, made = making.reading, making.selection.filters, making.told.estimates
    ids = [row["store"]["id"] for row in rows]
    found = making.told.rows(ids)
    return {
        "measure": filters.ranked_by,
        "period": _span(*filters.period) if filters.period else None,
        "months": _span(reading.first, reading.last) if reading.last else None,
        "method_version": ranking.METHOD_VERSION,
        "weights_version": "+".join(reading.versions),
        "fitted": sorted(reading.fits),
        "mu": points(made.mu) if making.told.row else None,
        "variances": _variances(making),
        "half_life_months": readings.HALF_LIFE,
        "n_stores_without_visits": len(reading.stores) - len(rows),
        **of_stores(
            made,
            found,
            rows,
            [promise_scores.named(kept, ids) for kept in making.promises],
            guarded=making.selection.guarded,
            chosen=not making.selection.has_all_visits,
        ),
    }


def _variances(making: Making) -> dict[str, float | None]:
    """Null while the brand has no visit that they could be fitted to."""
    fit = making.reading.fits[making.selection.filters.ranked_by]
    return {
        name: points(getattr(making.told.estimates.variances, name)) if fit.n_visits else None
        for name in ("store", "shopper", "error")
    }


def of_stores(
    made: Estimates,
    found: Ints,
    rows: list[dict[str, Any]],
    promises: list[dict[str, Any]],
    *,
    guarded: bool,
    chosen: bool = False,
) -> dict[str, Any]:
    """What a head says of the stores that are ranked; `rows` are theirs, in the order of `found`,
    and `promises` say what their promises are; `chosen`: visits are, not stores alone."""
    return {
        "rankability": points(league.some(made, found).rankability),
        "n_stores": len(rows),
        "n_visits": sum(row["n_visits"] for row in rows),
        **league.mean(made, found),
        "promises": [
            promise_scores.of_all(each, [row["promises"][at] for row in rows])
            for at, each in enumerate(promises)
        ],
        "warnings": league.warnings(made, found, guarded=guarded, chosen=chosen),
    }


def _span(first: str, last: str) -> dict[str, str]:
    return {"first": first, "last": last}


def _kept(making: Making, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What parts of the ranking can be made of later (`server.services.excerpts`), by store."""
    ids = [store.id for store in making.ranked]
    found = making.told.rows(ids)
    below = making.guarded()
    own, theirs = (league.kept(each.told.estimates, found) for each in (making, below))
    levels = league.levels(below.told.estimates, found)
    places = league.places(below.told.estimates, found)
    change = changes(below.change, ids)
    promises = [promise_scores.column(each, ids) for each in below.promises]
    return [
        {
            "own": own[at],
            "guarded": theirs[at],
            "place": places[at].fields(),
            "figures": _unlike(levels[at] | {"change": change[at]}, row),
            "promises": {
                str(number): one
                for number, column in enumerate(promises)
                if (one := _unlike(column[at], row["promises"][number]))
            },
        }
        for at, row in enumerate(rows)
    ]


def _unlike(figures: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if value != others[name]}
