"""Pushed photo rows: what the phone declares of photos whose bytes come by another way."""

from typing import Any

from server.db import chunks, columns
from server.domain import wire
from server.domain.states import PhotoState
from server.domain.wire import Row
from server.models import Photo, PhotoContent
from server.services import events
from server.services.pushes.work import Work

_COLUMNS = tuple(wire.PUSHED["photos"])


def take(work: Work) -> None:
    """Upsert the photo rows, honour the deletions, and wake what waits for a row."""
    changed: dict[str, Photo] = {}
    for row in work.changes["photos"].rows:
        known = work.photos.get(row.id)
        photo = _mine(work, row, known)
        if photo is None:
            work.reject("photos", row.id)
        elif photo.deleted_at is not None:
            work.gone.append(("photos", row.id))
        elif _declare(work, photo, row) or known is None:
            changed[photo.id] = work.photos[photo.id] = photo
            work.touched.append(("photos", photo.id))
    declared = list(changed.values())
    for photo in _deleted(work):
        changed[photo.id] = photo
    _write(list(changed.values()))
    _wake_waiting(work, declared)


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
        state=str(PhotoState.DECLARED),
        created_at=work.now,
        updated_at=work.now,
    )


def _assignment(work: Work, report_id: str) -> Any:
    parts = wire.report_parts(report_id)
    return work.assignments.get(parts[0]) if parts else None


def _declare(work: Work, photo: Photo, row: Row) -> bool:
    """Write what differs into `photo`; whether anything did. What is frozen or stored stays."""
    work.complain("photos", row)
    if _assignment(work, row.values.get("report_id") or "") is None:
        row.values.pop("report_id", None)  # nobody's or another's: the photo stays where it is
    different = {name: value for name, value in row.values.items() if value != _sent(photo, name)}
    if not different:
        return False
    if photo.frozen_revision or photo.state == PhotoState.STORED or photo.developed_at:
        work.say("photos", row.id, "photo-kept", "The photo is stored or frozen: it stays so.")
        work.touched.append(("photos", row.id))
        return False
    for name, value in different.items():
        setattr(photo, name, Photo._meta.fields[name].python_value(value))
    if "sha256" in different:
        photo.state, photo.reason = str(PhotoState.DECLARED), None
    photo.updated_at = work.now
    _note_late(work, photo)
    return True


def _sent(photo: Photo, column: str) -> Any:
    return Photo._meta.fields[column].db_value(getattr(photo, column))


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
    kept = [Photo._meta.fields[name] for name in (*_COLUMNS, "state", "reason")]
    for part in chunks(photos):
        Photo.insert_many(columns(photo) for photo in part).on_conflict(
            conflict_target=[Photo.id], preserve=[*kept, Photo.deleted_at, Photo.updated_at]
        ).execute()


def _wake_waiting(work: Work, declared: list[Photo]) -> None:
    """Bytes may have come before their row: their event puts the two together."""
    brands = {photo.id: photo.brand_id for photo in declared}
    for part in chunks(sorted(brands)):
        waiting = PhotoContent.select(PhotoContent.photo_id).where(
            PhotoContent.photo_id.in_(part),
            PhotoContent.shopper_id == work.shopper_id,
            PhotoContent.waiting,
        )
        found = [content.photo_id for content in waiting]
        for brand_id in {brands[photo_id] for photo_id in found}:
            mine = [photo_id for photo_id in found if brands[photo_id] == brand_id]
            events.emit_many("photo.waiting", mine, brand_id)
