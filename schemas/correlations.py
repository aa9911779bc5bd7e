"""Wire shapes of what goes together."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Text, matching
from schemas.insights import OUTCOME_PATTERN, FiguresQuery
from schemas.rankings import MEASURE_PATTERN

_FIGURES = (
    "visit, nps, a measure (stage:buy), item:KEY, amount:KEY/EUR, or the kind of an imported "
    "outcome, which is of stores' months."
)


def _figure(**options: Any) -> Text:
    return Text(most=200, also=[matching(rf"{OUTCOME_PATTERN}|{MEASURE_PATTERN}")], **options)


class CorrelationQuery(FiguresQuery):
    """Which two figures are held against each other."""

    class Meta(FiguresQuery.Meta):
        pass

    one = _figure(load_default="nps", metadata={"description": _FIGURES})
    other = _figure(load_default="visit", metadata={"description": _FIGURES})


class CorrelationSchema(ma.Schema):
    """What goes together, not what causes what: Pearson's r with Fisher's interval."""

    one = fields.String(required=True, metadata={"example": "item:staff_mood"})
    other = fields.String(required=True, metadata={"example": "visit"})
    over = fields.String(required=True, metadata={"enum": ["visits", "store_months"]})
    n = fields.Integer(required=True, metadata={"description": "Pairs."})
    r = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Null of fewer than four, or where one never varies.",
            "example": 0.37,
        },
    )
    interval95 = fields.List(
        fields.Float(), required=True, allow_none=True, metadata={"example": [0.12, 0.58]}
    )
