"""Wire shapes of photos."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment
from server.domain.states import PhotoState

STATES = (*PhotoState, "waiting")


def _state() -> Choice:
    said = "`waiting`: the bytes are here and verified, the photo's row has not been pushed yet."
    return Choice(STATES, required=True, metadata={"description": said})


_HEX = {"description": "Hexadecimal."}


class PhotoContentSchema(ma.Schema):
    """The verified bytes of a photo."""

    id = fields.String(required=True)
    state = _state()
    sha256 = fields.String(required=True, metadata=_HEX)
    bytes = fields.Integer(required=True)


class PhotoSchema(ma.Schema):
    """A photo, as its shopper and the brand's reviewers and managers see it. Without a row yet
    (`waiting`) it has no report."""

    id = fields.String(required=True)
    state = _state()
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was rejected."}
    )
    report_id = fields.String(required=True, allow_none=True)
    item_key = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True, metadata=_HEX)
    bytes = fields.Integer(required=True, allow_none=True)
    content_type = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What its first bytes say, null until they are here."},
    )
    taken_at = Moment(required=True, allow_none=True)
