"""The per-shopper sync feed: a counter row, and what changed at which count (docs/sync.md)."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class SyncFeed(Table):
    """One row per shopper. A writer raises `seq` and holds the row's lock until commit, so commit
    order is cursor order. `epoch` rises when the database was restored."""

    shopper_id = Id(primary_key=True)
    epoch = peewee.IntegerField(default=1)
    seq = peewee.BigIntegerField(default=0)


class SyncChange(Table):
    """The last change of one wire row in one feed, compacted. `table` is a wire table's name."""

    shopper_id = Id()
    table = peewee.CharField(max_length=40)
    row_id = Id()
    seq = peewee.BigIntegerField()
    deleted = peewee.BooleanField(default=False)

    class Meta:
        primary_key = peewee.CompositeKey("shopper_id", "table", "row_id")
        indexes = ((("shopper_id", "seq"), False), (("table", "row_id"), False))


class Notice(Table):
    """What the phone should tell its shopper, or mend. `record` names a wire row ("answers/…")."""

    id = Id(primary_key=True)
    shopper_id = Id(index=True)
    record = peewee.TextField()
    code = peewee.TextField()
    message = peewee.TextField()
    created_at = UtcField()
