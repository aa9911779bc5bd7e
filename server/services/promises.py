"""What is done with promises."""

from typing import Any

from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.models import Promise
from server.services import editing, events
from server.services.access import require
from server.services.paging import Page, page


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's promises, oldest first."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    query = Promise.select().where(Promise.brand_id == brand_id)
    if not archived:
        query = query.where(Promise.archived_at.is_null())
    return page(query, Promise.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, promise_id: str) -> Promise:
    """One promise."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    return editing.find(Promise, brand_id, promise_id)


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Promise:
    """Make a promise; phones get it with the first assignment that names it."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    return editing.create(Promise, brand_id, **values)


def change(
    actor: Actor, brand_id: str, promise_id: str, if_match: int, changes: dict[str, Any]
) -> Promise:
    """Change a promise; phones that hold it learn of it through a job."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        promise = editing.find(Promise, brand_id, promise_id)
        promise = editing.change(promise, if_match, changes)
        events.emit("promise.changed", promise.id, brand_id)
        return promise


def archive(actor: Actor, brand_id: str, promise_id: str, if_match: int) -> Promise:
    """Archive a promise: no new checklist may link it, old figures keep it."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        return editing.archive(editing.find(Promise, brand_id, promise_id), if_match)
