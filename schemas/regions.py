"""Wire shapes of regions."""

from marshmallow import fields

from schemas.base import Answer, Change, Listing, Moment, Shape, Text, page_of


class RegionSchema(Answer):
    """A region as it is answered."""

    name = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    parent_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The region above; null for a root."},
    )
    archived_at = Moment(required=True, allow_none=True)


class RegionNewSchema(Shape):
    """A region to be made, under `parent_id` or as a root."""

    name = Text(most=200, required=True)
    code = Text(most=64, load_default=None, allow_none=True)
    parent_id = Text(most=160, load_default=None, allow_none=True)


class RegionChangeSchema(Change):
    """Fields of a region to change; another `parent_id` moves it with all that is below it."""

    name = Text(most=200)
    code = Text(most=64, allow_none=True)
    parent_id = Text(most=160, allow_none=True)


class RegionListing(Listing):
    """Query of the list of regions."""

    within = Text(
        most=160,
        load_default=None,
        metadata={"description": "A region: only it and what is below it."},
    )


RegionPageSchema = page_of(RegionSchema, "Region")
