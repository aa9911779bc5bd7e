"""Brands: the tenants."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class Brand(Table):
    """A tenant. `locales` are BCP 47 tags, the first is the fallback. With `auto_approve` a
    complete revision counts without a reviewer's word."""

    id = Id(primary_key=True)
    name = peewee.TextField()
    locales = JsonField()
    auto_approve = peewee.BooleanField(default=False)
    version = peewee.IntegerField(default=1)
    created_at = UtcField()
    updated_at = UtcField()
