"""The journey as visits found it: touchpoint by touchpoint what customers expect, where it fails
them and what could be made of it, beside what was found; and what nobody looks at."""

from typing import Any

from server.domain import cube
from server.domain.actor import Actor
from server.domain.checklist import Document, Item, ItemType
from server.domain.cube import Packed
from server.domain.journey import Lifecycle, Stage
from server.models import Checklist, ChecklistVersion, Touchpoint
from server.services import answer_counts, checklists, selections, summaries
from server.services.coverage import covered
from server.services.selections import Filters
from server.services.summaries import Summary

WEAKNESSES = 3
"""Items that a touchpoint's weakness names."""

_EXPECTED = ("below", "met", "exceeded")


def read(actor: Actor, brand_id: str, filters: Filters) -> list[dict[str, Any]]:
    """The touchpoints of a selection along the stages, the moments of truth of a stage first."""
    summary = summaries.read(selections.select(actor, brand_id, filters))
    costs = summaries.mend_first(summary, most=10**6)
    items, words = answer_counts.items(summary), answer_counts.by_item(summary)
    return [
        {
            "touchpoint_id": one.id,
            "name": one.name,
            "stage": one.stage,
            "channel": one.channel,
            "moment_of_truth": one.lifecycle == Lifecycle.STRATEGIC,
            "weight": one.weight,
            **_scored(summary.total(cube.TOUCHPOINT).get(one.id)),
            "expectation": {"said": one.expectation} | _expected(one.id, items, words),
            "weakness": {
                "said": one.weakness,
                "items": [cost for cost in costs if cost["touchpoint_id"] == one.id][:WEAKNESSES],
            },
            "opportunity": {"said": one.opportunity} | _missed(one.id, items, words),
        }
        for one in _in_order(summary)
    ]


def coverage(actor: Actor, brand_id: str, filters: Filters) -> dict[str, Any]:
    """What of the journey a selection's visits tell of, and what no checklist in use asks."""
    summary = summaries.read(selections.select(actor, brand_id, filters))
    return covered(summary, _asked(brand_id))


def _in_order(summary: Summary) -> list[Touchpoint]:
    order = {str(stage): place for place, stage in enumerate(Stage)}
    live = [one for one in summary.touchpoints.values() if one.archived_at is None]
    return sorted(
        (one for one in live if one.lifecycle != Lifecycle.PROPOSED),
        key=lambda one: (order[one.stage], one.lifecycle != Lifecycle.STRATEGIC, one.name),
    )


def _scored(sums: cube.Sums | None) -> dict[str, Any]:
    interval = summaries.interval(sums) if sums else None
    return {"score": summaries.score(sums), "interval95": interval, "n": sums[0] if sums else 0}


def _expected(place: str, items: dict[str, Item], words: dict[str, Packed]) -> dict[str, int]:
    """How often it was below, met or above what was expected."""
    return {word: _count(place, ItemType.CORRESPONDENCE, word, items, words) for word in _EXPECTED}


def _missed(place: str, items: dict[str, Item], words: dict[str, Packed]) -> dict[str, int]:
    """How many opportunities were missed, of how many visits that looked."""
    kind = ItemType.MISSED_OPPORTUNITY
    return {
        "missed": _count(place, kind, "missed", items, words),
        "asked": _count(place, kind, "", items, words),
    }


def _count(
    place: str, kind: ItemType, word: str, items: dict[str, Item], words: dict[str, Packed]
) -> int:
    return sum(
        words[item.key].get(word, [0])[0]
        for item in items.values()
        if item.touchpoint == place and item.type == kind and item.key in words
    )


def _asked(brand_id: str) -> list[Document]:
    """The last published version of each checklist in use."""
    rows: Any = (
        ChecklistVersion.select(ChecklistVersion.id)
        .join(Checklist, on=Checklist.id == ChecklistVersion.checklist_id)
        .where(
            Checklist.brand_id == brand_id,
            Checklist.archived_at.is_null(),
            ChecklistVersion.number == Checklist.published_number,
        )
        .tuples()
    )
    ids = [version_id for (version_id,) in rows]
    checklists.versions(ids)  # in one query
    return [checklists.document(version_id) for version_id in ids]
