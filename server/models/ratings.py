"""How good a shopper's work was, in the words of who reviewed it."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Rating(Table):
    """One per revision, 1 to 5; `rated_by` is nobody's to see but the brand's."""

    revision_id = Id(primary_key=True)
    brand_id = Id()
    report_id = Id(index=True)
    shopper_id = Id(index=True)
    rating = peewee.IntegerField()
    message = peewee.TextField(null=True)
    rated_by = Id()
    rated_at = UtcField()

    class Meta:
        indexes = ((("brand_id", "shopper_id"), False),)
