"""Wire shapes of promises."""

from typing import Any

from marshmallow import fields, validate

from schemas.base import Answer, Change, Choice, Moment, Number, Shape, Text, matching, page_of
from schemas.brands import LOCALE
from server.domain.journey import Question

KINDS = ("explicit", "implicit")
MOST_DEPENDED_ON = 20
_MOST_LOCALES = 20


class PromiseTextsSchema(Shape):
    """A promise in one more language."""

    adjective = Text(most=80, required=True)
    statement = Text(most=1000, required=True)


class Translations(fields.Dict):
    """A promise's texts by locale."""

    def __init__(self, **options: Any) -> None:
        metadata = {
            "description": "Its texts in further languages, by BCP 47 tag.",
            "example": {"it": {"adjective": "entusiasta", "statement": "Ti accogliamo con gioia."}},
        }
        super().__init__(
            keys=Text(most=35, also=[matching(LOCALE)]),
            values=fields.Nested(PromiseTextsSchema),
            validate=validate.Length(max=_MOST_LOCALES),
            metadata=metadata,
            **options,
        )


def _depended_on(**options: Any) -> fields.List[Any]:
    return fields.List(
        Text(most=160),
        validate=validate.Length(max=MOST_DEPENDED_ON),
        metadata={
            "description": "Promises without which this one can't be kept; never in a circle.",
            "example": [],
        },
        **options,
    )


class PromiseSchema(Answer):
    """A promise as it is answered."""

    kind = fields.String(required=True)
    adjective = fields.String(required=True)
    statement = fields.String(required=True)
    translations = Translations(required=True)
    question = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The question of the brand as a person that it answers."},
    )
    target = fields.Float(required=True)
    weight = fields.Float(required=True)
    depends_on = _depended_on(required=True)
    archived_at = Moment(required=True, allow_none=True)


class PromiseNewSchema(Shape):
    """A promise to be made."""

    kind = Choice(KINDS, required=True)
    adjective = Text(most=80, required=True)
    statement = Text(most=1000, required=True)
    target = Number(least=0, most=100, required=True)
    weight = Number(least=0, most=1000, above=True, load_default=1.0)
    translations = Translations(load_default=dict)
    question = Choice(Question, load_default=None, allow_none=True)
    depends_on = _depended_on(load_default=list)


class PromiseChangeSchema(Change):
    """Fields of a promise to change."""

    kind = Choice(KINDS)
    adjective = Text(most=80)
    statement = Text(most=1000)
    target = Number(least=0, most=100)
    weight = Number(least=0, most=1000, above=True)
    translations = Translations()
    question = Choice(Question, allow_none=True)
    depends_on = _depended_on()


PromisePageSchema = page_of(PromiseSchema, "Promise")
