"""Promises that a brand makes, spoken or not."""

import peewee

from server.models.base import Editable


class Promise(Editable):
    """`kind` explicit or implicit; `target` is a score of 0–100; `weight` > 0."""

    kind = peewee.TextField()
    adjective = peewee.TextField()
    statement = peewee.TextField()
    target = peewee.FloatField()
    weight = peewee.FloatField()
