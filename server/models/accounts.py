"""People: accounts, their roles per brand, their devices, and integrators' clients."""

import peewee

from server.db import Table, UtcField
from server.models.base import Editable, Id


class Account(Table):
    """A person who can log in. `email` is kept lower-case."""

    id = Id(primary_key=True)
    email = peewee.CharField(unique=True, max_length=254)
    name = peewee.TextField()
    password_hash = peewee.TextField()
    locale = peewee.TextField(default="en")
    created_at = UtcField()


class Membership(Editable):
    """One account's role in one brand; see `server.domain.actor.Grant`."""

    account_id = Id(index=True)
    role = peewee.TextField()
    region_id = Id(null=True)
    store_id = Id(null=True)
    suspended = peewee.BooleanField(default=False)

    class Meta:
        indexes = ((("brand_id", "account_id", "role"), True),)


class Device(Table):
    """A phone's local database: `device_id` is minted by the app and unique per account only."""

    account_id = Id()
    device_id = Id()
    name = peewee.TextField()
    created_at = UtcField()
    seen_at = UtcField()
    revoked_at = UtcField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("account_id", "device_id")


class Client(Editable):
    """An integrator's OAuth client of one brand. The secret is shown once, kept as a hash:
    `secret` is set on a client that was just made, and is no column."""

    secret: str | None = None
    name = peewee.TextField()
    secret_hash = peewee.TextField()
    revoked_at = UtcField(null=True)
