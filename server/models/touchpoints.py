"""Touchpoints: where the customer meets the brand, placed on the journey."""

import peewee

from server.models.base import Editable


class Touchpoint(Editable):
    """`stage` and `channel` are of `server.domain.journey`; `strategic` marks a moment of truth;
    `owner_unit` is the department or supplier that produces it."""

    name = peewee.TextField()
    stage = peewee.TextField()
    channel = peewee.TextField()
    strategic = peewee.BooleanField(default=False)
    owner_unit = peewee.TextField(null=True)
