"""Parts of a published ranking: its stores of a region, a format or an ownership ranked among
themselves as it knew them, and what readers below the brand may know of each.

Beside what it says of a store a published ranking keeps some numbers for ranking it anew, and where
few shoppers stand behind the store the figures that are said below the brand instead.
"""

from typing import Any

import numpy as np

from server import clock
from server.domain import league
from server.domain.mixed_model import Variances
from server.models import RankedStore, Ranking, Store
from server.services import computing
from server.services.computing import Computed
from server.services.selections import Selection


def guarded(figures: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """A store's figures in the whole brand's ranking, as it may be told to whoever is below it."""
    return _below(figures, kept) | kept["place"]


def cut(ranking: Ranking, selection: Selection) -> Computed | None:
    """The stores of a selection (of all visits) as the published ranking knew them: by the regions,
    formats and ownership that they have today. None if it keeps too little."""
    chosen = Store.select(Store.id).where(selection.condition)
    found: Any = RankedStore.select(RankedStore.figures, RankedStore.kept).where(
        RankedStore.ranking_id == ranking.id, RankedStore.store_id.in_(chosen)
    )
    pairs = list(found.order_by(RankedStore.code).tuples())
    if any(kept is None for _, kept in pairs):
        return None
    head = ranking.head
    below = selection.guarded
    rows = [_below(*pair) if below else pair[0] for pair in pairs]
    numbers = [kept["guarded" if below else "own"] for _, kept in pairs]
    made = league.again(rows, numbers, head["mu"] or 0.0, Variances(**_variances(head)))
    everyone = np.arange(len(rows))
    places = league.places(made, everyone)
    changes = league.rediscovered([row["change"] for row in rows])
    rows = [
        row | place.fields() | {"change": change}
        for row, place, change in zip(rows, places, changes, strict=True)
    ]
    told = computing.of_stores(made, everyone, rows, head["promises"], guarded=below)
    published = {
        "id": ranking.id,
        "number": ranking.number,
        "computed_at": clock.to_ms(ranking.computed_at),
    }
    return Computed(
        head | told | {"n_stores_without_visits": None, "published": published},
        sorted(rows, key=computing.by_rank),
        None,
        ranking.changes,
        0.0,
    )


def _below(figures: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    promises = [
        promise | kept["promises"].get(str(number), {})
        for number, promise in enumerate(figures["promises"])
    ]
    return figures | kept["figures"] | {"promises": promises}


def _variances(head: dict[str, Any]) -> dict[str, float]:
    return {name: float(head["variances"][name] or 0) for name in ("store", "shopper", "error")}
