"""What shoppers wrote, as stores may read it: of approved visits that count, by month, or by
week where the brand shows weeks."""

from collections.abc import Iterator
from typing import Any

from server.domain.erasing import ERASED
from server.domain.redaction import Name, redacted
from server.models import Revision, Store, VisitScore
from server.services import checklists, editions, staff, weeks
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
            VisitScore.revision_id,
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
    visits = list(rows)
    edited = editions.latest([revision_id for revision_id, *_ in visits])
    names, weekly = staff.names(store.id), weeks.shown(store.brand_id)
    found = [
        {"month": month, "week": weeks.of(document, at, store) if weekly else None, **words}
        for revision_id, month, version, document, at in visits
        for words in _words(version, document, edited.get(revision_id, {}), names)
    ]
    found.sort(key=lambda one: (one["item_key"] or "", one["text"]))
    found.sort(key=lambda one: (one["month"], one["week"] or ""), reverse=True)
    return found


def _words(
    version: str, document: dict[str, Any], edited: dict[editions.Key, str], names: list[Name]
) -> Iterator[dict[str, Any]]:
    """Each text in its last edition; one that nobody edited with roles for names."""
    items = {item.key: item for item in checklists.document(version).items()}
    for key, said in editions.texts(document, version):
        text = edited[key] if key in edited else redacted(said, names)
        item = items.get(key[0] or "")
        if said != ERASED and text.strip():
            yield {
                "item_key": item.key if item else None,
                "prompt": item.prompt if item else None,
                "touchpoint_id": item.touchpoint if item else None,
                "text": text,
            }
