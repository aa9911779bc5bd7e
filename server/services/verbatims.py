"""What shoppers wrote, as stores may read it: of approved visits that count, by month, or by
week where the brand shows weeks."""

from collections.abc import Iterator
from typing import Any

from server.domain.erasing import ERASED
from server.domain.redaction import Name, redacted
from server.models import Report, Revision, Store, VisitScore
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
    visits = list(
        VisitScore.select(VisitScore.revision_id, VisitScore.joined, VisitScore.month)
        .where(condition)
        .order_by(VisitScore.month.desc(), VisitScore.revision_id.desc())
        .limit(MOST_VISITS)
    )
    told = {visit.revision_id: [visit.revision_id, *(visit.joined or [])] for visit in visits}
    revisions = _revisions([key for keys in told.values() for key in keys])
    edited = editions.latest(list(revisions))
    names, weekly = staff.names(store.id), weeks.shown(store.brand_id)
    found = []
    for visit in visits:
        first = revisions[visit.revision_id]
        week = weeks.of(first.document, first.frozen_at, store) if weekly else None
        for key in told[visit.revision_id]:
            part = revisions[key]
            said = _words(part.checklist_version_id, part.document, edited.get(key, {}), names)
            found += [{"month": visit.month, "week": week, **words} for words in said]
    found.sort(key=lambda one: (one["item_key"] or "", one["text"]))
    found.sort(key=lambda one: (one["month"], one["week"] or ""), reverse=True)
    return found


def _revisions(ids: list[str]) -> dict[str, Any]:
    rows: Any = (
        Revision.select(
            Revision.id, Revision.document, Revision.frozen_at, Report.checklist_version_id
        )
        .join(Report, on=Report.id == Revision.report_id)
        .where(Revision.id.in_(ids))
        .objects()
    )
    return {row.id: row for row in rows}


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
