"""What became of it: figures of stores from elsewhere, beside their scores."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Outcome(Table):
    """A store's value of a `kind` (sales, reviews, returns, or the brand's own word) in a month."""

    brand_id = Id()
    kind = peewee.CharField(max_length=32)
    month = peewee.CharField(max_length=7)
    store_id = Id()
    value = peewee.DoubleField()
    imported_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("brand_id", "kind", "month", "store_id")
