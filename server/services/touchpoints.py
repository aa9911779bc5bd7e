"""What is done with touchpoints."""

from typing import Any

from server.db import atomic
from server.domain.actor import Actor
from server.domain.journey import Lifecycle
from server.domain.permissions import Permission
from server.errors import Invalid
from server.models import Touchpoint
from server.services import editing
from server.services.access import require
from server.services.paging import Page, page


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's touchpoints, oldest first."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    query = Touchpoint.select().where(Touchpoint.brand_id == brand_id)
    if not archived:
        query = query.where(Touchpoint.archived_at.is_null())
    return page(query, Touchpoint.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, touchpoint_id: str) -> Touchpoint:
    """One touchpoint."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    return editing.find(Touchpoint, brand_id, touchpoint_id)


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Touchpoint:
    """Map a touchpoint; checklists published from now on may link it. Invalid."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    check_weight(values)
    return editing.create(Touchpoint, brand_id, **values)


def change(
    actor: Actor, brand_id: str, touchpoint_id: str, if_match: int, changes: dict[str, Any]
) -> Touchpoint:
    """Change a touchpoint; published checklists keep it as it was. Invalid."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        touchpoint = editing.find(Touchpoint, brand_id, touchpoint_id)
        check_weight(touchpoint.__data__ | changes)
        return editing.change(touchpoint, if_match, changes)


def archive(actor: Actor, brand_id: str, touchpoint_id: str, if_match: int) -> Touchpoint:
    """Archive a touchpoint: no new checklist may link it, old figures keep it."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        return editing.archive(editing.find(Touchpoint, brand_id, touchpoint_id), if_match)


def check_weight(values: dict[str, Any], root: str = "") -> None:
    """First map, then choose: what was not chosen has no weight. Invalid; pointers begin with
    `root`."""
    if values.get("weight") is not None and values["lifecycle"] != Lifecycle.STRATEGIC:
        detail = "Only a strategic touchpoint, a moment of truth, has a weight."
        wrong = {"pointer": f"{root}/weight", "detail": detail}
        raise Invalid("Choose the touchpoint, or leave its weight out.", errors=[wrong])
