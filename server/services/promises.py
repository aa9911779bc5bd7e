"""What is done with promises."""

from typing import Any

from server import clock
from server.db import atomic, serialize
from server.domain.actor import Actor
from server.domain.journey import circle
from server.domain.permissions import Permission
from server.errors import Invalid
from server.models import Promise
from server.services import editing, events, figures
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
    promise_id = clock.new_id()
    with atomic():
        _check_dependencies(brand_id, promise_id, values.get("depends_on", []))
        figures.changed(brand_id)
        return editing.create(Promise, brand_id, id=promise_id, **values)


def change(
    actor: Actor, brand_id: str, promise_id: str, if_match: int, changes: dict[str, Any]
) -> Promise:
    """Change a promise; phones that hold it learn of it through a job."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        promise = editing.find(Promise, brand_id, promise_id)
        if "depends_on" in changes:
            _check_dependencies(brand_id, promise_id, changes["depends_on"])
        promise = editing.change(promise, if_match, changes)
        events.emit("promise.changed", promise.id, brand_id)
        figures.changed(brand_id)
        return promise


def archive(actor: Actor, brand_id: str, promise_id: str, if_match: int) -> Promise:
    """Archive a promise: no new checklist may link it, old figures keep it."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        return editing.archive(editing.find(Promise, brand_id, promise_id), if_match)


def _check_dependencies(brand_id: str, promise_id: str, depends_on: list[str]) -> None:
    """Invalid unless all are live promises of the brand and none leads back here. Two edits at
    once could close a circle together, so they take turns."""
    if not depends_on:
        return
    serialize(f"promises of {brand_id}")
    rows = Promise.select(Promise.id, Promise.depends_on).where(
        Promise.brand_id == brand_id, Promise.archived_at.is_null()
    )
    known = {row.id: row.depends_on for row in rows}
    wrong = [
        {"pointer": f"/depends_on/{index}", "detail": "Is no live promise of this brand."}
        for index, other in enumerate(depends_on)
        if other not in known
    ]
    if not wrong and (found := circle(known | {promise_id: depends_on})):
        way = " → ".join(found)
        wrong = [{"pointer": "/depends_on", "detail": f"Leads in a circle: {way}."}]
    if wrong:
        raise Invalid("A promise depends on others that can be kept without it.", errors=wrong)
