"""Wire shapes of photos."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment
from server.domain.states import PhotoState


class PhotoContentSchema(ma.Schema):
    """What is verified under a photo's id. `waiting` until its row was pushed."""

    id = fields.String(required=True, attribute="photo_id")
    sha256 = fields.String(required=True, metadata={"description": "Hex."})
    bytes = fields.Integer(required=True)
    waiting = fields.Boolean(required=True)


class PhotoSchema(ma.Schema):
    """A photo as its shopper and the brand's reviewers see it."""

    id = fields.String(required=True)
    report_id = fields.String(required=True)
    item_key = fields.String(required=True, allow_none=True)
    state = Choice(PhotoState, required=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was rejected."}
    )
    sha256 = fields.String(required=True, allow_none=True)
    bytes = fields.Integer(required=True, allow_none=True)
    content_type = fields.String(required=True, allow_none=True)
    taken_at = Moment(required=True, allow_none=True)
