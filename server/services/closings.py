"""Closing a checklist's version: it takes reports that have begun, and starts none; and it may be
opened again. Nothing that a phone recorded is refused: a visit that was begun later is flagged."""

from typing import Any

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import AssignmentStatus
from server.models import Assignment, AssignmentResponse, ChecklistVersion, Report
from server.services import checklists, events, feeds, notices
from server.services.access import require

_AT_ONCE = 100
_UNBEGUN = (str(AssignmentStatus.OFFERED), str(AssignmentStatus.ACCEPTED))


def close(actor: Actor, brand_id: str, checklist_id: str, number: int) -> ChecklistVersion:
    """Set a version closing, from now on. Doing it twice changes nothing more."""
    return _set(actor, brand_id, checklist_id, number, closing=True)


def reopen(actor: Actor, brand_id: str, checklist_id: str, number: int) -> ChecklistVersion:
    """Open a version again."""
    return _set(actor, brand_id, checklist_id, number, closing=False)


def tell(version_id: str) -> int:
    """Send the version to the phones that hold it, and a word of it to those that have a visit with
    it and have not begun; how many visits. It may run twice."""
    feeds.fan_out("checklists", version_id)
    last, told = "", 0
    while rows := _unbegun(version_id, last):
        with atomic():
            _tell(version_id, rows)
        last, told = rows[-1].id, told + len(rows)
    return told


def _set(
    actor: Actor, brand_id: str, checklist_id: str, number: int, *, closing: bool
) -> ChecklistVersion:
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        version = checklists.version_read(actor, brand_id, checklist_id, number)
        if (version.closing_at is not None) == closing:
            return version
        version.closing_at = clock.now() if closing else None
        version.save(only=["closing_at"])
        events.emit("checklist.changed", version.id, brand_id)
        return version


def _tell(version_id: str, rows: list[Assignment]) -> None:
    """The feeds are locked first, as a push does: what it says of an offer is there, or waits."""
    seqs = {one: each.seq for one, each in feeds.lock(row.shopper_id for row in rows).items()}
    closing = bool(checklists.closing([version_id]))
    code = "checklist-closing" if closing else "checklist-open"
    said = "closing: begin no visit with it." if closing else "open again: you may begin."
    changes: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        word = (f"assignments/{row.id}", code, f"Its checklist is {said}")
        changes.setdefault(row.shopper_id, []).append(notices.notify(row.shopper_id, *word))
    if not closing:
        for row in _accept(rows):
            changes.setdefault(row.shopper_id, []).append(("assignments", row.id))
    feeds.record(seqs, changes)


def _accept(rows: list[Assignment]) -> list[Any]:
    """Within a transaction, move the offers of these that were accepted while the version was
    closing: the word was kept, and phones do not say it again."""
    accepted = AssignmentResponse.select(AssignmentResponse.id).where(
        AssignmentResponse.response == str(AssignmentStatus.ACCEPTED),
        AssignmentResponse.shopper_id == Assignment.shopper_id,
    )
    moved = Assignment.update(
        status=str(AssignmentStatus.ACCEPTED),
        updated_at=clock.now(),
        version=Assignment.version + 1,
    ).where(
        Assignment.id.in_([row.id for row in rows]),
        Assignment.shopper_id.in_([row.shopper_id for row in rows]),
        Assignment.status == str(AssignmentStatus.OFFERED),
        Assignment.id.in_(accepted),
    )
    return list(moved.returning(Assignment.id, Assignment.shopper_id).execute())


def _unbegun(version_id: str, after: str) -> list[Any]:
    begun = Report.select(Report.assignment_id).where(Report.checklist_version_id == version_id)
    query = Assignment.select().where(
        Assignment.checklist_version_id == version_id,
        Assignment.status.in_(_UNBEGUN),
        Assignment.id.not_in(begun),
        Assignment.id > after,
    )
    return list(query.order_by(Assignment.id).limit(_AT_ONCE))
