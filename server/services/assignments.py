"""What is done with assignments. Whatever a phone may hold is touched in its feed.

A push locks its feed before it writes to an assignment, so here, too, the feed comes before any row
that exists already: the other order would deadlock with it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import peewee

from server import clock
from server.db import atomic, chunks
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import OPEN, AssignmentStatus
from server.errors import Conflict, Invalid
from server.models import Assignment, Report, Wave
from server.services import editing, feeds, offers
from server.services.access import require
from server.services.paging import Page, page

CANCELLABLE = frozenset(
    {AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED, AssignmentStatus.RETURNED}
)
"""A submitted one is a reviewer's to decide on."""

REASSIGNABLE = CANCELLABLE | {AssignmentStatus.DECLINED, AssignmentStatus.EXPIRED}
EXPIRING = frozenset({AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED})

_AT_ONCE = 200
_COPIED = (
    "wave_id",
    "store_id",
    "checklist_version_id",
    "attempt",
    "part_of",
    "scenario",
    "persona_id",
    "opens_at",
    "closes_at",
    "fee",
    "currency",
)


def listed(actor: Actor, brand_id: str, *, limit: int, cursor: str | None, **filters: str) -> Page:
    """A page of the brand's assignments, oldest first; `filters` are columns and their values."""
    require(actor, brand_id, Permission.ASSIGNMENTS_READ)
    query = Assignment.select().where(Assignment.brand_id == brand_id)
    for name, value in filters.items():
        query = query.where(getattr(Assignment, name) == value)
    return page(query, Assignment.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, assignment_id: str) -> Assignment:
    """One assignment."""
    require(actor, brand_id, Permission.ASSIGNMENTS_READ)
    return editing.find(Assignment, brand_id, assignment_id)


def create(
    actor: Actor,
    brand_id: str,
    *,
    wave_id: str,
    items: list[dict[str, Any]],
    accepted: bool = False,
) -> list[Assignment]:
    """Offer visits of one wave to shoppers, all or none, in their order; `accepted` spares the
    asking. An item names at least `store_id` and `shopper_id`. The number of queries does not grow
    with the number of offers, but for the rows that one statement can hold. Invalid with every
    mistake; Conflict where the wave is archived."""
    require(actor, brand_id, Permission.ASSIGNMENTS_WRITE)
    with atomic():
        wave = _wave(brand_id, wave_id)
        wanted = [_defaults(wave) | item for item in items]
        offers.check(brand_id, wanted)
        status = AssignmentStatus.ACCEPTED if accepted else AssignmentStatus.OFFERED
        rows = _insert([_row(brand_id, status, values) for values in wanted])
        _touch((), new=rows)
        return rows


def change(
    actor: Actor, brand_id: str, assignment_id: str, if_match: int, changes: dict[str, Any]
) -> Assignment:
    """Change window, fee, scenario or persona of an open assignment. Conflict where it is
    closed."""
    require(actor, brand_id, Permission.ASSIGNMENTS_WRITE)
    with atomic():
        assignment = editing.find(Assignment, brand_id, assignment_id)
        if assignment.status not in OPEN:
            raise Conflict(f"This assignment is {assignment.status}: only open ones change.")
        offers.check_terms(assignment.__data__ | changes)
        persona_id = changes.get("persona_id")
        if persona_id is not None:
            offers.check_persona(brand_id, persona_id)
        _touch([assignment], personas={persona_id})
        return editing.change(assignment, if_match, changes)


def cancel(actor: Actor, brand_id: str, assignment_id: str) -> Assignment:
    """Cancel an assignment that nothing was submitted for, with the visit's later parts. What the
    phone recorded meanwhile still arrives, marked late. Cancelling twice changes nothing more.
    Conflict."""
    require(actor, brand_id, Permission.ASSIGNMENTS_WRITE)
    with atomic():
        assignment = editing.find(Assignment, brand_id, assignment_id)
        if assignment.status == AssignmentStatus.CANCELLED:
            return assignment
        _touch([assignment])
        _cancel_parts(assignment)
        return _cancelled(assignment, CANCELLABLE)


def reassign(
    actor: Actor, brand_id: str, assignment_id: str, *, shopper_id: str, **window: Any
) -> Assignment:
    """Offer the visit to another shopper: a new assignment with a new id. The old one becomes
    cancelled and stays, because its phone may hold work (docs/sync.md). A later part is nobody
    else's: who made the visit has what was bought. Invalid, Conflict."""
    require(actor, brand_id, Permission.ASSIGNMENTS_WRITE)
    with atomic():
        old = editing.find(Assignment, brand_id, assignment_id)
        if old.part_of is not None:
            raise Conflict("Only who made the visit can make its later parts: cancel this one.")
        _check_another(old, shopper_id)
        values = {name: getattr(old, name) for name in _COPIED} | window
        offers.check_shopper(brand_id, shopper_id)
        offers.check_terms(values)
        offers.check_version(old.checklist_version_id)
        row = _row(brand_id, AssignmentStatus.OFFERED, values | {"shopper_id": shopper_id})
        _touch([old], new=[row])
        _cancel_parts(old)
        _cancelled(old, REASSIGNABLE)
        return _insert([row])[0]


def later_parts(first_id: str) -> list[Assignment]:
    """The later parts of a visit that can still be cancelled."""
    query = Assignment.select().where(
        Assignment.part_of == first_id,
        Assignment.status.in_([str(status) for status in CANCELLABLE]),
    )
    return list(query.order_by(Assignment.id))


def cancel_parts(parts: list[Assignment]) -> None:
    """Cancel later parts, whose shopper's feed is locked. The state is a condition of the write."""
    if parts:
        _closing(AssignmentStatus.CANCELLED).where(
            Assignment.id.in_([part.id for part in parts]),
            Assignment.status.in_([str(status) for status in CANCELLABLE]),
        ).execute()


def expire() -> int:
    """Expire what closed before anything was begun; how many. For the sweep; may run twice."""
    expired = 0
    while count := _expire_some():
        expired += count
    return expired


def retell(wave_id: str) -> int:
    """Send the open assignments of a wave to their phones again, because its name changed; how
    many. It may run twice."""
    last, told = "", 0
    while rows := _open_of_wave(wave_id, last):
        with atomic():
            _touch(rows)
        last, told = rows[-1].id, told + len(rows)
    return told


def _wave(brand_id: str, wave_id: str) -> Wave:
    wave = Wave.get_or_none(Wave.id == wave_id, Wave.brand_id == brand_id)
    if wave is None:
        detail = "Is no wave of this brand."
        raise Invalid("There is no such wave.", errors=[{"pointer": "/wave_id", "detail": detail}])
    if wave.archived_at is not None:
        raise Conflict("This wave is archived and takes no new assignments.")
    return wave


def _defaults(wave: Wave) -> dict[str, Any]:
    return {
        "wave_id": wave.id,
        "checklist_version_id": wave.checklist_version_id,
        "opens_at": wave.opens_at,
        "closes_at": wave.closes_at,
        "attempt": 1,
        "part_of": None,
        "scenario": None,
        "persona_id": None,
        "fee": None,
        "currency": None,
    }


def _row(brand_id: str, status: AssignmentStatus, values: dict[str, Any]) -> Assignment:
    now = clock.now()
    made = {"id": clock.new_id(), "created_at": now, "updated_at": now}
    return Assignment(brand_id=brand_id, status=str(status), **made, **values)


def _insert(rows: list[Assignment]) -> list[Assignment]:
    for part in chunks(rows):
        Assignment.insert_many([row.__data__ for row in part]).execute()
    return rows


def _touch(
    changed: Iterable[Assignment],
    new: Iterable[Assignment] = (),
    personas: Iterable[str | None] = (),
) -> None:
    """All feeds in one call, so that they are locked in their order. `personas` are those that the
    changed ones are given."""
    given = [("personas", persona_id) for persona_id in personas if persona_id is not None]
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for assignment in changed:
        rows[assignment.shopper_id] += [("assignments", assignment.id), *given]
    for assignment in new:
        rows[assignment.shopper_id].extend(feeds.assignment_rows(assignment))
    feeds.touch(rows)


def _check_another(old: Assignment, shopper_id: str) -> None:
    if shopper_id == old.shopper_id:
        wrong = {"pointer": "/shopper_id", "detail": "Has this assignment already."}
        raise Invalid("Name another shopper.", errors=[wrong])


def _cancelled(assignment: Assignment, allowed: Iterable[AssignmentStatus]) -> Assignment:
    """The state is a condition of the write: a push may change it meanwhile."""
    changed = _closing(AssignmentStatus.CANCELLED).where(
        Assignment.id == assignment.id, Assignment.status.in_([str(each) for each in allowed])
    )
    for row in changed.returning(Assignment).execute():
        return row
    raise Conflict(f"This assignment is {assignment.status}: it can no longer be cancelled.")


def _cancel_parts(first: Assignment) -> None:
    """Cancel the visit's later parts; its feed is locked, so there will be no more of them."""
    later = later_parts(first.id)
    _touch(later)
    cancel_parts(later)


def _closing(status: AssignmentStatus) -> Any:
    now = clock.now()
    return Assignment.update(
        status=str(status), closed_at=now, updated_at=now, version=Assignment.version + 1
    )


def _expire_some() -> int:
    """One transaction, so that no feed stays locked for long."""
    with atomic():
        begun = Report.select(Report.id).where(Report.assignment_id == Assignment.id)
        overdue = Assignment.status.in_([str(each) for each in EXPIRING]) & (
            Assignment.closes_at < clock.now()
        )
        query = Assignment.select().where(overdue, ~peewee.fn.EXISTS(begun))
        rows = list(query.order_by(Assignment.closes_at).limit(_AT_ONCE))
        _touch(rows)
        some = Assignment.id.in_([row.id for row in rows])
        expired: int = _closing(AssignmentStatus.EXPIRED).where(some, overdue).execute()
        return expired


def _open_of_wave(wave_id: str, after: str) -> list[Assignment]:
    query = Assignment.select().where(
        Assignment.wave_id == wave_id,
        Assignment.status.in_([str(status) for status in OPEN]),
        Assignment.id > after,
    )
    return list(query.order_by(Assignment.id).limit(_AT_ONCE))
