"""Wire shapes of ratings of shoppers' work."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Moment, Paging, Shape, Text, Whole, page_of

_SCALE = {"description": "1 is poor, 5 is excellent."}


class RatingNewSchema(Shape):
    """How good the work on a revision was; the shopper reads both."""

    rating = Whole(least=1, most=5, required=True, metadata=_SCALE)
    message = Text(most=2000, load_default=None, allow_none=True)


class OwnRatingSchema(ma.Schema):
    """How good one's work on a revision was, without who said so."""

    brand_id = fields.String(required=True)
    report_id = fields.String(required=True)
    revision_id = fields.String(required=True)
    rating = fields.Integer(required=True, metadata=_SCALE)
    message = fields.String(required=True, allow_none=True)
    rated_at = Moment(required=True)


class RatingSchema(OwnRatingSchema):
    """How good a shopper's work on a revision was, as the brand sees it."""

    shopper_id = fields.String(required=True)
    rated_by = fields.String(required=True)


class OwnRatingsSchema(ma.Schema):
    """All ratings of one's work, and their mean."""

    items = fields.List(fields.Nested(OwnRatingSchema), required=True)
    mean = fields.Float(required=True, allow_none=True)


class ShopperRatingSchema(ma.Schema):
    """A shopper's mean rating in the brand."""

    shopper_id = fields.String(required=True)
    ratings = fields.Integer(required=True, metadata={"description": "How many there are."})
    mean = fields.Float(required=True)


class ShopperRatingListing(Paging):
    """Query of the shoppers' ratings."""

    shopper = Text(most=160, load_default=None)


ShopperRatingPageSchema = page_of(ShopperRatingSchema, "ShopperRating")
