"""Wire shapes of touchpoints."""

from typing import Any

from marshmallow import fields

from schemas.base import Answer, Change, Choice, Moment, Number, Shape, Text, page_of
from server.domain.journey import Channel, Domain, Interaction, Lifecycle, Need, Sense, Stage
from server.domain.programme import LARGEST_WEIGHT

_LIFECYCLE = {"description": "proposed, mapped, or strategic: a moment of truth."}
_WEIGHT = "Of a strategic touchpoint alone: what its items weigh that say no weight of their own."
_TEXTS = {
    "expectation": "What customers expect of it.",
    "weakness": "Where it fails them.",
    "opportunity": "What could be made of it.",
}


def _said(name: str) -> Any:
    return fields.String(
        required=True, allow_none=True, metadata={"description": _TEXTS.get(name, "")}
    )


def _weight(**options: Any) -> Number:
    described = {"description": _WEIGHT}
    return Number(
        least=0, most=LARGEST_WEIGHT, above=True, allow_none=True, metadata=described, **options
    )


def _text(most: int = 2000, **options: Any) -> Text:
    return Text(most=most, allow_none=True, **options)


class TouchpointSchema(Answer):
    """A touchpoint as it is answered."""

    name = fields.String(required=True)
    stage = fields.String(required=True)
    channel = fields.String(required=True)
    interaction = fields.String(
        required=True, metadata={"description": "indirect: through others; it has no place."}
    )
    lifecycle = fields.String(required=True, metadata=_LIFECYCLE)
    sense = fields.String(required=True, allow_none=True)
    need = fields.String(required=True, allow_none=True)
    domain = fields.String(required=True, allow_none=True)
    owner_unit = fields.String(required=True, allow_none=True)
    expectation = _said("expectation")
    weakness = _said("weakness")
    opportunity = _said("opportunity")
    weight = fields.Float(
        required=True, allow_none=True, metadata={"description": _WEIGHT, "example": 2.0}
    )
    archived_at = Moment(required=True, allow_none=True)


class TouchpointNewSchema(Shape):
    """A touchpoint to be mapped."""

    name = Text(most=200, required=True)
    stage = Choice(Stage, required=True)
    channel = Choice(Channel, required=True)
    interaction = Choice(Interaction, load_default=str(Interaction.DIRECT))
    lifecycle = Choice(Lifecycle, load_default=str(Lifecycle.MAPPED), metadata=_LIFECYCLE)
    sense = Choice(Sense, load_default=None, allow_none=True)
    need = Choice(Need, load_default=None, allow_none=True)
    domain = Choice(Domain, load_default=None, allow_none=True)
    owner_unit = _text(200, load_default=None)
    expectation = _text(load_default=None)
    weakness = _text(load_default=None)
    opportunity = _text(load_default=None)
    weight = _weight(load_default=None)


class TouchpointChangeSchema(Change):
    """Fields of a touchpoint to change."""

    name = Text(most=200)
    stage = Choice(Stage)
    channel = Choice(Channel)
    interaction = Choice(Interaction)
    lifecycle = Choice(Lifecycle, metadata=_LIFECYCLE)
    sense = Choice(Sense, allow_none=True)
    need = Choice(Need, allow_none=True)
    domain = Choice(Domain, allow_none=True)
    owner_unit = _text(200)
    expectation = _text()
    weakness = _text()
    opportunity = _text()
    weight = _weight()


TouchpointPageSchema = page_of(TouchpointSchema, "Touchpoint")
