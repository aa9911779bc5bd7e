"""Wire shapes of counted answers."""

import marshmallow as ma
from marshmallow import fields

from schemas.documents import Texts
from schemas.insights import ShareSchema


class AnswerCountSchema(ma.Schema):
    """How many visits answered so."""

    answer = fields.String(
        required=True,
        metadata={"description": "A choice's key, yes, no, a number, a word.", "example": "good"},
    )
    label = Texts(required=True, allow_none=True)
    count = fields.Integer(required=True)
    share = fields.Nested(ShareSchema, required=True)


class AmountSchema(ma.Schema):
    """What was paid or asked, in minor units of a currency."""

    currency = fields.String(required=True, metadata={"example": "EUR"})
    mean = fields.Float(required=True, metadata={"example": 4990.0})
    interval95 = fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={"description": "Student's; null of one amount, and of equal ones."},
    )
    n = fields.Integer(required=True)


class AnsweredItemSchema(ma.Schema):
    """An item, and how visits answered it."""

    item_key = fields.String(required=True, metadata={"example": "overall"})
    type = fields.String(required=True, metadata={"example": "single_choice"})
    prompt = Texts(required=True)
    touchpoint_id = fields.String(required=True, allow_none=True)
    n = fields.Integer(required=True, metadata={"description": "Visits that answered."})
    answers = fields.List(fields.Nested(AnswerCountSchema), required=True)
    amounts = fields.List(fields.Nested(AmountSchema), required=True)


class AnswerCountsSchema(ma.Schema):
    """Items whose answers are counted, in the order of the checklist."""

    items = fields.List(fields.Nested(AnsweredItemSchema), required=True)
