"""Editions: texts as a reviewer would have stores read them, beside the shopper's own words."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Edition(Table):
    """One text of a frozen revision in its edition `number`; those of a number were written
    together, and the last of each text holds. `field` is of `server.domain.redaction.Field`;
    `item_key` is null for the summary."""

    id = Id(primary_key=True)
    revision_id = Id(index=True)
    number = peewee.IntegerField()
    item_key = Id(null=True)
    field = peewee.TextField()
    text = peewee.TextField()
    by = Id()
    at = UtcField()
