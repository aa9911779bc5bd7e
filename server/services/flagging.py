"""Flags of photos for their reviewers. They are made when they are read, as the report that a photo
is compared with may come later than the photo."""

from collections.abc import Iterable
from typing import Any

import msgspec

from server import clock
from server.db import chunks
from server.domain import merging, pictures, wire
from server.domain.pictures import Facts, Flag, Place, Twin, Visit
from server.models import Assignment, Photo, Picture, Report, Store


def flags_of(photos: Iterable[Photo]) -> dict[str, list[Flag]]:
    """The flags of those photos that have been developed, by photo, in a fixed number of
    queries."""
    rows = list(photos)
    found: list[Picture] = [
        picture
        for part in chunks([photo.id for photo in rows])
        for picture in Picture.select().where(Picture.id.in_(part))
    ]
    visits = _visits({photo.report_id for photo in rows})
    by_id = {photo.id: photo for photo in rows}
    return {picture.id: _flags(picture, by_id[picture.id], visits) for picture in found}


def _flags(picture: Picture, photo: Photo, visits: dict[str, tuple[Any, Any]]) -> list[Flag]:
    twins = [Twin(*twin) for twin in picture.twins]
    visit = _visit(photo, *visits.get(photo.report_id, (None, None)))
    return pictures.flags(msgspec.convert(picture.facts, Facts), visit, twins)


def _visits(report_ids: set[str]) -> dict[str, tuple[Any, Any]]:
    """By report id, its document and its assignment with the store's place; None where there is
    none."""
    parts = {report_id: wire.report_parts(report_id) for report_id in report_ids}
    documents, assignments = {}, {}
    for part in chunks(sorted(report_ids)):
        for report in Report.select(Report.id, Report.document).where(Report.id.in_(part)):
            documents[report.id] = report.document
    for some in chunks(sorted({part[0] for part in parts.values() if part})):
        for assignment in _assignments(some):
            assignments[assignment.id] = assignment
    return {
        report_id: (documents.get(report_id), assignments.get(part[0] if part else ""))
        for report_id, part in parts.items()
    }


def _assignments(ids: Any) -> Any:
    columns = (Assignment.id, Assignment.part_of, Assignment.opens_at, Assignment.closes_at)
    return (
        Assignment.select(*columns, Store.latitude, Store.longitude, Store.timezone)
        .join(Store, on=Store.id == Assignment.store_id)
        .where(Assignment.id.in_(ids))
        .objects()
    )


def _visit(photo: Photo, document: Any, assignment: Any) -> Visit:
    """Where a report says nothing of its times, the assignment's window stands in. A later part is
    answered wherever its shopper uses what was bought, and no photo of it is far away."""

    def said(name: str) -> Any:
        return merging.value_of(document, name) if document else None

    radius = said("accuracy_m")
    ends = said("ended_at") or said("submitted_at")
    return Visit(
        store=None if assignment is None or assignment.part_of else _place(assignment),
        timezone=assignment.timezone if assignment else None,
        begins=_moment(said("started_at")) or (assignment.opens_at if assignment else None),
        ends=_moment(ends) or (assignment.closes_at if assignment else None),
        phone=_place(photo, radius if isinstance(radius, int | float) else 0.0),
    )


def _place(row: Any, accuracy_m: float = 0.0) -> Place | None:
    if row is None or row.latitude is None or row.longitude is None:
        return None
    return Place(row.latitude, row.longitude, accuracy_m)


def _moment(milliseconds: Any) -> Any:
    try:
        return clock.from_ms(milliseconds) if isinstance(milliseconds, int) else None
    except OverflowError:
        return None
