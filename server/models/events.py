"""The outbox: an event's row is written in the transaction that it tells of, and is the truth of
what is still to be done; the queue only makes it fast."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class Event(Table):
    """`kind` is of `jobs.registry`, `subject_id` the id of what it is about, `due_at` when it may
    run (later after a failure). `done_at` is set in the transaction that does its work."""

    id = peewee.BigAutoField()
    kind = peewee.CharField(max_length=60)
    subject_id = Id()
    brand_id = Id(null=True)
    detail = JsonField(null=True)
    created_at = UtcField()
    due_at = UtcField()
    attempts = peewee.IntegerField(default=0)
    error = peewee.TextField(null=True)
    done_at = UtcField(null=True)


Event.add_index(Event.index(Event.kind, Event.due_at, where=Event.done_at.is_null()))
