"""Records of what people were told and agreed to, and of what stores' staff were told."""

from datetime import date
from typing import Any

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.errors import Forbidden, NotFound
from server.models import Consent, Disclosure, Store
from server.services import editing
from server.services.access import require, stores_seen
from server.services.paging import Page, page


def give(actor: Actor, brand_id: str, values: dict[str, Any]) -> Consent:
    """Keep the actor's own word. NotFound outside their brands; Forbidden to clients."""
    if not actor.grants_in(brand_id):
        raise NotFound(f"There is no brand {brand_id!r}, or it is not yours to see.")
    if actor.account_id is None:
        raise Forbidden("Only a person can agree to something.")
    with atomic():
        return Consent.create(
            id=clock.new_id(),
            brand_id=brand_id,
            account_id=actor.account_id,
            at=clock.now(),
            **values,
        )


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, account: str | None = None
) -> Page:
    """A page of what the brand's people said, oldest first; for admins."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    query = Consent.select().where(Consent.brand_id == brand_id)
    if account is not None:
        query = query.where(Consent.account_id == account)
    return page(query, Consent.id, limit=limit, cursor=cursor)


def mine(actor: Actor) -> list[Consent]:
    """All that the actor has said, in all brands."""
    own = Consent.select().where(Consent.account_id == actor.account_id)
    return list(own.order_by(Consent.id))


def disclose(actor: Actor, brand_id: str, *, told_on: date, **values: Any) -> Disclosure:
    """Record that staff were told. NotFound: no such store."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    with atomic():
        if values["store_id"] is not None:
            editing.find(Store, brand_id, values["store_id"])
        return Disclosure.create(
            id=clock.new_id(),
            brand_id=brand_id,
            told_on=told_on.isoformat(),
            recorded_by=actor.name,
            created_at=clock.now(),
            **values,
        )


def disclosed(actor: Actor, brand_id: str, *, limit: int, cursor: str | None) -> Page:
    """A page of what the staff of the actor's stores were told, oldest first."""
    grants = require(actor, brand_id, Permission.STORES_READ)
    seen = Store.select(Store.id).where(stores_seen(grants))
    told = Disclosure.store_id.is_null() | Disclosure.store_id.in_(seen)
    query = Disclosure.select().where(Disclosure.brand_id == brand_id, told)
    return page(query, Disclosure.id, limit=limit, cursor=cursor)
