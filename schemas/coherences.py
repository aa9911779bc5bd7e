"""Wire shapes of promise × touchpoint, and of how alike promises are kept."""

import marshmallow as ma
from marshmallow import fields

from schemas.figures import coherence as _coherence
from schemas.figures import interval as _interval
from schemas.figures import method as _method
from schemas.figures import n as _n
from schemas.figures import score as _score
from schemas.figures import some as _some
from schemas.insights import PromiseGapSchema


class MatrixCellSchema(ma.Schema):
    """What a touchpoint does for a promise."""

    touchpoint_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"example": "The welcome"})
    score = _score()
    interval95 = _interval()
    n = _n()


class ChannelCellSchema(ma.Schema):
    """What a channel does for a promise."""

    channel = fields.String(required=True, metadata={"example": "web"})
    score = _score()
    n = _n()


class MatrixRowSchema(PromiseGapSchema):
    """A promise over the touchpoints, stores and channels. Coherence is 1 where all keep it
    alike; null of fewer than two stores or channels."""

    coherence = _coherence("Over the touchpoints.")
    store_coherence = _coherence("Over the stores.")
    channel_coherence = _coherence("Over the channels: whether it is kept alike on the site.")
    touchpoints = _some(MatrixCellSchema)
    channels = _some(ChannelCellSchema)


class MatrixSchema(ma.Schema):
    """Promise × touchpoint, the widest gap first."""

    items = _some(MatrixRowSchema)
    method_version = _method()
