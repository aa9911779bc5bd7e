"""The wire shape of every error (RFC 9457)."""

import marshmallow as ma
from marshmallow import fields


class FieldErrorSchema(ma.Schema):
    """One wrong field."""

    pointer = fields.String(
        required=True,
        metadata={
            "description": "JSON pointer (RFC 6901) into the body, empty for the whole of it; or "
            "the plain name of a parameter of the query or form."
        },
    )
    detail = fields.String(required=True)


class ProblemSchema(ma.Schema):
    """application/problem+json. Some problems have further members."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; switch on this."})
    detail = fields.String(
        required=True, metadata={"description": "What is wrong and how to mend it."}
    )
    errors = fields.List(fields.Nested(FieldErrorSchema))
