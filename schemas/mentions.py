"""Wire shapes of what customers said elsewhere."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Paging, Shape, Text, matching, page_of
from schemas.insights import FiguresQuery
from server.domain.tags import SLUG_PATTERN


def _source(**options: Any) -> Text:
    return Text(
        most=32,
        also=[matching(SLUG_PATTERN)],
        metadata={"description": "Where it was said: reviews, sms, social, a word of your own."},
        **options,
    )


class MentionImportQuery(Shape):
    """Where the file's mentions come from."""

    source = _source(load_default="reviews")


class MentionsQuery(FiguresQuery, Paging):
    """Which mentions, of which stores, and which page of them."""

    class Meta(FiguresQuery.Meta):
        pass

    source = _source()


class MentionSchema(ma.Schema):
    """What a customer said of a store, beside the plain mean of its visits in that month."""

    id = fields.String(required=True)
    store_id = fields.String(required=True)
    month = fields.String(required=True, metadata={"example": "2026-09"})
    source = fields.String(required=True, metadata={"example": "reviews"})
    reference = fields.String(required=True, metadata={"description": "Its name at the source."})
    rating = fields.Float(required=True, allow_none=True, metadata={"example": 4.0})
    text = fields.String(required=True, allow_none=True)
    score = fields.Float(required=True, allow_none=True)
    n = fields.Integer(required=True)


MentionPageSchema = page_of(MentionSchema, "Mention")
