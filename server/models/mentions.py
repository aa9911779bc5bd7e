"""What customers said elsewhere: reviews, messages, posts, beside the visits' scores."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Mention(Table):
    """What a customer said of a store in a month, on a `source`; `reference` is its name there.
    Who said it is not kept. `rating` is as the source gives it."""

    id = Id(primary_key=True)
    brand_id = Id()
    source = peewee.CharField(max_length=32)
    reference = peewee.CharField(max_length=160)
    store_id = Id()
    month = peewee.CharField(max_length=7)
    rating = peewee.DoubleField(null=True)
    text = peewee.TextField(null=True)
    imported_at = UtcField()

    class Meta:
        indexes = (
            (("brand_id", "source", "reference"), True),
            (("brand_id", "store_id"), False),
        )
