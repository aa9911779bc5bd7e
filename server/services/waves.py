"""What is done with waves."""

from typing import Any

from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.errors import Invalid
from server.models import Wave
from server.services import checklists, editing, events, offers
from server.services.access import require
from server.services.paging import Page, page


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's waves, oldest first."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    query = Wave.select().where(Wave.brand_id == brand_id)
    if not archived:
        query = query.where(Wave.archived_at.is_null())
    return page(query, Wave.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, wave_id: str) -> Wave:
    """One wave."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    return editing.find(Wave, brand_id, wave_id)


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Wave:
    """Plan a wave. Invalid where its checklist is not published or its window is empty."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        _check(brand_id, values)
        return editing.create(Wave, brand_id, **values)


def change(
    actor: Actor, brand_id: str, wave_id: str, if_match: int, changes: dict[str, Any]
) -> Wave:
    """Change a wave; assignments that exist keep their checklist and window. Phones learn of a
    new name through a job."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        wave = editing.find(Wave, brand_id, wave_id)
        now = {name: getattr(wave, name) for name in ("opens_at", "closes_at")}
        _check(brand_id, now | changes)
        renamed = changes.get("name", wave.name) != wave.name
        wave = editing.change(wave, if_match, changes)
        if renamed:
            events.emit("wave.changed", wave.id, brand_id)
        return wave


def archive(actor: Actor, brand_id: str, wave_id: str, if_match: int) -> Wave:
    """Archive a wave: it takes no new assignments, those that exist go on."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        return editing.archive(editing.find(Wave, brand_id, wave_id), if_match)


def _check(brand_id: str, values: dict[str, Any]) -> None:
    errors = []
    version_id = values.get("checklist_version_id")
    if version_id is not None and not checklists.published_in(brand_id, [version_id]):
        detail = "Is no published version of a checklist of this brand."
        errors.append({"pointer": "/checklist_version_id", "detail": detail})
    elif version_id is not None and checklists.closing([version_id]):
        errors.append({"pointer": "/checklist_version_id", "detail": offers.CLOSING})
    if values["opens_at"] >= values["closes_at"]:
        errors.append({"pointer": "/closes_at", "detail": "Must be after opens_at."})
    if errors:
        raise Invalid("Mend the fields named in `errors`.", errors=errors)
