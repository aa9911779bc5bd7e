"""Submission: a complete report freezes as a numbered revision, and locks until it is returned."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from server import clock
from server.db import chunks, columns, database, insert, kept
from server.domain import merging, submissions
from server.domain.merging import Document
from server.domain.states import AssignmentStatus, PhotoState, RevisionStatus
from server.domain.submissions import Photos
from server.models import Assignment, Photo, Report, Revision
from server.services import checklists, events
from server.services.notices import Word

SUBMITTABLE = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED, AssignmentStatus.RETURNED)
"""Assignments that a submission moves on. The others keep their status: the report is late, and a
person decides."""

_CLOSED = (AssignmentStatus.CANCELLED, AssignmentStatus.EXPIRED, AssignmentStatus.DECLINED)


class Frozen(NamedTuple):
    """A new revision, and what its shopper should hear of it."""

    revision: Revision
    words: list[Word]


def late(assignment: Assignment, due_at: datetime | None, now: datetime, suspended: bool) -> bool:
    """Whether work arriving now is late: after the window (of what was returned: after `due_at`, if
    any), for an assignment that is no longer wanted, or from a suspended shopper."""
    end = due_at if assignment.status == AssignmentStatus.RETURNED else assignment.closes_at
    beyond = end is not None and now > end
    return suspended or beyond or assignment.status in _CLOSED


def photos_of(report_ids: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """The photo rows of each report, by item key, in one query."""
    found: dict[str, dict[str, list[str]]] = {report_id: {} for report_id in report_ids}
    for part in chunks(list(found)):
        rows = database.execute_sql(kept(_photos, len(part)), tuple(part))
        for photo_id, report_id, item_key in rows.fetchall():
            found[report_id].setdefault(item_key or "", []).append(photo_id)
    return found


def _photos(reports: int) -> Any:
    return (
        Photo.select(Photo.id, Photo.report_id, Photo.item_key)
        .where(Photo.report_id.in_([""] * reports), Photo.deleted_at.is_null())
        .order_by(Photo.id)
    )


def ready(report: Report, photos: Photos) -> bool:
    """Whether the report is to be frozen now."""
    document: Document = report.document
    count = sum(len(ids) for ids in photos.values())
    return report.locked_revision is None and submissions.complete(document, count)


def freeze(report: Report, photos: Photos, *, seq: int, now: datetime) -> Frozen:
    """Freeze a report as its next revision, and lock it. Nothing is written yet: `write` does."""
    checklist = checklists.phone_document(report.checklist_version_id)
    document = submissions.snapshot(report.document, photos)
    revision = Revision(
        id=f"{report.id}.r{report.revision + 1}",
        report_id=report.id,
        brand_id=report.brand_id,
        number=report.revision + 1,
        status=str(RevisionStatus.SUBMITTED),
        document=document,
        missing=submissions.missing(checklist, document),
        late=report.late,
        frozen_at=now,
    )
    merging.freeze(report.document, seq)
    report.revision = report.locked_revision = revision.number
    return Frozen(revision, list(_words(report, revision)))


def write(revisions: list[Revision]) -> None:
    """Write new revisions with their events, a fixed number of statements per brand and number.
    The reports themselves are the caller's to write."""
    for part in chunks(revisions):
        insert(Revision, [columns(one) for one in part])
    for brand_id in {one.brand_id for one in revisions}:
        mine = [one.id for one in revisions if one.brand_id == brand_id]
        events.emit_many("revision.frozen", mine, brand_id)
    for number in {one.number for one in revisions}:
        named = [
            photo_id
            for one in revisions
            if one.number == number
            for ids in one.document["photos"].values()
            for photo_id in ids
        ]
        for some in chunks(named):
            Photo.update(frozen_revision=number).where(Photo.id.in_(some)).execute()


def unverified(revision: Revision) -> list[str]:
    """The ids of photos that a revision declares and whose bytes are not verified."""
    named = [photo_id for ids in revision.document["photos"].values() for photo_id in ids]
    found: list[str] = []
    for part in chunks(sorted(named)):
        stored: Any = Photo.select(Photo.id).where(
            Photo.id.in_(part), Photo.state == str(PhotoState.STORED)
        )
        found += sorted(set(part) - {photo_id for (photo_id,) in stored.tuples()})
    return found


def rejected(photo_ids: list[str]) -> list[str]:
    """Those of these photos that were rejected."""
    found: list[str] = []
    for part in chunks(photo_ids):
        lost = (Photo.state == str(PhotoState.REJECTED)) & Photo.id.in_(part)
        found += [photo.id for photo in Photo.select(Photo.id).where(lost).order_by(Photo.id)]
    return found


def note_times(report: Report, now: datetime) -> None:
    """Set the columns that repeat the document's for queries."""
    submitted_at = merging.value_of(report.document, "submitted_at")
    report.submitted_at = None if submitted_at is None else clock.from_ms(submitted_at)
    report.updated_at, report.trimmed_at = now, None
    report.words_gone_at = report.moments_gone_at = None


def said_more(report_ids: Iterable[str]) -> None:
    """Within a transaction that holds the shoppers' feeds: something new was said of these reports,
    so retention takes their words and moments again."""
    gone = Report.words_gone_at.is_null(False) | Report.moments_gone_at.is_null(False)
    for part in chunks(sorted(set(report_ids))):
        Report.update(words_gone_at=None, moments_gone_at=None).where(
            Report.id.in_(part), gone
        ).execute()


def _words(report: Report, revision: Revision) -> Iterable[Word]:
    record = f"reports/{report.id}"
    if revision.missing:
        keys = ", ".join(revision.missing)
        yield Word(
            record,
            "missing-answers",
            f"Revision {revision.number} was accepted without required answers: {keys}.",
        )
    if revision.late:
        yield Word(
            record,
            "late-report",
            f"Revision {revision.number} arrived late; it is kept, and a person will decide.",
        )
