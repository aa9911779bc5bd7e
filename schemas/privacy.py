"""Wire shapes of what the law asks for: erasures, and what is held about a person."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Moment, page_of


class ErasureSchema(ma.Schema):
    """That a person was erased from the brand. Who it was is not kept once it is done."""

    id = fields.String(required=True)
    membership_id = fields.String(required=True)
    status = fields.String(required=True, metadata={"enum": ["under_way", "done"]})
    requested_by = fields.String(required=True)
    requested_at = Moment(required=True)
    done_at = Moment(required=True, allow_none=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        allow_none=True,
        metadata={"description": "Rows overwritten or deleted, by kind; null until it is done."},
    )


class PersonalDataSchema(ma.Schema):
    """All rows that are held about a person, by kind. Times are ISO 8601, within documents
    milliseconds since 1970."""

    held = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Dict(keys=fields.String())), required=True
    )


ErasurePageSchema = page_of(ErasureSchema, "Erasure")
