"""The audit log: one row for each answered request that read personal data or changed something of
a brand. Where from is not kept: it would be one more thing to know of people."""

from typing import Any

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.models import AuditEntry, Photo
from server.services.access import require
from server.services.paging import Page, page

RULE = "rule"
"""Who acted where a brand's rule did."""


def record(actor: Actor, operation: str, things: dict[str, Any], request_id: str) -> None:
    """Note a request. What a shopper does with their own photo is no entry."""
    told = {name: str(value) for name, value in things.items()}
    brand_id = told.pop("brand_id", None) or _brand_of(told.get("photo_id"), actor)
    if brand_id is None:
        return
    with atomic():
        _write(brand_id, actor.name, operation, told, request_id)


def by_rule(brand_id: str, operation: str, things: dict[str, Any]) -> None:
    """Note, in the present transaction, what the brand's rule did and nobody asked for."""
    _write(brand_id, RULE, operation, {name: str(each) for name, each in things.items()}, "")


def listed(
    actor: Actor,
    brand_id: str,
    *,
    limit: int,
    cursor: str | None,
    by: str | None = None,
    operation: str | None = None,
    report: str | None = None,
) -> Page:
    """A page of the brand's entries, oldest first; of one actor, of one operation, on one
    report."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    query = AuditEntry.select().where(AuditEntry.brand_id == brand_id)
    if by is not None:
        query = query.where(AuditEntry.actor == by)
    if operation is not None:
        query = query.where(AuditEntry.operation == operation)
    if report is not None:
        query = query.where(AuditEntry.report_id == report)
    return page(query, AuditEntry.id, limit=limit, cursor=cursor)


def _write(brand_id: str, by: str, operation: str, told: dict[str, str], request_id: str) -> None:
    AuditEntry.insert(
        id=clock.new_id(),
        brand_id=brand_id,
        at=clock.now(),
        actor=by,
        operation=operation,
        things=told,
        report_id=told.get("report_id"),
        request_id=request_id,
    ).execute()


def _brand_of(photo_id: str | None, actor: Actor) -> str | None:
    photo = Photo.get_or_none(Photo.id == photo_id) if photo_id else None
    if photo is None or photo.shopper_id == actor.account_id:
        return None
    return str(photo.brand_id)
