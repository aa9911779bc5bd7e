"""Wire shapes of promises."""

from marshmallow import fields

from schemas.base import Answer, Change, Choice, Moment, Number, Shape, Text, page_of

KINDS = ("explicit", "implicit")


class PromiseSchema(Answer):
    """A promise as it is answered."""

    kind = fields.String(required=True)
    adjective = fields.String(required=True)
    statement = fields.String(required=True)
    target = fields.Float(required=True)
    weight = fields.Float(required=True)
    archived_at = Moment(required=True, allow_none=True)


class PromiseNewSchema(Shape):
    """A promise to be made."""

    kind = Choice(KINDS, required=True)
    adjective = Text(most=80, required=True)
    statement = Text(most=1000, required=True)
    target = Number(least=0, most=100, required=True)
    weight = Number(least=0, most=1000, above=True, load_default=1.0)


class PromiseChangeSchema(Change):
    """Fields of a promise to change."""

    kind = Choice(KINDS)
    adjective = Text(most=80)
    statement = Text(most=1000)
    target = Number(least=0, most=100)
    weight = Number(least=0, most=1000, above=True)


PromisePageSchema = page_of(PromiseSchema, "Promise")
