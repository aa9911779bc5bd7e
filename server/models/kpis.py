"""Key figures that a brand defines for itself."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Editable, Id


class Kpi(Editable):
    """A measure with a target and bands: [{"from", "to", "label"}] of scores, `from` inclusive and
    `to` exclusive, null unbounded."""

    name = peewee.TextField()
    measure = peewee.CharField(max_length=200)
    target = peewee.DoubleField()
    bands = JsonField()


class KpiVersion(Table):
    """A definition as it was: figures name the version that they were held against."""

    kpi_id = Id()
    version = peewee.IntegerField()
    name = peewee.TextField()
    measure = peewee.CharField(max_length=200)
    target = peewee.DoubleField()
    bands = JsonField()
    since = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("kpi_id", "version")
