"""The one who asks: who they are, and their password."""

from dataclasses import dataclass

from server.db import atomic
from server.domain.actor import Actor, Grant
from server.errors import Forbidden, Invalid
from server.models import Account, Brand
from server.services import accounts, login_limits, refresh_tokens


@dataclass(frozen=True, slots=True)
class Role:
    """A grant, and how its brand is called."""

    grant: Grant
    brand_name: str


@dataclass(frozen=True, slots=True)
class Me:
    """The actor, with their account (None for a client) and their roles."""

    actor: Actor
    account: Account | None
    roles: list[Role]


def read(actor: Actor) -> Me:
    """Who the actor is. A suspended role is listed as such."""
    ids = {grant.brand_id for grant in actor.grants}
    names = {brand.id: brand.name for brand in Brand.select().where(Brand.id.in_(ids))}
    account = Account.get_or_none(Account.id == actor.account_id) if actor.account_id else None
    return Me(actor, account, [Role(grant, names[grant.brand_id]) for grant in actor.grants])


def change_password(actor: Actor, address: str, current: str, new: str) -> None:
    """Set a new password, and log all other devices out: their access tokens end within their
    15 minutes, their refresh tokens at once. Forbidden, Invalid, TooManyRequests."""
    if actor.account_id is None:
        raise Forbidden("A client has no password: make a new client, and revoke the old one.")
    login_limits.admit(address, actor.account_id)
    old_hash = Account.get_by_id(actor.account_id).password_hash
    if not accounts.verified(old_hash, current):
        login_limits.count_failure(address, actor.account_id)
        wrong = {"pointer": "/current_password", "detail": "Not the present password."}
        raise Invalid("The present password is another.", errors=[wrong])
    new_hash = accounts.hash_of(new)
    with atomic():
        accounts.set_password(actor.account_id, new_hash)
        refresh_tokens.revoke_others(actor.account_id, actor.device_id)
