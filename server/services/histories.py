"""The bound of history: superseded values are kept while a visit is open and for 90 days after."""

from typing import Any

from server import clock
from server.db import Table, atomic, chunks, columns
from server.domain import merging
from server.models import Assignment, AssignmentResponse, Photo, Report, TouchpointProposal
from server.services import feeds
from server.services.pulls import KEPT

_AT_ONCE = 200


def trim() -> int:
    """Let go of superseded values of reports whose assignment closed, and which last changed, more
    than 90 days ago, and of the rows around them; how many values. Each document says so. For the
    sweep; may run twice."""
    trimmed = 0
    while reports := _due():
        trimmed += _trim(reports)
    return trimmed


def _due(**within: Any) -> list[Report]:
    oldest = clock.now() - KEPT
    query = (
        Report.select()
        .join(Assignment, on=(Assignment.id == Report.assignment_id))
        .where(
            Assignment.closed_at < oldest, Report.updated_at < oldest, Report.trimmed_at.is_null()
        )
    )
    if within:
        query = query.where(Report.id.in_(within["ids"]))
    return list(query.order_by(Report.id).limit(_AT_ONCE))


def _trim(found: list[Report]) -> int:
    """One transaction. The feeds are locked before what is trimmed is read: a push writes it."""
    with atomic():
        feeds.lock(report.shopper_id for report in found)
        reports = _due(ids=[report.id for report in found])
        assignment_ids = [report.assignment_id for report in reports]
        photos = Photo.report_id.in_([report.id for report in reports])
        trimmed = sum(
            _trim_rows(table, condition)
            for table, condition in (
                (Photo, photos),
                (AssignmentResponse, AssignmentResponse.id.in_(assignment_ids)),
                (TouchpointProposal, TouchpointProposal.assignment_id.in_(assignment_ids)),
            )
        )
        for report in reports:
            trimmed += merging.trim(report.document, clock.to_ms(clock.now()))
            report.trimmed_at = clock.now()
        _write(Report, reports, Report.document, Report.trimmed_at)
        return trimmed


def _trim_rows(table: type[Table], condition: Any) -> int:
    document: Any = table._meta.fields["document"]
    rows: list[Any] = list(table.select().where(condition, document.is_null(False)))
    at = clock.to_ms(clock.now())
    counts = [merging.trim(row.document, at) for row in rows]
    _write(table, [row for row, count in zip(rows, counts, strict=True) if count], document)
    return sum(counts)


def _write(table: type[Table], rows: list[Any], *fields: Any) -> None:
    for part in chunks(rows):
        table.insert_many(columns(row) for row in part).on_conflict(
            conflict_target=[table.id],  # type: ignore[attr-defined]
            preserve=fields,
        ).execute()
