"""Stores that are visited."""

import peewee

from server.models.base import Editable, Id


class Store(Editable):
    """`code` is the brand's own, unique in the brand. `timezone` is an IANA name, `country` an
    ISO 3166-1 alpha-2 code, `ownership` direct or franchise, `format` the brand's word."""

    code = peewee.CharField(max_length=64)
    name = peewee.TextField()
    region_id = Id(null=True, index=True)
    address = peewee.TextField(null=True)
    city = peewee.TextField(null=True)
    postal_code = peewee.TextField(null=True)
    country = peewee.TextField(null=True)
    latitude = peewee.DoubleField(null=True)
    longitude = peewee.DoubleField(null=True)
    timezone = peewee.TextField(null=True)
    format = peewee.TextField(null=True)
    ownership = peewee.TextField(default="direct")

    class Meta:
        indexes = ((("brand_id", "code"), True),)
