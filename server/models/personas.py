"""Personas that shoppers play, and what shoppers said of themselves."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Editable, Id


class Persona(Editable):
    """A customer like no other: how they behave, what they need and aim at, what they have lived
    through with the brand, with which technology and on which paths they come. `translations` holds
    the texts by locale; `traits` are those of `server.domain.traits` that who plays it should
    have."""

    name = peewee.TextField()
    behaviour = peewee.TextField(null=True)
    functional_needs = peewee.TextField(null=True)
    relational_needs = peewee.TextField(null=True)
    ambitions = peewee.TextField(null=True)
    history = peewee.TextField(null=True)
    technology = peewee.TextField(null=True)
    paths = peewee.TextField(null=True)
    translations = JsonField(default=dict)
    traits = JsonField(default=dict)


class ShopperTraits(Table):
    """What a shopper said of themselves to a brand (`server.domain.traits`): nobody else writes
    it."""

    brand_id = Id()
    account_id = Id(index=True)
    traits = JsonField()
    said_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("brand_id", "account_id")
