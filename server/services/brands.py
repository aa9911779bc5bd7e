"""Brands: the tenants."""

from typing import Any

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.errors import NotFound
from server.models import Brand
from server.services import editing
from server.services.access import require
from server.services.paging import Page, page


def create(name: str, locales: list[str], *, auto_approve: bool = False) -> Brand:
    """A new brand, for the operator; nobody is in it yet (`members.grant`). `locales` are BCP 47
    tags, the first is the fallback."""
    now = clock.now()
    with atomic():
        brand: Brand = Brand.create(
            id=clock.new_id(),
            name=name,
            locales=locales,
            auto_approve=auto_approve,
            created_at=now,
            updated_at=now,
        )
        return brand


def find(brand_id: str) -> Brand:
    """The brand of that id, for the operator. NotFound."""
    brand: Brand | None = Brand.get_or_none(Brand.id == brand_id)
    if brand is None:
        raise NotFound(f"There is no brand {brand_id!r}.")
    return brand


def listed(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """A page of the brands in which the actor is anything at all, oldest first."""
    ids = {grant.brand_id for grant in actor.grants if actor.grants_in(grant.brand_id)}
    return page(Brand.select().where(Brand.id.in_(ids)), Brand.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str) -> Brand:
    """One brand."""
    require(actor, brand_id, Permission.BRAND_READ)
    return find(brand_id)


def change(actor: Actor, brand_id: str, if_match: int, changes: dict[str, Any]) -> Brand:
    """Change a brand's name, languages, or which complete reports count by themselves."""
    require(actor, brand_id, Permission.BRAND_WRITE)
    with atomic():
        return editing.change(find(brand_id), if_match, changes)
