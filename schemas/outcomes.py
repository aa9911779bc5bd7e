"""Wire shapes of imported outcomes."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Paging, Shape, Text, matching, page_of
from schemas.insights import FiguresQuery
from server.domain.tags import SLUG_PATTERN


def _kind() -> Text:
    return Text(
        most=32,
        load_default="sales",
        also=[matching(SLUG_PATTERN)],
        metadata={"description": "sales, reviews, returns, or a word of your own."},
    )


class OutcomeImportQuery(Shape):
    """What the file's values are."""

    kind = _kind()


class OutcomesQuery(FiguresQuery, Paging):
    """Which outcomes, of which stores, and which page of them."""

    class Meta(FiguresQuery.Meta):
        pass

    kind = _kind()


class OutcomesFilter(FiguresQuery):
    """Which outcomes, of which stores."""

    kind = _kind()


class OutcomeSchema(ma.Schema):
    """A store's value in a month, beside the plain mean of its visits in that month."""

    store_id = fields.String(required=True)
    store_code = fields.String(required=True, metadata={"example": "MI-01"})
    month = fields.String(required=True, metadata={"example": "2026-09"})
    value = fields.Float(required=True, metadata={"example": 48250.0})
    score = fields.Float(required=True, allow_none=True)
    n = fields.Integer(required=True)


OutcomePageSchema = page_of(OutcomeSchema, "Outcome")
