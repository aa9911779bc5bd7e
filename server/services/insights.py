"""What is asked of figures beyond the ranking, within what the asker sees: a store's page, a
selection's, comparisons, the matrix of promises and touchpoints, coverage, drivers."""

import math
from dataclasses import dataclass, replace
from typing import Any

from server.domain import cube
from server.domain.actor import Actor
from server.domain.drivers import MOST_PREDICTORS, drivers
from server.domain.ownership import Ownership
from server.domain.permissions import Permission
from server.errors import Invalid
from server.models import Outcome, RankedStore, Ranking, ScoreSum, Store
from server.services import (
    correlations,
    editing,
    publishing,
    rankings,
    selections,
    summaries,
    verbatims,
)
from server.services.access import require, stores_seen
from server.services.selections import Filters, Selection
from server.services.summaries import Summary

SIGNIFICANT = 1.959963984540054

Told = tuple[float, dict[str, float]]
"""An outcome, and the scores that stand beside it."""

_NAMED = (cube.PROMISE, cube.TOUCHPOINT)


def of_selection(actor: Actor, brand_id: str, filters: Filters) -> dict[str, Any]:
    """The figures of all stores of a selection together."""
    return summaries.figures(summaries.read(selections.select(actor, brand_id, filters)))


@dataclass(frozen=True, slots=True)
class Portrait:
    """One store's sums, and its place (None without visits) in the asker's ranking."""

    store: Store
    selection: Selection
    ranking: Ranking
    place: RankedStore | None
    summary: Summary

    @property
    def item(self) -> dict[str, Any] | None:
        """The store in the ranking, as it is answered."""
        return None if self.place is None else rankings.item(self.ranking, self.place.figures)


def portrait(actor: Actor, brand_id: str, store_id: str, filters: Filters) -> Portrait:
    """What is known of one store by these filters. NotFound outside the actor's."""
    grants = require(actor, brand_id, Permission.RANKINGS_READ)
    store = editing.find(Store, brand_id, store_id, stores_seen(grants))
    if store.ownership == Ownership.COMPETITOR:
        filters = replace(filters, ownership=store.ownership)
    selection = selections.select(actor, brand_id, filters)
    ranking = publishing.of(selection)
    place = RankedStore.get_or_none(
        RankedStore.ranking_id == ranking.id, RankedStore.store_id == store_id
    )
    summary = summaries.read(selection, Store.id == store_id)
    return Portrait(store, selection, ranking, place, summary)


def of_store(actor: Actor, brand_id: str, store_id: str, filters: Filters) -> dict[str, Any]:
    """One store's page of figures, with its place in the asker's ranking by the same filters.
    NotFound outside the actor's."""
    known = portrait(actor, brand_id, store_id, filters)
    return {
        "store": {
            name: getattr(known.store, name)
            for name in ("id", "code", "name", "region_id", "format", "ownership")
        },
        "ranking": known.item,
        **summaries.figures(known.summary),
        "verbatims": verbatims.of_store(known.store, known.selection.slice),
    }


def nps(actor: Actor, brand_id: str, filters: Filters) -> dict[str, Any]:
    """The net promoter score of a selection, and by month."""
    summary = summaries.read(selections.select(actor, brand_id, filters))
    months = [
        {"month": month, "nps": summaries.nps(summary.rolled.get((cube.TALLY, month), {}))}
        for month in summary.months()
    ]
    return {"nps": summaries.nps(summary.total(cube.TALLY)), "months": months}


def compared(actor: Actor, brand_id: str, one: Filters, other: Filters) -> dict[str, Any]:
    """Two selections, each by its ranking: the difference of their means, with how sure it is, and
    of each promise."""
    both = [selections.select(actor, brand_id, each) for each in (one, other)]
    sides = [publishing.of(selection).head for selection in both]
    of_promise = [{each["promise_id"]: each for each in side["promises"]} for side in sides]
    return {
        "one": _side(sides[0]),
        "other": _side(sides[1]),
        "difference": _difference(*sides),
        "promises": [
            {
                "promise_id": key,
                "adjective": mine["adjective"],
                "one": mine["score"],
                "other": theirs["score"],
                "delta": _less(mine["score"], theirs["score"]),
            }
            for key, mine in of_promise[0].items()
            if (theirs := of_promise[1].get(key))
        ],
    }


def driven(actor: Actor, brand_id: str, filters: Filters, outcome: str, by: str) -> dict[str, Any]:
    """How much of an outcome's variation goes with each value of a dimension (LMG): of store months
    for an imported kind, else of visits (`correlations` names what they tell). Invalid where there
    are too many."""
    selection = selections.select(actor, brand_id, filters)
    if correlations.is_imported(outcome):
        rows = _of_months(selection, outcome, by)
    else:
        rows = _of_visits(selection, outcome, by)
    names = sorted({name for _, values in rows for name in values})
    told = [(y, values) for y, values in rows if len(values) == len(names)]
    if len(names) > MOST_PREDICTORS:
        raise Invalid(f"{by} has {len(names)} values, and drivers take {MOST_PREDICTORS} at most.")
    answer = {"outcome": outcome, "by": by, "n": len(told), "r2": None, "shares": []}
    if not names or not told:
        return answer
    found = drivers([y for y, _ in told], [[values[name] for name in names] for _, values in told])
    shares = found.shares or (None,) * len(names)
    known = summaries.read(selection, Store.id.is_null()) if by in _NAMED else None
    return answer | {
        "r2": _rounded(found.r2),
        "shares": [
            {
                "value": name,
                "name": summaries.name_of(known, by, name) if known else name,
                "share": _rounded(share),
            }
            for name, share in zip(names, shares, strict=True)
        ],
    }


def _of_visits(selection: Selection, outcome: str, by: str) -> list[Told]:
    found = []
    for figures in correlations.visits(selection):
        measures, y = figures[0], correlations.of_visit(outcome, *figures)
        if y is not None:
            values = {
                value: score
                for measure, score in measures.items()
                for dimension, value in [cube.parted(measure)]
                if dimension == by
            }
            found.append((float(y), values))
    return found


def _of_months(selection: Selection, kind: str, by: str) -> list[Told]:
    """Each store's months that have the imported outcome, with the means of its scores then."""
    stores = Store.select(Store.id).where(selection.condition)
    outcomes: Any = Outcome.select(Outcome.store_id, Outcome.month, Outcome.value).where(
        Outcome.brand_id == selection.brand_id, Outcome.kind == kind, Outcome.store_id.in_(stores)
    )
    sums: Any = ScoreSum.select(ScoreSum.store_id, ScoreSum.month, ScoreSum.sums).where(
        selection.slice.condition([by]) & ScoreSum.store_id.in_(stores)
    )
    means: dict[tuple[str, str], cube.Packed] = {}
    for store, month, packed in sums.tuples():
        cube.merge(means.setdefault((store, month), {}), packed)
    return [
        (value, {name: total / n for name, (n, total, _) in means[store, month].items()})
        for store, month, value in outcomes.tuples()
        if (store, month) in means
    ]


def _side(head: dict[str, Any]) -> dict[str, Any]:
    names = ("n_stores", "n_visits", "mean", "mean_se", "raw_mean", "rankability", "measure")
    return {name: head[name] for name in names}


def _difference(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any] | None:
    if one["mean"] is None or other["mean"] is None:
        return None
    delta, error = one["mean"] - other["mean"], math.hypot(one["mean_se"], other["mean_se"])
    reach = SIGNIFICANT * error
    return {
        "delta": round(delta, 3),
        "se": round(error, 3),
        "interval95": [round(delta - reach, 3), round(delta + reach, 3)],
        "z": round(delta / error, 3) if error else None,
        "significant": bool(error and abs(delta) > reach),
    }


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 3)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
