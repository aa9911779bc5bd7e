"""Pushed responses to offered assignments."""

from server.db import chunks, columns
from server.domain import wire
from server.domain.states import AssignmentStatus
from server.models import Assignment, AssignmentResponse
from server.services import checklists
from server.services.pushes import plain_rows
from server.services.pushes.work import Work

_COLUMNS = tuple(wire.PUSHED["assignment_responses"])
_RESPONSES = (AssignmentStatus.ACCEPTED, AssignmentStatus.DECLINED)


def take(work: Work) -> None:
    """Keep the responses, and move the assignments that are still offered."""
    changed: dict[str, AssignmentResponse] = {}
    for row in work.changes["assignment_responses"].rows:
        assignment = work.assignments.get(row.id)
        if assignment is None:
            work.reject("assignment_responses", row.id)
            continue
        work.complain("assignment_responses", row)
        known = work.responses.get(row.id)
        response = known or AssignmentResponse(
            id=row.id, shopper_id=work.shopper_id, updated_at=work.now
        )
        outcome = plain_rows.merge(work, row, response, _COLUMNS)
        work.tell("assignment_responses", row.id, outcome, "")
        changed[row.id] = work.responses[row.id] = response
        if outcome.touched or known is None:
            work.touched.append(("assignment_responses", row.id))
        if "response" in outcome.changed:
            _move(work, assignment, response)
    _upsert(list(changed.values()))


def _move(work: Work, assignment: Assignment, response: AssignmentResponse) -> None:
    wanted = response.response
    if wanted is None or wanted == assignment.status:
        return
    if wanted not in _RESPONSES:
        code, message = "unknown-response", f"A response is accepted or declined, not {wanted}."
    elif assignment.status != AssignmentStatus.OFFERED:
        code = "response-too-late"
        message = f"The assignment is {assignment.status} already: your response is kept."
    elif wanted == AssignmentStatus.ACCEPTED and checklists.closing(
        [assignment.checklist_version_id]
    ):
        code, message = "checklist-closing", "Its checklist is closing: begin no visit with it."
    else:
        work.move(assignment, wanted)
        return
    work.say("assignment_responses", assignment.id, code, message)


def _upsert(responses: list[AssignmentResponse]) -> None:
    table = AssignmentResponse
    for part in chunks(responses):
        table.insert_many(columns(one) for one in part).on_conflict(
            conflict_target=[table.id],
            preserve=[*map(table._meta.fields.get, _COLUMNS), table.document, table.updated_at],
        ).execute()
