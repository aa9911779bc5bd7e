"""Wire shapes of brands."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import (
    Answer,
    Change,
    Choice,
    Flag,
    Number,
    Shape,
    Text,
    Whole,
    matching,
    page_of,
)
from server.domain.months import TimesShown
from server.domain.report_flags import FlagCode


def _points(description: str) -> Number:
    return Number(
        least=0,
        most=100,
        load_default=None,
        allow_none=True,
        metadata={"description": f"Points. {description}"},
    )


LOCALE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
"""A language tag in the usual shapes of BCP 47, in their usual case: language, script, region,
variants: it, en-GB, zh-Hant-TW, de-CH-1996."""


class ApprovalRuleSchema(Shape):
    """What a brand approves by itself, beyond that nothing is missing and nothing came late."""

    blocking_flags = fields.List(
        Choice(FlagCode),
        load_default=None,
        allow_none=True,
        metadata={"description": "Flags that a person is to look at; null: all there are."},
    )
    least_score = _points("Visits below are a person's.")
    most_score = _points("Visits above are a person's.")
    critical_blocks = Flag(
        load_default=True, metadata={"description": "A failed critical item is a person's."}
    )
    sample = Number(
        least=0,
        most=1,
        load_default=0.0,
        metadata={"description": "The share that goes to a person anyway, drawn by id."},
    )
    least_approved = Whole(
        least=0,
        most=1000,
        load_default=0,
        metadata={"description": "Shoppers with fewer approved visits are a person's."},
    )

    @ma.validates_schema
    def some_score(self, data: dict[str, Any], **_: Any) -> None:
        """Bounds that no score lies within would approve nothing."""
        least, most = data.get("least_score"), data.get("most_score")
        if least is not None and most is not None and least > most:
            raise ma.ValidationError("Must not be above most_score.", "least_score")


class BrandSchema(Answer):
    """A brand."""

    name = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    auto_approve = fields.Boolean(required=True)
    approval_rule = fields.Nested(ApprovalRuleSchema, required=True, allow_none=True)
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
    approval_rule = fields.Nested(
        ApprovalRuleSchema,
        allow_none=True,
        metadata={"description": "Which of them, with auto_approve; null: all."},
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
