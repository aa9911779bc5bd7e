"""Whether promises are kept alike: at all touchpoints, in all stores, through all channels."""

from typing import Any

from server.domain import cube
from server.domain.actor import Actor
from server.domain.coherence import coherence
from server.domain.cube import Packed, Sums
from server.models import ScoreSum, Store
from server.services import selections, summaries
from server.services.selections import Filters, Selection
from server.services.summaries import Summary


def matrix(actor: Actor, brand_id: str, filters: Filters) -> list[dict[str, Any]]:
    """Promise × touchpoint of a selection, with what each channel does for each promise."""
    selection = selections.select(actor, brand_id, filters)
    summary = summaries.read(selection)
    by_store, by_channel = _by_store(selection), _by_channel(summary)
    return [
        row
        | {
            "channels": _cells(channels),
            "channel_coherence": _coherence(list(channels.values())),
            "store_coherence": _coherence(by_store.get(row["promise_id"], [])),
        }
        for row in summaries.matrix(summary)
        for channels in [by_channel.get(row["promise_id"], {})]
    ]


def _by_channel(summary: Summary) -> dict[str, Packed]:
    """By promise, and by the channel that each touchpoint has on the map now."""
    found: dict[str, Packed] = {}
    for value, sums in summary.total(cube.PROMISE_TOUCHPOINT).items():
        promise, _, key = value.partition("/")
        if touchpoint := summary.touchpoints.get(key):
            cube.merge(found.setdefault(promise, {}), {str(touchpoint.channel): sums})
    return found


def _by_store(selection: Selection) -> dict[str, list[Sums]]:
    """By promise, the sums of each store: one query."""
    stores = Store.select(Store.id).where(selection.condition)
    query: Any = ScoreSum.select(ScoreSum.store_id, ScoreSum.sums).where(
        selection.slice.condition([cube.PROMISE]) & ScoreSum.store_id.in_(stores)
    )
    packed: dict[str, Packed] = {}
    for store, sums in query.tuples().iterator():
        cube.merge(packed.setdefault(store, {}), sums)
    found: dict[str, list[Sums]] = {}
    for of_store in packed.values():
        for promise, sums in of_store.items():
            found.setdefault(promise, []).append(sums)
    return found


def _cells(channels: Packed) -> list[dict[str, Any]]:
    return [
        {"channel": name, "score": summaries.score(sums), "n": sums[0]}
        for name, sums in sorted(channels.items())
    ]


def _coherence(several: list[Sums]) -> float | None:
    """Null of one: alike needs two."""
    if len(several) < 2:
        return None
    means = [sums[1] / sums[0] / 1000 for sums in several]
    found = coherence(means, [sums[0] for sums in several])
    return None if found is None else round(found, 3)
