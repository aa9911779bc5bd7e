"""The end of a push: late work is marked, complete reports freeze, and all reports are written."""

from datetime import datetime

from server.db import chunks, columns, insert
from server.domain import merging
from server.domain.states import AssignmentStatus, RevisionStatus
from server.models import Report, Review
from server.services import submissions
from server.services.pushes.work import Work

_MERGED = (
    "checklist_version_id",
    "document",
    "revision",
    "locked_revision",
    "submitted_at",
    "late",
    "trimmed_at",
    "words_gone_at",
    "moments_gone_at",
    "updated_at",
)
"""What a push may change of a report that is there."""


def freeze(work: Work) -> None:
    """Mark what is late, and freeze what is complete now."""
    due = _due(work)
    for report in work.reports.values():
        if report.locked_revision is None:
            report.late = _late(work, report, due.get(report.id))
    _freeze(work)


def write(work: Work) -> None:
    """Write the new revisions and every changed report."""
    submissions.write(work.revisions)
    for report in work.changed.values():
        submissions.note_times(report, work.now)
    for part in chunks(list(work.changed.values())):
        insert(Report, [columns(report) for report in part], key=("id",), update=_MERGED)


def _late(work: Work, report: Report, due_at: datetime | None) -> bool:
    assignment = work.assignments[report.assignment_id]
    suspended = work.suspended(report.brand_id)
    if report.attempt != assignment.attempt:
        work.say("reports", report.id, "attempt-differs", "The assignment is another attempt.")
        return True
    return submissions.late(assignment, due_at, work.now, suspended)


def _due(work: Work) -> dict[str, datetime]:
    """Until when returned reports may come again, where their reviewers said."""
    returned = [
        report.id
        for report in work.reports.values()
        if report.revision and report.locked_revision is None
    ]
    due: dict[str, datetime] = {}
    for part in chunks(returned):
        rows = Review.select(Review.report_id, Review.due_at).where(
            Review.report_id.in_(part),
            Review.outcome == str(RevisionStatus.RETURNED),
            Review.due_at.is_null(False),
        )
        for row in rows:
            due[row.report_id] = max(row.due_at, due.get(row.report_id, row.due_at))
    return due


def _freeze(work: Work) -> None:
    done = [
        report
        for report in work.reports.values()
        if report.locked_revision is None and merging.submitted_since_freeze(report.document)
    ]
    photos = submissions.photos_of(report.id for report in done)
    for report in done:
        if submissions.ready(report, photos[report.id]):
            frozen = submissions.freeze(report, photos[report.id], seq=work.seq, now=work.now)
            work.revisions.append(frozen.revision)
            work.words += frozen.words
            work.changed[report.id] = report
            _submitted(work, report)


def _submitted(work: Work, report: Report) -> None:
    work.touched.append(("reports", report.id))
    assignment = work.assignments[report.assignment_id]
    if report.attempt == assignment.attempt and assignment.status in submissions.SUBMITTABLE:
        work.move(assignment, AssignmentStatus.SUBMITTED)
