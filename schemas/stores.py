"""Wire shapes of stores."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Answer, Change, Choice, Listing, Moment, Number, Shape, Text, page_of
from server.domain import places
from server.domain.ownership import Ownership


def _country(code: str) -> None:
    if code not in places.countries():
        raise ma.ValidationError("Not an ISO 3166-1 alpha-2 code, such as IT.")


def _timezone(name: str) -> None:
    if name not in places.timezones():
        raise ma.ValidationError("Not an IANA time zone, such as Europe/Rome.")


class StoreSchema(Answer):
    """A store as it is answered."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    region_id = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    postal_code = fields.String(required=True, allow_none=True)
    country = fields.String(
        required=True, allow_none=True, metadata={"description": "ISO 3166-1 alpha-2."}
    )
    latitude = fields.Float(required=True, allow_none=True, metadata={"description": "Degrees."})
    longitude = fields.Float(required=True, allow_none=True, metadata={"description": "Degrees."})
    timezone = fields.String(
        required=True, allow_none=True, metadata={"description": "An IANA name."}
    )
    format = fields.String(required=True, allow_none=True)
    ownership = fields.String(required=True)
    archived_at = Moment(required=True, allow_none=True)


class StoreNewSchema(Shape):
    """A store to be opened. Coordinates come both or not at all."""

    code = Text(most=64, required=True)
    name = Text(most=200, required=True)
    region_id = Text(most=160, load_default=None, allow_none=True)
    address = Text(most=500, load_default=None, allow_none=True)
    city = Text(most=200, load_default=None, allow_none=True)
    postal_code = Text(most=20, load_default=None, allow_none=True)
    country = Text(most=2, also=(_country,), load_default=None, allow_none=True)
    latitude = Number(least=-90, most=90, load_default=None, allow_none=True)
    longitude = Number(least=-180, most=180, load_default=None, allow_none=True)
    timezone = Text(most=64, also=(_timezone,), load_default=None, allow_none=True)
    format = Text(most=80, load_default=None, allow_none=True)
    ownership = Choice(Ownership, load_default=str(Ownership.DIRECT))


class StoreChangeSchema(Change):
    """Fields of a store to change."""

    code = Text(most=64)
    name = Text(most=200)
    region_id = Text(most=160, allow_none=True)
    address = Text(most=500, allow_none=True)
    city = Text(most=200, allow_none=True)
    postal_code = Text(most=20, allow_none=True)
    country = Text(most=2, also=(_country,), allow_none=True)
    latitude = Number(least=-90, most=90, allow_none=True)
    longitude = Number(least=-180, most=180, allow_none=True)
    timezone = Text(most=64, also=(_timezone,), allow_none=True)
    format = Text(most=80, allow_none=True)
    ownership = Choice(Ownership)


class StoreFilter(Shape):
    """Which of the stores that one may see."""

    region = Text(
        most=160,
        load_default=None,
        metadata={"description": "A region's id: its stores and those of all below it."},
    )
    format = Text(most=80, load_default=None)
    ownership = Choice(Ownership, load_default=None)
    country = Text(most=2, load_default=None)
    q = Text(most=100, load_default=None, metadata={"description": "Part of the code or name."})


class StoreListing(Listing, StoreFilter):
    """Query of the list of stores."""


StorePageSchema = page_of(StoreSchema, "Store")
