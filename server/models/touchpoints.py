"""Touchpoints: where the customer meets the brand, placed on the journey."""

import peewee

from server.models.base import Editable


class Touchpoint(Editable):
    """All words but the texts are of `server.domain.journey`. `owner_unit` is the department or
    supplier that produces it; `expectation`, `weakness` and `opportunity` are what the map says
    that customers expect of it, where it fails them, and what could be made of it. `weight` is of a
    moment of truth alone: what its items weigh that say no weight of their own."""

    name = peewee.TextField()
    stage = peewee.TextField()
    channel = peewee.TextField()
    interaction = peewee.TextField(default="direct")
    lifecycle = peewee.TextField(default="mapped")
    sense = peewee.TextField(null=True)
    need = peewee.TextField(null=True)
    domain = peewee.TextField(null=True)
    owner_unit = peewee.TextField(null=True)
    expectation = peewee.TextField(null=True)
    weakness = peewee.TextField(null=True)
    opportunity = peewee.TextField(null=True)
    weight = peewee.DoubleField(null=True)

    @property
    def strategic(self) -> bool:
        """Whether it is a moment of truth."""
        return bool(self.lifecycle == "strategic")
