"""Wire shapes of what the API says of itself."""

import marshmallow as ma
from marshmallow import fields


class ProblemKindSchema(ma.Schema):
    """An entry of the catalogue of problems."""

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; switch on this."})
    detail = fields.String(required=True, metadata={"description": "When it is answered."})


class OpenApiSchema(ma.Schema):
    """An OpenAPI 3.1 document."""

    class Meta:
        unknown = ma.INCLUDE

    openapi = fields.String(required=True)
    info = fields.Dict(required=True)
    paths = fields.Dict(required=True)
    components = fields.Dict(required=True)
