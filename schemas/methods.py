"""Wire shapes of the ranking's methods."""

import marshmallow as ma
from marshmallow import fields


class MethodSchema(ma.Schema):
    """A version of the method; docs/scoring.md explains the present one with worked numbers."""

    version = fields.String(required=True)
    title = fields.String(required=True)
    steps = fields.List(fields.String(), required=True)


class MethodsSchema(ma.Schema):
    """All versions, the first one first."""

    items = fields.List(fields.Nested(MethodSchema), required=True)
