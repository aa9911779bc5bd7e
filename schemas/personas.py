"""Wire shapes of personas, and of what shoppers say of themselves."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import (
    Answer,
    Change,
    Choice,
    Moment,
    QueryWhole,
    Shape,
    Text,
    matching,
    page_of,
)
from schemas.brands import LOCALE
from server.domain.journey import Channel
from server.domain.traits import AgeBand, Custom, Device

_MOST_LOCALES = 20
_MOST_LANGUAGES = 20
_TEXTS = {
    "name": ("How they are called.", "Who buys in a hurry"),
    "behaviour": ("How they behave.", "Looks at the clock, and asks for one thing."),
    "functional_needs": ("What they need done.", "A gift within ten minutes."),
    "relational_needs": ("How they need to be met.", "To be spared small talk."),
    "ambitions": ("What they want to become or to have.", "To be known as who gives well."),
    "history": (
        "What they have lived through with the brand.",
        "Bought here twice, and was not helped with a return.",
    ),
    "technology": ("Technology and devices that they come with.", "A phone and a tablet."),
    "paths": ("The channels and paths on which they come.", "From the site to the shop."),
}
"""What the texts say, each with an example."""


def _words(words: Any, description: str) -> fields.List[Any]:
    listed = [str(word) for word in words]
    return fields.List(
        Choice(listed),
        validate=validate.Length(max=len(listed)),
        metadata={"description": description, "example": listed[1:2]},
    )


class TraitsSchema(Shape):
    """What a shopper says of themselves, or what a persona asks of who plays it: one of the age
    bands and customs, all of the languages, devices and channels. What is absent is not said."""

    age_bands = _words(AgeBand, "Years.")
    customs = _words(Custom, "What one is to the brand; a member has its card or account.")
    languages = fields.List(
        Text(most=35, also=[matching(LOCALE)]),
        validate=validate.Length(max=_MOST_LANGUAGES),
        metadata={"description": "BCP 47 tags.", "example": ["it"]},
    )
    devices = _words(Device, "What one shops with.")
    channels = _words(Channel, "Where one shops or asks.")


def _about(name: str) -> dict[str, str]:
    description, example = _TEXTS[name]
    return {"description": description, "example": example}


def _name(**options: Any) -> Text:
    return Text(most=200, metadata=_about("name"), **options)


def _text(name: str) -> Text:
    return Text(most=2000, allow_none=True, metadata=_about(name))


def _said(name: str) -> Any:
    return fields.String(required=True, allow_none=True, metadata=_about(name))


class _Described(ma.Schema):
    behaviour = _text("behaviour")
    functional_needs = _text("functional_needs")
    relational_needs = _text("relational_needs")
    ambitions = _text("ambitions")
    history = _text("history")
    technology = _text("technology")
    paths = _text("paths")


class PersonaTextsSchema(_Described, Shape):
    """A persona in one more language."""

    name = _name(required=True)


class PersonaTranslations(fields.Dict):
    """A persona's texts by locale."""

    def __init__(self, **options: Any) -> None:
        metadata = {
            "description": "Its texts in further languages, by BCP 47 tag.",
            "example": {"it": {"name": "Chi compra di fretta", "behaviour": "Guarda l'orologio."}},
        }
        super().__init__(
            keys=Text(most=35, also=[matching(LOCALE)]),
            values=fields.Nested(PersonaTextsSchema),
            validate=validate.Length(max=_MOST_LOCALES),
            metadata=metadata,
            **options,
        )


class PersonaSchema(Answer):
    """A persona as it is answered."""

    name = fields.String(required=True, metadata=_about("name"))
    behaviour = _said("behaviour")
    functional_needs = _said("functional_needs")
    relational_needs = _said("relational_needs")
    ambitions = _said("ambitions")
    history = _said("history")
    technology = _said("technology")
    paths = _said("paths")
    translations = PersonaTranslations(required=True)
    traits = fields.Nested(TraitsSchema, required=True)
    archived_at = Moment(required=True, allow_none=True)


class PersonaNewSchema(_Described, Shape):
    """A persona to be made."""

    name = _name(required=True)
    translations = PersonaTranslations(load_default=dict)
    traits = fields.Nested(TraitsSchema, load_default=dict)


class PersonaChangeSchema(_Described, Change):
    """Fields of a persona to change."""

    name = _name()
    translations = PersonaTranslations()
    traits = fields.Nested(TraitsSchema)


class SuitedListing(Shape):
    """Query of who suits a persona."""

    limit = QueryWhole(least=1, most=500, load_default=100)


class SuitedShopperSchema(ma.Schema):
    """A shopper whom nothing that they said keeps from playing the persona."""

    shopper_id = fields.String(required=True, metadata={"description": "The shopper's account."})
    met = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Kinds of traits that they meet.", "example": ["languages"]},
    )
    unsaid = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Kinds of which they said nothing.", "example": ["devices"]},
    )


class SuitedShoppersSchema(ma.Schema):
    """Who suits a persona, first who meets most."""

    items = fields.List(fields.Nested(SuitedShopperSchema), required=True)


PersonaPageSchema = page_of(PersonaSchema, "Persona")
