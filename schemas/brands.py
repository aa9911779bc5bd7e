"""Wire shapes of brands."""

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import Answer, Change, Choice, Flag, Text, matching, page_of
from server.domain.months import TimesShown

LOCALE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
"""A language tag in the usual shapes of BCP 47, in their usual case: language, script, region,
variants: it, en-GB, zh-Hant-TW, de-CH-1996."""


class BrandSchema(Answer):
    """A brand."""

    name = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    auto_approve = fields.Boolean(required=True)
    times_shown = fields.String(required=True, metadata={"enum": [*TimesShown]})


class BrandChangeSchema(Change):
    """Fields of a brand to change."""

    name = Text(most=200)
    locales = fields.List(
        Text(most=35, also=[matching(LOCALE)]),
        validate=validate.Length(min=1, max=20),
        metadata={"description": "The first is the fallback."},
    )
    auto_approve = Flag(
        metadata={"description": "Complete reports count without a reviewer's word."}
    )
    times_shown = Choice(
        TimesShown, metadata={"description": "How exactly stores are told when a visit was."}
    )

    @ma.validates("locales")
    def different(self, locales: list[str], data_key: str) -> None:
        """No language twice."""
        if len(set(locales)) < len(locales):
            raise ma.ValidationError("Names a language twice.")


BrandPageSchema = page_of(BrandSchema, "Brand")
