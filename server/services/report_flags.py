"""Flags of reports for their reviewers. A job finds them after a submission, and again once the
report's photos have been developed; what it finds replaces what it had found."""

from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import Any, NamedTuple

import peewee

from server import clock
from server.db import atomic, insert, serialize
from server.domain import copies, report_flags
from server.domain.actor import Actor
from server.domain.copies import Shingles
from server.domain.permissions import Permission, allowing
from server.domain.pictures import Place
from server.domain.report_flags import OF_PHOTOS, USUAL, Flag, FlagCode
from server.domain.states import PhotoState
from server.models import (
    Assignment,
    ChecklistVersion,
    Event,
    Inspection,
    Photo,
    Report,
    ReportFlag,
    Revision,
    Store,
    TextPrint,
)
from server.services import checklists, editions, events, flagging

UNFLAGGED = "report.unflagged"
"""The event of a revision that is to be looked at."""

_COMPARED = 200
_CANDIDATES = 1000
_READ = 5
_TEXTS = 50


class Text(NamedTuple):
    """One text of a report that is long enough to be compared."""

    item_key: str | None
    shingles: Shingles


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


def inspect(revision_id: str) -> None:
    """Find a revision's flags anew. It may run twice. Of moments that retention took nothing can be
    told any more: then what was found stays gone."""
    with atomic():
        row = _row(revision_id)
        if row is None or row.revision.document.get("coarse"):
            return
        # Two reports with the same text must not miss each other by being looked at at once.
        serialize(f"texts {row.revision.brand_id}")
        visit = _visit(row)
        photos = _photos(row.revision)
        found = [*report_flags.flags(visit), *_copied(row), *_of_photos(row.revision, photos)]
        _write(row.revision, found)
        _note(row, len(found), _developed(photos))


def of_revisions(revision_ids: Iterable[str]) -> dict[str, list[ReportFlag]]:
    """The flags of revisions, in one query."""
    found: dict[str, list[ReportFlag]] = {}
    ids = list(revision_ids)
    query = ReportFlag.select().where(ReportFlag.revision_id.in_(ids))
    for flag in query.order_by(ReportFlag.revision_id, ReportFlag.position):
        found.setdefault(flag.revision_id, []).append(flag)
    return found


def seen(actor: Actor, brand_id: str) -> frozenset[FlagCode]:
    """The flags that the actor may know of: those of photos only with the right to see photos,
    none without that to review."""
    grants = actor.grants_in(brand_id)
    if not allowing(grants, Permission.REPORTS_REVIEW):
        return frozenset()
    photos = allowing(grants, Permission.PHOTOS_READ)
    return frozenset(FlagCode) - (frozenset() if photos else OF_PHOTOS)


def forget(revisions: Iterable[Revision]) -> None:
    """Within a transaction, forget what was found of revisions whose words or moments went, and
    what their texts were compared by."""
    ids = [revision.id for revision in revisions]
    reports = {revision_id.rpartition(".r")[0] for revision_id in ids}
    ReportFlag.delete().where(ReportFlag.revision_id.in_(ids)).execute()
    Inspection.delete().where(Inspection.revision_id.in_(ids)).execute()
    TextPrint.delete().where(TextPrint.report_id.in_(reports)).execute()


class _Row(NamedTuple):
    revision: Revision
    report: Report
    part_of: str | None
    store: Place | None
    closed_at: Any


def _row(revision_id: str) -> _Row | None:
    """A revision with all that it is compared with, in one query."""
    query = (
        Revision.select(
            Revision,
            Report.shopper_id,
            Report.checklist_version_id,
            Report.revision.alias("last"),
            Assignment.part_of,
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
        )
        known = row.latitude is not None and row.longitude is not None
        # A delayed section is answered at home: where is no matter.
        at = Place(row.latitude, row.longitude) if known and row.part_of is None else None
        return _Row(row, report, row.part_of, at, row.closing_at)
    return None


def _visit(row: _Row) -> report_flags.Visit:
    return report_flags.Visit(
        revision=row.revision.document,
        checklist=checklists.document(row.report.checklist_version_id),
        missing=tuple(row.revision.missing),
        late=row.revision.late,
        store=row.store,
        closed_at=row.closed_at,
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


def _copied(row: _Row) -> list[Flag]:
    """Texts that are nearly those of earlier reports. Only the last revision can be found by
    others, and a later report that took from this one is looked at again."""
    mine = _texts(row.revision.document, row.report.checklist_version_id)
    if row.revision.number == row.report.revision:
        _keep_prints(row.revision, mine)
    found: list[Flag] = []
    for other, shopper_id, version_id in _candidates(row.revision, mine):
        theirs = [text.shingles for text in _texts(other.document, version_id)]
        shares = [(copies.best(text.shingles, theirs), text.item_key) for text in mine]
        share, item_key = max(shares, key=lambda pair: pair[0])
        if share < copies.ALIKE:
            continue
        if _earlier(other, row.revision):
            whose = "shopper" if shopper_id == row.report.shopper_id else "other"
            found.append(report_flags.copied(item_key, share, other.report_id, whose))
        elif not _told(other.id, row.revision.report_id):
            events.emit(UNFLAGGED, other.id, other.brand_id)
    return found


def _earlier(one: Revision, other: Revision) -> bool:
    return bool((one.frozen_at, one.id) < (other.frozen_at, other.id))


def _told(revision_id: str, report_id: str) -> bool:
    """Whether the revision's flags name that report already."""
    copied = ReportFlag.code == str(FlagCode.COPIED_TEXT)
    rows = ReportFlag.select().where(ReportFlag.revision_id == revision_id, copied)
    return any(flag.evidence["report_id"] == report_id for flag in rows)


def _texts(document: dict[str, Any], version_id: str) -> list[Text]:
    """The longest texts of a report."""
    told = [Text(key, copies.shingles(text))
            for (key, _), text in editions.texts(document, version_id)]  # fmt: skip
    long = [text for text in told if text.shingles]
    return sorted(long, key=lambda text: -len(text.shingles))[:_TEXTS]


def _keep_prints(revision: Revision, texts: list[Text]) -> None:
    TextPrint.delete().where(TextPrint.report_id == revision.report_id).execute()
    prints = sorted({each for text in texts for each in copies.sketch(text.shingles)})
    rows = [
        {
            "brand_id": revision.brand_id,
            "print": each,
            "report_id": revision.report_id,
            "revision_id": revision.id,
        }
        for each in prints
    ]
    insert(TextPrint, rows)


def _candidates(revision: Revision, texts: list[Text]) -> list[tuple[Revision, str, str]]:
    """The few other reports of the brand that share most prints, with their shopper and version.
    No more than so many rows are looked at, however common a text is."""
    wanted = {each for text in texts for each in copies.sketch(text.shingles)}
    if not wanted:
        return []
    rows: Any = (
        TextPrint.select(TextPrint.revision_id)
        .where(
            TextPrint.brand_id == revision.brand_id,
            TextPrint.print.in_(wanted),
            TextPrint.report_id != revision.report_id,
        )
        .limit(_CANDIDATES)
        .tuples()
    )
    shared = Counter(revision_id for (revision_id,) in rows)
    best = sorted(shared, key=lambda each: (-shared[each], each))[:_READ]
    query = (
        Revision.select(Revision, Report.shopper_id, Report.checklist_version_id)
        .join(Report, on=Report.id == Revision.report_id)
        .where(Revision.id.in_(best))
        .order_by(Revision.frozen_at, Revision.id)
    )
    return [(each, each.shopper_id, each.checklist_version_id) for each in query.objects()]


def _photos(revision: Revision) -> list[Photo]:
    named = [photo_id for ids in revision.document["photos"].values() for photo_id in ids]
    return list(Photo.select().where(Photo.id.in_(named)).order_by(Photo.id)) if named else []


def _developed(photos: list[Photo]) -> bool:
    return all(photo.developed_at is not None for photo in photos)


def _of_photos(revision: Revision, photos: list[Photo]) -> list[Flag]:
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
    values = {
        "revision_id": row.revision.id,
        "brand_id": row.revision.brand_id,
        "checklist_version_id": row.report.checklist_version_id,
        "seconds": report_flags.seconds(row.revision.document),
        "flag_count": count,
        "whole": whole,
        "inspected_at": clock.now(),
    }
    changed = ("seconds", "flag_count", "whole", "inspected_at")
    insert(Inspection, [values], key=("revision_id",), update=changed)
