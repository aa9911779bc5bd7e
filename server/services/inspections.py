"""The job that looks at reports for their reviewers: it finds their flags after a submission, and
again once the report's photos have been developed; what it finds replaces what it had found."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

import peewee

from server import clock
from server.db import atomic, insert, serialize
from server.domain import merging, report_flags, submissions
from server.domain.pictures import Place
from server.domain.report_flags import USUAL, Flag
from server.domain.states import PhotoState, RevisionStatus
from server.models import (
    Assignment,
    Brand,
    ChecklistVersion,
    Event,
    Inspection,
    Photo,
    Report,
    ReportFlag,
    Revision,
    Store,
)
from server.services import checklists, copied_texts, events, flagging
from server.services.report_flags import UNFLAGGED

_COMPARED = 200
_AT_ONCE = 200
_PATIENCE = timedelta(hours=1)


def begin(event: Event) -> None:
    """Leave the event that looks at a frozen revision: in a queue behind all that scores."""
    events.emit(UNFLAGGED, event.subject_id, event.brand_id)


def begin_for_photo(photo_id: str) -> None:
    """The same once the last photo of a revision has been developed."""
    photo = Photo.get_or_none(Photo.id == photo_id)
    if photo is None or photo.frozen_revision is None:
        return
    revision_id = f"{photo.report_id}.r{photo.frozen_revision}"
    revision = Revision.get_or_none(Revision.id == revision_id)
    if revision is not None and _developed(_photos(revision)):
        with atomic():
            events.emit(UNFLAGGED, revision_id, photo.brand_id)


def call_overlooked() -> int:
    """Have waiting revisions looked at that never were, as of before there were flags; how many.
    The brand's rule does not speak of them. For the chores."""
    looked_at = Inspection.select(Inspection.revision_id)
    overlooked = Revision.select(Revision.id, Revision.brand_id).where(
        Revision.brand_id.in_(Brand.select(Brand.id)),  # the index begins with the brand
        Revision.status == str(RevisionStatus.SUBMITTED),
        Revision.frozen_at < clock.now() - _PATIENCE,
        Revision.id.not_in(looked_at),
    )
    with atomic():
        rows = list(overlooked.order_by(Revision.frozen_at).limit(_AT_ONCE))
        for row in rows:
            events.emit(UNFLAGGED, row.id, row.brand_id, rule=False)
    return len(rows)


def inspect(revision_id: str) -> None:
    """Find a revision's flags anew. It may run twice. Of moments that retention took nothing can be
    told any more: then there is no flag."""
    with atomic():
        row = _row(revision_id)
        if row is None:
            return
        if row.revision.document.get("coarse"):
            _note(row, 0, whole=True)
            return
        # Two reports with the same text must not miss each other by being looked at at once.
        serialize(f"texts {row.revision.brand_id}")
        visit = _visit(row)
        photos = _photos(row.revision)
        found = report_flags.flags(visit)
        found += copied_texts.find(row.revision, row.report)
        found += _of_photos(photos)
        _write(row.revision, found)
        _note(row, len(found), _developed(photos))


def forget(revisions: list[Revision]) -> None:
    """Within a transaction, forget what was found of revisions whose words or moments went, and
    what their texts were compared by."""
    ids = [revision.id for revision in revisions]
    ReportFlag.delete().where(ReportFlag.revision_id.in_(ids)).execute()
    Inspection.delete().where(Inspection.revision_id.in_(ids)).execute()
    copied_texts.forget(revision.report_id for revision in revisions)


class _Row(NamedTuple):
    revision: Revision
    report: Report
    store: Place | None
    closed_at: datetime | None
    opens_at: datetime | None
    whole: merging.Document


def _row(revision_id: str) -> _Row | None:
    """A revision with all that it is compared with, in one query."""
    query: Any = (
        Revision.select(
            Revision,
            Report.shopper_id,
            Report.checklist_version_id,
            Report.revision.alias("last"),
            Report.created_at,
            Report.document.alias("whole"),
            Assignment.part_of,
            Assignment.opens_at,
            Store.latitude,
            Store.longitude,
            ChecklistVersion.closing_at,
        )
        .join(Report, on=Report.id == Revision.report_id)
        .join(Assignment, on=Assignment.id == Report.assignment_id)
        .join(ChecklistVersion, on=ChecklistVersion.id == Report.checklist_version_id)
        .join_from(Report, Store, peewee.JOIN.LEFT_OUTER, on=Store.id == Report.store_id)
        .where(Revision.id == revision_id)
    )
    for row in query.objects():
        report = Report(
            id=row.report_id,
            shopper_id=row.shopper_id,
            checklist_version_id=row.checklist_version_id,
            revision=row.last,
            created_at=row.created_at,
        )
        known = row.latitude is not None and row.longitude is not None
        # A delayed section is answered at home: where is no matter.
        at = Place(row.latitude, row.longitude) if known and row.part_of is None else None
        opens_at = None if row.part_of is None else row.opens_at
        return _Row(row, report, at, row.closing_at, opens_at, row.whole)
    return None


def _visit(row: _Row) -> report_flags.Visit:
    return report_flags.Visit(
        revision=row.revision.document,
        checklist=checklists.document(row.report.checklist_version_id),
        missing=tuple(row.revision.missing),
        late=row.revision.late,
        store=row.store,
        closed_at=clock.to_ms(row.closed_at) if row.closed_at else None,
        arrived_at=clock.to_ms(row.report.created_at),
        opens_at=clock.to_ms(row.opens_at) if row.opens_at else None,
        edited=submissions.edited(row.whole, row.revision.document),
        usual_seconds=_usual(row),
    )


def _usual(row: _Row) -> float | None:
    """The median of the last reports on the same version; None where there are too few."""
    others = Inspection.select(Inspection.seconds).where(
        Inspection.checklist_version_id == row.report.checklist_version_id,
        Inspection.seconds.is_null(False),
        ~Inspection.revision_id.startswith(f"{row.revision.report_id}.r"),
    )
    last: Any = others.order_by(Inspection.inspected_at.desc()).limit(_COMPARED).tuples()
    took = [seconds for (seconds,) in last]
    return median(took) if len(took) >= USUAL else None


def _photos(revision: Revision) -> list[Photo]:
    named = [photo_id for ids in revision.document["photos"].values() for photo_id in ids]
    return list(Photo.select().where(Photo.id.in_(named)).order_by(Photo.id)) if named else []


def _developed(photos: list[Photo]) -> bool:
    return all(photo.developed_at is not None for photo in photos)


def _of_photos(photos: list[Photo]) -> list[Flag]:
    rejected = [photo.id for photo in photos if photo.state == PhotoState.REJECTED]
    items = {photo.id: photo.item_key for photo in photos}
    return report_flags.of_photos(flagging.flags_of(photos), rejected, items)


def _write(revision: Revision, found: list[Flag]) -> None:
    ReportFlag.delete().where(ReportFlag.revision_id == revision.id).execute()
    rows = [
        {
            "revision_id": revision.id,
            "position": position,
            "brand_id": revision.brand_id,
            "code": str(flag.code),
            "message": flag.message,
            "item_keys": list(flag.item_keys),
            "evidence": dict(flag.evidence),
        }
        for position, flag in enumerate(found)
    ]
    insert(ReportFlag, rows)


def _note(row: _Row, count: int, whole: bool) -> None:
    document = checklists.document(row.report.checklist_version_id)
    values = {
        "revision_id": row.revision.id,
        "brand_id": row.revision.brand_id,
        "checklist_version_id": row.report.checklist_version_id,
        "seconds": report_flags.seconds(row.revision.document, document),
        "flag_count": count,
        "whole": whole,
        "inspected_at": clock.now(),
    }
    changed = ("seconds", "flag_count", "whole", "inspected_at")
    insert(Inspection, [values], key=("revision_id",), update=changed)
