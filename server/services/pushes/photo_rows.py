"""Pushed photo rows: what the phone declares of photos whose bytes come by another way."""

from dataclasses import replace
from typing import Any

from server.db import chunks, columns
from server.domain import merging, wire
from server.domain.states import PhotoState
from server.domain.wire import Row
from server.models import Photo, PhotoContent
from server.services import events
from server.services.pushes import plain_rows
from server.services.pushes.work import Work

_COLUMNS = tuple(wire.PUSHED["photos"])


def take(work: Work) -> None:
    """Upsert the photo rows, honour the deletions, and wake what waits for a row."""
    changed: dict[str, Photo] = {}
    waiting = _waiting(work)
    for row in work.changes["photos"].rows:
        known = work.photos.get(row.id)
        # The id belongs to whom bytes wait for: their row is still to come.
        anothers = known is None and waiting.get(row.id, work.shopper_id) != work.shopper_id
        photo = None if anothers else _mine(work, row, known)
        if photo is None:
            work.reject("photos", row.id)
        else:
            _declare(work, photo, row, new=known is None)
            changed[photo.id] = work.photos[photo.id] = photo
    declared = [photo for photo in changed.values() if photo.deleted_at is None]
    for photo in _deleted(work):
        changed[photo.id] = photo
    _write(list(changed.values()))
    _wake([photo for photo in declared if waiting.get(photo.id) == work.shopper_id])


def _mine(work: Work, row: Row, known: Photo | None) -> Photo | None:
    """The photo to be written, a new one where there is none; None if not this shopper's."""
    if known is not None:
        return known if known.shopper_id == work.shopper_id else None
    report_id = row.values.get("report_id") or ""
    assignment = _assignment(work, report_id)
    if assignment is None or not wire.good_id(row.id):
        return None
    return Photo(
        id=row.id,
        brand_id=assignment.brand_id,
        shopper_id=work.shopper_id,
        report_id=report_id,
        document=merging.of_values({}),
        state=str(PhotoState.DECLARED),
        created_at=work.now,
        updated_at=work.now,
    )


def _assignment(work: Work, report_id: str) -> Any:
    parts = wire.report_parts(report_id)
    return work.assignments.get(parts[0]) if parts else None


def _declare(work: Work, photo: Photo, row: Row, *, new: bool) -> None:
    """Merge the row into `photo`. What is frozen, stored or deleted stays so: edits of it are kept
    in its document."""
    work.complain("photos", row)
    if _assignment(work, row.values.get("report_id") or "") is None:
        row.values.pop("report_id", None)  # nobody's or another's: the photo stays where it is
    settled = photo.state == PhotoState.STORED or photo.developed_at is not None
    fixed = settled or photo.deleted_at is not None
    locked = photo.frozen_revision or (0 if fixed else None)
    outcome = plain_rows.merge(work, row, photo, _COLUMNS, locked=locked)
    if photo.deleted_at is not None:
        work.gone.append(("photos", row.id))
        return
    if outcome.late:
        work.say("photos", row.id, "photo-kept", "The photo is stored or frozen: it stays so.")
    work.tell("photos", row.id, replace(outcome, late=()), "")
    if "sha256" in outcome.changed:
        photo.state, photo.reason = str(PhotoState.DECLARED), None
    if outcome.touched or new:
        work.touched.append(("photos", row.id))
    if outcome.changed or new:
        _note_late(work, photo)


def _note_late(work: Work, photo: Photo) -> None:
    report = work.reports.get(photo.report_id)
    if report is not None and report.locked_revision is not None:
        number = report.locked_revision
        work.say(
            "photos", photo.id, "late-edit", f"Revision {number} is frozen; the photo is kept."
        )


def _deleted(work: Work) -> list[Photo]:
    gone = []
    for photo_id in work.changes["photos"].deleted:
        photo = work.photos.get(photo_id)
        if photo is None:
            continue
        if photo.shopper_id != work.shopper_id:
            work.reject("photos", photo_id)
        elif photo.frozen_revision is not None:
            number = photo.frozen_revision
            work.say("photos", photo_id, "photo-kept", f"Revision {number} holds it: it stays.")
            work.touched.append(("photos", photo_id))
        else:
            work.gone.append(("photos", photo_id))
            photo.deleted_at = photo.deleted_at or work.now
            gone.append(photo)
    return gone


def _write(photos: list[Photo]) -> None:
    kept = [Photo._meta.fields[name] for name in (*_COLUMNS, "state", "reason", "document")]
    for part in chunks(photos):
        Photo.insert_many(columns(photo) for photo in part).on_conflict(
            conflict_target=[Photo.id], preserve=[*kept, Photo.deleted_at, Photo.updated_at]
        ).execute()


def _waiting(work: Work) -> dict[str, str]:
    """Of the pushed photos those whose bytes came before their row: whose they are."""
    pushed = sorted({row.id for row in work.changes["photos"].rows if wire.good_id(row.id)})
    found: dict[str, str] = {}
    for part in chunks(pushed):
        contents = PhotoContent.select(PhotoContent.photo_id, PhotoContent.shopper_id).where(
            PhotoContent.photo_id.in_(part), PhotoContent.waiting
        )
        found |= {content.photo_id: content.shopper_id for content in contents}
    return found


def _wake(photos: list[Photo]) -> None:
    """The event of a row whose bytes wait puts the two together."""
    for brand_id in {photo.brand_id for photo in photos}:
        mine = [photo.id for photo in photos if photo.brand_id == brand_id]
        events.emit_many("photo.waiting", mine, brand_id)
