"""Wire shapes of uploads."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Moment


class UploadSchema(ma.Schema):
    """How far an upload is. It is whole, verified and the photo's content where `offset` is
    `length`."""

    photo_id = fields.String(required=True)
    offset = fields.Integer(required=True, metadata={"description": "Bytes that are kept."})
    length = fields.Integer(required=True)
    expires_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When it is forgotten, unless more comes; null once it is whole."},
    )
