"""Who works in a store, for those who manage the programme and those who review."""

from typing import Any

from server.db import atomic
from server.domain.actor import Actor
from server.domain.ownership import Ownership
from server.domain.permissions import Permission
from server.domain.redaction import Name
from server.errors import Conflict, PreconditionFailed
from server.models import StaffMember, Store
from server.services import editing
from server.services.access import require
from server.services.paging import Page, page


def listed(actor: Actor, brand_id: str, store_id: str, *, limit: int, cursor: str | None) -> Page:
    """A page of a store's staff."""
    require(actor, brand_id, Permission.STAFF_READ)
    editing.find(Store, brand_id, store_id)
    return page(_of(store_id), StaffMember.id, limit=limit, cursor=cursor)


def create(actor: Actor, brand_id: str, store_id: str, values: dict[str, Any]) -> StaffMember:
    """Add somebody to a store's staff. Conflict for a competitor's store: who works there is none
    of the brand's business."""
    require(actor, brand_id, Permission.STAFF_WRITE)
    if editing.find(Store, brand_id, store_id).ownership == Ownership.COMPETITOR:
        raise Conflict("No staff of competitors' stores is kept.")
    with atomic():
        return editing.create(StaffMember, brand_id, store_id=store_id, **values)


def change(
    actor: Actor,
    brand_id: str,
    store_id: str,
    staff_id: str,
    if_match: int,
    changes: dict[str, Any],
) -> StaffMember:
    """Change somebody's name or role."""
    require(actor, brand_id, Permission.STAFF_WRITE)
    with atomic():
        found = editing.find(StaffMember, brand_id, staff_id, StaffMember.store_id == store_id)
        return editing.change(found, if_match, changes)


def delete(actor: Actor, brand_id: str, store_id: str, staff_id: str, if_match: int) -> None:
    """Forget somebody: nothing of them is kept."""
    require(actor, brand_id, Permission.STAFF_WRITE)
    with atomic():
        found = editing.find(StaffMember, brand_id, staff_id, StaffMember.store_id == store_id)
        version = if_match or found.version
        this = (StaffMember.id == staff_id) & (StaffMember.version == version)
        if not StaffMember.delete().where(this).execute():
            raise PreconditionFailed(f"This is at version {found.version} by now: read it again.")


def names(store_id: str) -> list[Name]:
    """The names that stand for roles in texts on a store."""
    return [Name(row.name, row.role) for row in _of(store_id)]


def names_of(store_ids: set[str]) -> dict[str, list[Name]]:
    """The same of several stores, in one query."""
    found: dict[str, list[Name]] = {}
    for row in StaffMember.select().where(StaffMember.store_id.in_(store_ids)):
        found.setdefault(row.store_id, []).append(Name(row.name, row.role))
    return found


def _of(store_id: str) -> Any:
    return StaffMember.select().where(StaffMember.store_id == store_id)
