"""Wire shapes of the health checks."""

import marshmallow as ma
from marshmallow import fields


class HealthSchema(ma.Schema):
    """The process lives."""

    status = fields.String(required=True)


class ReadinessSchema(ma.Schema):
    """Which parts answer: each is "ok" or says what is wrong."""

    ready = fields.Boolean(required=True)
    parts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
