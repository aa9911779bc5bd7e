"""What the database holds of the rows that a push names."""

from collections.abc import Iterator

from server.db import by_id
from server.domain import wire
from server.models import Assignment, AssignmentResponse, Message, Photo, TouchpointProposal
from server.services.pushes.work import Work


def read(work: Work) -> None:
    """Read the photos, proposals and responses that the push names, and of the assignments behind
    all its rows those that are this shopper's."""
    work.photos = by_id(Photo, _ids(work, "photos"))
    work.proposals = by_id(TouchpointProposal, _ids(work, "touchpoint_proposals"))
    work.responses = by_id(AssignmentResponse, _ids(work, "assignment_responses"))
    work.messages = by_id(Message, _ids(work, "messages"))
    assignments = by_id(Assignment, set(_assignment_ids(work)))
    work.assignments = {
        key: row for key, row in assignments.items() if row.shopper_id == work.shopper_id
    }


def report_ids(work: Work) -> set[str]:
    """The reports that the push's rows belong to."""
    named = _ids(work, "reports")
    answers = (wire.answer_parts(answer_id) for answer_id in _ids(work, "answers"))
    named.update(parts[0] for parts in answers if parts)
    named.update(
        str(row.values["report_id"])
        for row in work.changes["photos"].rows
        if row.values.get("report_id")
    )
    named.update(photo.report_id for photo in work.photos.values())
    return named


def _ids(work: Work, table: str) -> set[str]:
    changes = work.changes[table]
    named = {row.id for row in changes.rows}.union(changes.deleted)
    return {row_id for row_id in named if wire.good_id(row_id)}


def _assignment_ids(work: Work) -> Iterator[str]:
    for parts in map(wire.report_parts, report_ids(work)):
        if parts:
            yield parts[0]
    yield from _ids(work, "assignment_responses")
    for row in work.changes["messages"].rows:
        if parts := wire.report_parts(row.values.get("report_id") or ""):
            yield parts[0]
    for row in work.changes["touchpoint_proposals"].rows:
        assignment_id = row.values.get("assignment_id")
        if assignment_id and wire.good_id(assignment_id):
            yield assignment_id
