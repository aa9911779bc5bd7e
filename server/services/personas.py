"""What is done with personas. Stores read none: who knows whom to expect knows the shopper."""

from typing import Any

from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.models import Persona
from server.services import editing, events
from server.services.access import require
from server.services.paging import Page, page


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's personas, oldest first."""
    require(actor, brand_id, Permission.ASSIGNMENTS_READ)
    query = Persona.select().where(Persona.brand_id == brand_id)
    if not archived:
        query = query.where(Persona.archived_at.is_null())
    return page(query, Persona.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, persona_id: str) -> Persona:
    """One persona."""
    require(actor, brand_id, Permission.ASSIGNMENTS_READ)
    return editing.find(Persona, brand_id, persona_id)


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Persona:
    """Make a persona; phones get it with the first assignment that names it."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    return editing.create(Persona, brand_id, **values)


def change(
    actor: Actor, brand_id: str, persona_id: str, if_match: int, changes: dict[str, Any]
) -> Persona:
    """Change a persona; phones that hold it learn of it through a job."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        persona = editing.change(editing.find(Persona, brand_id, persona_id), if_match, changes)
        events.emit("persona.changed", persona.id, brand_id)
        return persona


def archive(actor: Actor, brand_id: str, persona_id: str, if_match: int) -> Persona:
    """Archive a persona: no new assignment may name it, those that do keep it."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        return editing.archive(editing.find(Persona, brand_id, persona_id), if_match)
