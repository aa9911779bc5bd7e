"""What shoppers say of themselves, and whom it makes fit for a persona."""

from typing import Any, NamedTuple

from peewee import JOIN

from server import clock
from server.db import atomic, insert
from server.domain import traits
from server.domain.actor import Actor, Role
from server.domain.permissions import Permission
from server.models import Membership, Persona, ShopperTraits
from server.services import editing
from server.services.access import require


class Suited(NamedTuple):
    """A shopper whom nothing that they said keeps from playing a persona; see `traits.Fit`."""

    shopper_id: str
    met: tuple[str, ...]
    unsaid: tuple[str, ...]


def mine(actor: Actor, brand_id: str) -> dict[str, Any]:
    """What the actor said of themselves to the brand."""
    require(actor, brand_id, Permission.SYNC)
    row = ShopperTraits.get_or_none(_said_by(brand_id, actor.account_id))
    return {} if row is None else dict(row.traits)


def say(actor: Actor, brand_id: str, said: dict[str, Any]) -> dict[str, Any]:
    """Say of oneself what one likes to, in the place of what one said before."""
    require(actor, brand_id, Permission.SYNC)
    key = {"brand_id": brand_id, "account_id": actor.account_id}
    values = key | {"traits": said, "said_at": clock.now()}
    with atomic():
        insert(ShopperTraits, [values], key=tuple(key), update=("traits", "said_at"))
    return said


def unsay(actor: Actor, brand_id: str) -> None:
    """Take back all that one said; nothing of it is kept."""
    require(actor, brand_id, Permission.SYNC)
    with atomic():
        forget(brand_id, actor.account_id)


def forget(brand_id: str, account_id: str | None) -> int:
    """Within a transaction, let go what a person said to the brand: they took it back, or shop no
    more for it and so never could; how many rows."""
    return int(ShopperTraits.delete().where(_said_by(brand_id, account_id)).execute())


def suited(actor: Actor, brand_id: str, persona_id: str, *, limit: int) -> list[Suited]:
    """The shoppers who may be given visits and whom nothing keeps from playing the persona: first
    who meets most of what it asks for. In two queries."""
    require(actor, brand_id, Permission.ASSIGNMENTS_WRITE)
    persona = editing.find(Persona, brand_id, persona_id)
    found = [
        Suited(account_id, *fit)
        for account_id, said in _shoppers(brand_id)
        if (fit := traits.fit(persona.traits, said or {})) is not None
    ]
    found.sort(key=lambda one: (-len(one.met), one.shopper_id))
    return found[:limit]


def _said_by(brand_id: str, account_id: str | None) -> Any:
    table = ShopperTraits
    return (table.brand_id == brand_id) & (table.account_id == account_id)


def _shoppers(brand_id: str) -> Any:
    same = (ShopperTraits.brand_id == Membership.brand_id) & (
        ShopperTraits.account_id == Membership.account_id
    )
    return (
        Membership.select(Membership.account_id, ShopperTraits.traits)
        .join(ShopperTraits, JOIN.LEFT_OUTER, on=same)
        .where(
            Membership.brand_id == brand_id,
            Membership.role == str(Role.SHOPPER),
            Membership.archived_at.is_null(),
            ~Membership.suspended,
        )
        .tuples()
    )
