"""What shoppers wrote, as stores may read it: of approved visits that count, by month, or by
week where the brand shows weeks."""

from typing import Any

from server.domain.checklist import Item, ItemType
from server.domain.erasing import ERASED
from server.models import Revision, Store, VisitScore
from server.services import checklists, weeks
from server.services.cubes import Slice

MOST_VISITS = 30
"""The latest so many are read."""


def of_store(store: Store, within: Slice) -> list[dict[str, Any]]:
    """Texts and notes of the store's latest visits, by month (or week) and item. Within one they
    are in the order of their words, which tells nothing of when each was."""
    condition = (
        (VisitScore.brand_id == within.brand_id)
        & (VisitScore.store_id == store.id)
        & VisitScore.counted
    )
    if within.period is not None:
        condition &= VisitScore.month.between(*within.period)
    if within.wave is not None:
        condition &= VisitScore.wave_id == within.wave
    rows: Any = (
        VisitScore.select(
            VisitScore.month,
            VisitScore.checklist_version_id,
            Revision.document,
            Revision.frozen_at,
        )
        .join(Revision, on=Revision.id == VisitScore.revision_id)
        .where(condition)
        .order_by(VisitScore.month.desc(), VisitScore.revision_id.desc())
        .limit(MOST_VISITS)
        .tuples()
    )
    weekly = weeks.shown(store.brand_id)
    found = [
        {"month": month, "week": weeks.of(document, at, store) if weekly else None, **words}
        for month, version, document, at in rows
        for words in _words(version, document)
    ]
    found.sort(key=lambda one: (one["item_key"] or "", one["text"]))
    found.sort(key=lambda one: (one["month"], one["week"] or ""), reverse=True)
    return found


def _words(version: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    items = {item.key: item for item in checklists.document(version).items()}
    said: list[tuple[Item | None, Any]] = [(None, document["fields"].get("summary"))]
    for key, answer in document["answers"].items():
        if key in items:
            said += [(items[key], text) for text in _texts(items[key], answer)]
    return [
        {
            "item_key": item.key if item else None,
            "prompt": item.prompt if item else None,
            "touchpoint_id": item.touchpoint if item else None,
            "text": text,
        }
        for item, text in said
        if isinstance(text, str) and text.strip() and text != ERASED
    ]


def _texts(item: Item, answer: dict[str, Any]) -> list[Any]:
    texts = [answer.get("note")]
    if item.type == ItemType.TEXT:
        texts.append(answer["value"])
    return texts
