"""What is asked of figures beyond the ranking, within what the asker sees: a store's page, a
selection's, comparisons, the matrix of promises and touchpoints, coverage."""

import math
from dataclasses import dataclass, replace
from typing import Any

from server.domain import cube
from server.domain.actor import Actor
from server.domain.cube import Tally
from server.domain.guarding import FEWEST_RANKED
from server.domain.ownership import Ownership
from server.domain.permissions import Permission
from server.models import RankedStore, Ranking, Store
from server.services import (
    driving,
    editing,
    excerpts,
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


def of_selection(actor: Actor, brand_id: str, filters: Filters) -> dict[str, Any]:
    """The figures of all stores of a selection together."""
    return summaries.figures(summaries.read(selections.select(actor, brand_id, filters)))


@dataclass(frozen=True, slots=True)
class Portrait:
    """One store's sums, its place (None without visits) in the asker's ranking, and `item`: what
    is said of it, with its rank among all the brand's stores that the filters choose where that
    may be told."""

    store: Store
    selection: Selection
    ranking: Ranking
    place: RankedStore | None
    item: dict[str, Any] | None
    summary: Summary


def portrait(actor: Actor, brand_id: str, store_id: str, filters: Filters) -> Portrait:
    """What is known of one store by these filters. NotFound outside the actor's."""
    grants = require(actor, brand_id, Permission.RANKINGS_READ)
    store = editing.find(Store, brand_id, store_id, stores_seen(grants))
    if store.ownership == Ownership.COMPETITOR:
        filters = replace(filters, ownership=store.ownership)
    selection = selections.select(actor, brand_id, filters)
    ranking = publishing.of(selection)
    place = _ranked(ranking, store_id)
    item = None if place is None else rankings.item(ranking, place.figures)
    if item is not None and selection.guarded:
        item = _among_all(selection, store_id) or item
    summary = summaries.read(selection, Store.id == store_id)
    return Portrait(store, selection, ranking, place, item, summary)


def _among_all(selection: Selection, store_id: str) -> dict[str, Any] | None:
    """A store in the ranking of all stores that the filters choose, as a reader below the brand may
    know it. None where so few are ranked that a place would tell of the others."""
    everybody = selections.among_all(selection)
    if everybody.filters == Filters():
        ranking = publishing.of(selections.whole(selection.brand_id))
        place = _ranked(ranking, store_id)
        figures = place and place.kept and excerpts.guarded(place.figures, place.kept)
    else:
        ranking = publishing.of(everybody)
        place = _ranked(ranking, store_id)
        figures = place and place.figures
    if not figures or figures["of"] < FEWEST_RANKED:
        return None
    return rankings.item(ranking, figures)


def _ranked(ranking: Ranking, store_id: str) -> RankedStore | None:
    found: RankedStore | None = RankedStore.get_or_none(
        RankedStore.ranking_id == ranking.id, RankedStore.store_id == store_id
    )
    return found


def of_store(actor: Actor, brand_id: str, store_id: str, filters: Filters) -> dict[str, Any]:
    """One store's page of figures, with its place in the ranking by the same filters. NotFound
    outside the actor's."""
    known = portrait(actor, brand_id, store_id, filters)
    return {
        "store": {
            name: getattr(known.store, name)
            for name in ("id", "code", "name", "region_id", "format", "ownership")
        },
        "ranking": known.item,
        **summaries.figures(known.summary),
        "promises": promises(known),
        "drivers": driving.of_store(known.selection, known.store, known.summary),
        "verbatims": verbatims.of_store(known.store, known.selection.slice),
    }


def promises(known: Portrait) -> list[dict[str, Any]]:
    """How a store keeps its promises, adjusted as in the ranking, the widest gap first. None while
    the ranking does not have the store yet: a plain mean would be another figure."""
    kept = [] if known.item is None else known.item["promises"]
    tallies = known.summary.total(cube.TALLY)
    told = [
        _named_alike(one)
        | {
            "given": _named_alike(one.get("given")),
            "nps": summaries.nps(tallies, f"{Tally.NPS}/{one['promise_id']}"),
        }
        for one in kept
        if one["score"] is not None
    ]
    return sorted(told, key=lambda one: (one["gap"], one["promise_id"]))


def _named_alike(figures: dict[str, Any] | None) -> Any:
    """Figures of a ranking, by the names that those of a selection have."""
    return figures and figures | {"interval95": figures["interval"]}


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
        "difference": _difference(sides[0], sides[1], _doubt(both[0], both[1], sides)),
        "promises": [
            {
                "promise_id": key,
                "adjective": mine["adjective"],
                "one": mine["score"],
                "other": theirs["score"],
                "delta": _less(mine["score"], theirs["score"]),
                **_sure(mine, theirs, _doubt(both[0], both[1], [mine, theirs])),
            }
            for key, mine in of_promise[0].items()
            if (theirs := of_promise[1].get(key))
        ],
    }


def _side(head: dict[str, Any]) -> dict[str, Any]:
    names = ("n_stores", "n_visits", "mean", "mean_se", "raw_mean", "rankability", "measure")
    return {name: head[name] for name in names}


def _doubt(one: Selection, other: Selection, heads: list[dict[str, Any]]) -> float | None:
    """The standard error of two means' difference: 0 of the same selection; of stores apart in the
    same visits without what they share; else as if they shared nothing, which is at most too much.
    None where all visits are equal."""
    if one.key == other.key:
        return 0.0
    own, whole = (
        None if None in found else math.hypot(*(each or 0.0 for each in found))
        for name in ("mean_own_se", "mean_se")
        for found in [[head.get(name) for head in heads]]
    )
    return own if own and selections.apart(one, other) else whole


def _difference(
    one: dict[str, Any], other: dict[str, Any], error: float | None
) -> dict[str, Any] | None:
    if one["mean"] is None or other["mean"] is None:
        return None
    delta = one["mean"] - other["mean"]
    if error is None:
        unknown = dict.fromkeys(("se", "interval95", "z"))
        return {"delta": round(delta, 3), **unknown, "significant": False}
    reach = SIGNIFICANT * error
    return {
        "delta": round(delta, 3),
        "se": round(error, 3),
        "interval95": [round(delta - reach, 3), round(delta + reach, 3)],
        "z": round(delta / error, 3) if error else None,
        "significant": bool(error and abs(delta) > reach),
    }


def _sure(one: dict[str, Any], other: dict[str, Any], error: float | None) -> dict[str, Any]:
    """How sure the difference of a promise's means is: as that of the ranked ones."""
    means = [{"mean": side["score"]} for side in (one, other)]
    found = _difference(means[0], means[1], error) or {}
    return {name: found.get(name) for name in ("se", "interval95")}


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 3)
