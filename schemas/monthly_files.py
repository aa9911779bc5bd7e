"""Wire shapes of files of what others say of stores by month."""

import marshmallow as ma
from marshmallow import fields


class MonthlyRefusalSchema(ma.Schema):
    """A row that was not kept."""

    line = fields.Integer(required=True)
    reason = fields.String(required=True, metadata={"example": "The month is not YYYY-MM."})


class MonthlyImportSchema(ma.Schema):
    """What became of the file."""

    kind = fields.String(
        required=True, metadata={"description": "Or the source.", "example": "sales"}
    )
    rows = fields.Integer(required=True)
    kept = fields.Integer(required=True, metadata={"example": 239})
    refusals = fields.List(fields.Nested(MonthlyRefusalSchema), required=True)
