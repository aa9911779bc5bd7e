"""Devices: the phones, each a local database of one account.

Whose devices an administrator may see and log out: those of people who work for no brand but
theirs. A shopper shared with another brand is that brand's too: no one brand may end their
session, or learn what they carry. To end such a person's work, archive their membership.
"""

from datetime import timedelta
from typing import Any

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.errors import Forbidden, NotFound
from server.models import Device, Membership
from server.services import editing, refresh_tokens
from server.services.access import require

_SEEN_EVERY = timedelta(hours=1)


def enter(account_id: str, device_id: str, name: str | None) -> None:
    """A person has logged in with the device; one that was logged out is back. Without a name it
    keeps the one that it had, at first its id."""
    now = clock.now()
    seen: dict[str, Any] = {"seen_at": now, "revoked_at": None}
    if name:
        seen["name"] = name
    first = {"name": device_id, "created_at": now} | seen
    Device.insert(account_id=account_id, device_id=device_id, **first).on_conflict(
        conflict_target=[Device.account_id, Device.device_id], update=seen
    ).execute()


def see(account_id: str, device_id: str) -> bool:
    """Whether the device is still logged in; notes the time, once an hour at most."""
    device = Device.get_or_none(Device.account_id == account_id, Device.device_id == device_id)
    if device is None or device.revoked_at is not None:
        return False
    if device.seen_at < clock.now() - _SEEN_EVERY:
        _update(account_id, device_id, seen_at=clock.now())
    return True


def mine(actor: Actor) -> list[Device]:
    """The actor's own devices, oldest first."""
    return _of(_person(actor))


def revoke_mine(actor: Actor, device_id: str) -> None:
    """Log one of the actor's own devices out."""
    _revoke(_person(actor), device_id)


def of_member(actor: Actor, brand_id: str, membership_id: str) -> list[Device]:
    """A member's devices. Forbidden where they belong to another brand too."""
    return _of(_managed(actor, brand_id, membership_id))


def revoke_of_member(actor: Actor, brand_id: str, membership_id: str, device_id: str) -> None:
    """Log a member's device out. Forbidden where they belong to another brand too."""
    _revoke(_managed(actor, brand_id, membership_id), device_id)


def _person(actor: Actor) -> str:
    if actor.account_id is None:
        raise Forbidden("Only people have devices and passwords; this is an integrator's client.")
    return actor.account_id


def _managed(actor: Actor, brand_id: str, membership_id: str) -> str:
    """The account behind a membership, if all its live memberships are in brands that the actor
    administers."""
    require(actor, brand_id, Permission.MEMBERS_WRITE)
    account_id = editing.find(Membership, brand_id, membership_id).account_id
    elsewhere = Membership.select().where(
        Membership.account_id == account_id,
        Membership.archived_at.is_null(),
        Membership.brand_id.not_in(actor.administers()),
    )
    if elsewhere.exists():
        raise Forbidden(
            "This person's devices are not your brand's alone: suspend or archive the membership "
            "instead; they can log a device out themselves."
        )
    return str(account_id)


def _of(account_id: str) -> list[Device]:
    mine = Device.select().where(Device.account_id == account_id)
    return list(mine.order_by(Device.created_at, Device.device_id))


def _revoke(account_id: str, device_id: str) -> None:
    with atomic():
        if not _update(account_id, device_id, revoked_at=clock.now()):
            raise NotFound(f"There is no device {device_id!r}, or it is not yours to see.")
        refresh_tokens.revoke_device(account_id, device_id)


def _update(account_id: str, device_id: str, **values: object) -> int:
    this = (Device.account_id == account_id) & (Device.device_id == device_id)
    return int(Device.update(values).where(this).execute())
