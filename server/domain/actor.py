"""Who is acting: an account through a device, or an integrator's client, with its grants."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person or client is within one brand."""

    ADMIN = "admin"
    PROGRAMME_MANAGER = "programme_manager"
    REVIEWER = "reviewer"
    REGIONAL_MANAGER = "regional_manager"
    STORE_MANAGER = "store_manager"
    SHOPPER = "shopper"
    INTEGRATOR = "integrator"


PERSONS = tuple(role for role in Role if role != Role.INTEGRATOR)
"""What a person can be; integrators are clients."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one brand. `region_id` bounds a regional manager to a subtree, `store_id` a
    store manager to a store. A suspended shopper may still log in, push and see own reports."""

    brand_id: str
    role: Role
    region_id: str | None = None
    store_id: str | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts; an argument everywhere, never ambient.

    `account_id` is None for an integrator's client, `device_id` is None for anyone but a person's
    session; the device is the one that the access token was issued to.
    """

    account_id: str | None
    device_id: str | None
    client_id: str | None
    grants: tuple[Grant, ...]

    @property
    def name(self) -> str:
        """The id to write into logs and audit rows."""
        return self.account_id or self.client_id or "nobody"

    def administers(self) -> list[str]:
        """The ids of the brands whose administrator the actor is."""
        return [
            grant.brand_id
            for grant in self.grants
            if grant.role == Role.ADMIN and not grant.suspended
        ]

    def grants_in(self, brand_id: str) -> tuple[Grant, ...]:
        """The actor's live grants in one brand; a suspended grant counts for a shopper alone."""
        return tuple(
            grant
            for grant in self.grants
            if grant.brand_id == brand_id and (not grant.suspended or grant.role == Role.SHOPPER)
        )


def operator(brand_id: str) -> Actor:
    """Whoever runs the `promessa` command on the server itself: an admin of the brand."""
    grant = Grant(brand_id, Role.ADMIN)
    return Actor(account_id=None, device_id=None, client_id="operator", grants=(grant,))
