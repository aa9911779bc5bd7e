"""Pushed responses to offered assignments."""

from server import clock
from server.db import chunks, columns
from server.domain.states import AssignmentStatus
from server.domain.wire import Row
from server.models import Assignment, AssignmentResponse
from server.services.pushes.work import Work

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
        response = work.responses.get(row.id) or AssignmentResponse(
            id=row.id, shopper_id=work.shopper_id
        )
        if _write_into(work, response, row):
            changed[row.id] = work.responses[row.id] = response
            work.touched.append(("assignment_responses", row.id))
            _move(work, assignment, response)
    _upsert(list(changed.values()))


def _write_into(work: Work, response: AssignmentResponse, row: Row) -> bool:
    known = response.updated_at is not None
    values = dict(row.values)
    if values.get("responded_at") is not None:
        values["responded_at"] = clock.from_ms(values["responded_at"])
    different = {name: value for name, value in values.items() if value != getattr(response, name)}
    for name, value in different.items():
        setattr(response, name, value)
    response.updated_at = work.now
    return bool(different) or not known


def _move(work: Work, assignment: Assignment, response: AssignmentResponse) -> None:
    wanted = response.response
    if wanted is None or wanted == assignment.status:
        return
    if wanted not in _RESPONSES:
        code, message = "unknown-response", f"A response is accepted or declined, not {wanted}."
    elif assignment.status != AssignmentStatus.OFFERED:
        code = "response-too-late"
        message = f"The assignment is {assignment.status} already: your response is kept."
    else:
        work.move(assignment, wanted)
        return
    work.say("assignment_responses", assignment.id, code, message)


def _upsert(responses: list[AssignmentResponse]) -> None:
    table = AssignmentResponse
    for part in chunks(responses):
        table.insert_many(columns(one) for one in part).on_conflict(
            conflict_target=[table.id],
            preserve=[table.response, table.reason, table.responded_at, table.updated_at],
        ).execute()
