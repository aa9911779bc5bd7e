"""Wire shapes of touchpoints."""

from marshmallow import fields

from schemas.base import Answer, Change, Choice, Flag, Moment, Shape, Text, page_of
from server.domain.journey import Channel, Stage


class TouchpointSchema(Answer):
    """A touchpoint as it is answered."""

    name = fields.String(required=True)
    stage = fields.String(required=True)
    channel = fields.String(required=True)
    strategic = fields.Boolean(
        required=True, metadata={"description": "Whether it is a moment of truth."}
    )
    owner_unit = fields.String(required=True, allow_none=True)
    archived_at = Moment(required=True, allow_none=True)


class TouchpointNewSchema(Shape):
    """A touchpoint to be mapped."""

    name = Text(most=200, required=True)
    stage = Choice(Stage, required=True)
    channel = Choice(Channel, required=True)
    strategic = Flag(load_default=False)
    owner_unit = Text(most=200, load_default=None, allow_none=True)


class TouchpointChangeSchema(Change):
    """Fields of a touchpoint to change."""

    name = Text(most=200)
    stage = Choice(Stage)
    channel = Choice(Channel)
    strategic = Flag()
    owner_unit = Text(most=200, allow_none=True)


TouchpointPageSchema = page_of(TouchpointSchema, "Touchpoint")
