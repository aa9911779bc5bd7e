"""The later parts of visits, as assignments of their own: made when the first part is submitted,
cancelled when there is no visit any more.

Submission, and not acceptance, makes them: their days count from the visit, a visit that never was
leaves no chores behind, and what was answered decides whether a part is asked at all. Shoppers
know before that they will come: the checklist on their phone says so.
"""

from datetime import datetime
from typing import Any

from server import clock
from server.db import atomic
from server.domain import parts
from server.domain.months import visit_moment
from server.domain.parts import Part
from server.domain.states import AssignmentStatus
from server.domain.submissions import CLOCKS
from server.models import Assignment, ChecklistVersion, Report, Revision
from server.services import assignments, checklists, editing, events, feeds, offers

_THERE = frozenset(
    {AssignmentStatus.SUBMITTED, AssignmentStatus.RETURNED, AssignmentStatus.APPROVED}
)
"""There is a visit, as far as anybody has decided. Late work for an assignment that was closed is
one once it is approved."""

_OVER = frozenset({AssignmentStatus.REJECTED, AssignmentStatus.CANCELLED})


Wanted = list[tuple[ChecklistVersion, Part]]


def call(revision_id: str) -> None:
    """Have the later parts follow a first part's revision that came, or was decided on; nothing
    where its checklist has none. What follows locks a feed, which whoever handles many events at
    once must not."""
    report = _report(revision_id)
    if parts.later(checklists.document(report.checklist_version_id)):
        events.emit("visit.changed", revision_id, report.brand_id)


def follow(revision_id: str) -> None:
    """Bring the later parts in line with the first part: those that its last revision calls for are
    there, unless somebody cancelled them, and others that nothing was submitted for are cancelled.
    It may run twice."""
    report = _report(revision_id)
    if not parts.later(checklists.document(report.checklist_version_id)):
        return
    if feeds.position(report.shopper_id) is None:  # erased meanwhile
        return
    with atomic():
        seqs = {report.shopper_id: feeds.lock([report.shopper_id])[report.shopper_id].seq}
        first, last = _first(report.id)
        if first is not None and first.shopper_id in seqs:
            feeds.record(seqs, {first.shopper_id: _changed(first, last)})


def _changed(first: Assignment, last: Any) -> list[tuple[str, str]]:
    """Make and cancel parts; the rows that changed."""
    wanted = _wanted(first, last)
    kept = {row.id for row, _ in wanted}
    gone = [
        part for part in assignments.later_parts(first.id) if part.checklist_version_id not in kept
    ]
    assignments.cancel_parts(gone)
    rows = [("assignments", part.id) for part in gone]
    for row, part in _missing(first, wanted):
        rows += feeds.assignment_rows(_made(first, row, part, last))
    return rows


def _report(revision_id: str) -> Report:
    """The report of a revision, without its document."""
    columns = (Report.id, Report.brand_id, Report.shopper_id, Report.checklist_version_id)
    found = Report.select(*columns).join(Revision, on=Revision.report_id == Report.id)
    report: Report = found.where(Revision.id == revision_id).get()
    return report


def _first(report_id: str) -> tuple[Assignment | None, Any]:
    """The assignment that a report is the first part of, None where it is of another attempt; and
    its last revision."""
    newest = (Report.id == Revision.report_id) & (Report.revision == Revision.number)
    of_report = (Report.assignment_id, Report.attempt, Report.checklist_version_id)
    last: Any = (
        Revision.select(Revision.document, Revision.frozen_at, *of_report)
        .join(Report, on=newest)
        .where(Report.id == report_id)
        .objects()
        .get()
    )
    first = Assignment.get_by_id(last.assignment_id)
    return (first if first.attempt == last.attempt and first.part_of is None else None), last


def _wanted(first: Assignment, last: Any) -> Wanted:
    """The later parts that the visit should have, with their versions."""
    if first.status in _OVER:
        return []
    version_id = last.checklist_version_id
    answers = {key: answer["value"] for key, answer in last.document["answers"].items()}
    expected = parts.expected(checklists.document(version_id), answers)
    called = {part.number: part for part in expected}
    rows = checklists.later(version_id)
    return [(row, called[row.part]) for row in rows if row.part in called]


def _missing(first: Assignment, wanted: Wanted) -> Wanted:
    if first.status not in _THERE or not offers.may_shop(first.brand_id, first.shopper_id):
        return []
    rows: Any = Assignment.select(Assignment.checklist_version_id).where(
        Assignment.part_of == first.id
    )
    known = {version_id for (version_id,) in rows.tuples()}
    return [(row, part) for row, part in wanted if row.id not in known]


def _made(first: Assignment, row: ChecklistVersion, part: Part, last: Any) -> Assignment:
    """Accepted already, with the visit; its fee is in the visit's."""
    opens_at, closes_at = part.window(_visited(first, last), clock.now())
    return editing.create(
        Assignment,
        first.brand_id,
        wave_id=first.wave_id,
        store_id=first.store_id,
        shopper_id=first.shopper_id,
        checklist_version_id=row.id,
        attempt=first.attempt,
        part_of=first.id,
        status=str(AssignmentStatus.ACCEPTED),
        scenario=first.scenario,
        persona_id=first.persona_id,
        opens_at=opens_at,
        closes_at=closes_at,
    )


def _visited(first: Assignment, last: Any) -> datetime:
    """When the visit was, by the phone's clock as far as that can be true: not before its window,
    and not after its report was here."""
    moment = visit_moment([last.document["fields"].get(name) for name in CLOCKS], last.frozen_at)
    return min(max(moment, first.opens_at), last.frozen_at)
