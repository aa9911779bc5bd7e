"""Promises that a brand makes, spoken or not."""

import peewee

from server.db import JsonField
from server.models.base import Editable


class Promise(Editable):
    """`kind` explicit or implicit; `target` is a score of 0–100; `weight` > 0. `question` is the
    one of the four (`server.domain.journey.Question`) whose answer it is. `translations` holds
    {"adjective", "statement"} by locale. `depends_on` are ids of promises without which this one
    can't be kept: control follows from certainty."""

    kind = peewee.TextField()
    adjective = peewee.TextField()
    statement = peewee.TextField()
    translations = JsonField(default=dict)
    question = peewee.TextField(null=True)
    target = peewee.FloatField()
    weight = peewee.FloatField()
    depends_on = JsonField(default=list)
