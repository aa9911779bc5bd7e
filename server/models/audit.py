"""Who read personal data of a brand, and who did what in it."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class AuditEntry(Table):
    """One request that was answered, or what a rule of the brand's did by itself (`actor` "rule").
    `operation` is its name in openapi.yaml, `things` the ids of its path by name; `report_id`
    repeats the report's, to look for what was done with one."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    at = UtcField()
    actor = Id()
    operation = peewee.TextField()
    things = JsonField()
    report_id = Id(null=True, index=True)
    request_id = peewee.CharField(max_length=64)
