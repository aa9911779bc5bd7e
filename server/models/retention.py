"""How long what is kept, and what was deleted for having been kept so long."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class RetentionRule(Table):
    """A brand keeps what is of `kind` (`server.domain.retention.Kind`) for `days`."""

    brand_id = Id()
    kind = peewee.CharField(max_length=20)
    days = peewee.IntegerField()
    applied_at = UtcField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("brand_id", "kind")


class Removal(Table):
    """By which rule how much was removed; what is older than `before` was due."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    kind = peewee.TextField()
    days = peewee.IntegerField()
    before = UtcField()
    count = peewee.IntegerField()
    removed_at = UtcField()
