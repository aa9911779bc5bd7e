"""Wire shapes of KPIs."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import Answer, Change, Moment, Number, Shape, Text, matching, page_of
from schemas.rankings import MEASURE_PATTERN

MOST_BANDS = 10


class KpiBandSchema(Shape):
    """Scores from `from` (inclusive) to `to` (exclusive); null is unbounded."""

    start = Number(least=0, most=100, data_key="from", attribute="from", load_default=None,
                   allow_none=True, metadata={"example": 90})  # fmt: skip
    to = Number(least=0, most=100, load_default=None, allow_none=True, metadata={"example": 100})
    label = Text(most=80, required=True, metadata={"example": "outstanding"})


def _bands(**options: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(KpiBandSchema), validate=validate.Length(max=MOST_BANDS), **options
    )


def _measure(**options: Any) -> Text:
    return Text(most=200, also=[matching(MEASURE_PATTERN)], **options)


class KpiNewSchema(Shape):
    """A KPI: a measure held against a target and bands."""

    name = Text(most=120, required=True)
    measure = _measure(required=True)
    target = Number(least=0, most=100, required=True)
    bands = _bands(load_default=list)


class KpiChangeSchema(Change):
    """A change of a KPI; what it was stays readable."""

    name = Text(most=120)
    measure = _measure()
    target = Number(least=0, most=100)
    bands = _bands()


class KpiSchema(Answer):
    """A KPI."""

    name = fields.String(required=True)
    measure = fields.String(required=True)
    target = fields.Float(required=True)
    bands = _bands(required=True)
    archived_at = Moment(required=True, allow_none=True)


KpiPageSchema = page_of(KpiSchema, "Kpi")


class KpiVersionSchema(ma.Schema):
    """What a KPI was."""

    version = fields.Integer(required=True)
    name = fields.String(required=True)
    measure = fields.String(required=True)
    target = fields.Float(required=True)
    bands = _bands(required=True)
    since = Moment(required=True)


class KpiVersionsSchema(ma.Schema):
    """All that a KPI was, the first first."""

    items = fields.List(fields.Nested(KpiVersionSchema), required=True)


class KpiFiguresSchema(ma.Schema):
    """Where a selection stands by a KPI, and by which version of it."""

    kpi_id = fields.String(required=True)
    kpi_version = fields.Integer(required=True)
    name = fields.String(required=True)
    measure = fields.String(required=True)
    target = fields.Float(required=True)
    value = fields.Float(required=True, allow_none=True, metadata={"example": 83.2})
    se = fields.Float(required=True, allow_none=True)
    interval95 = fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={
            "description": "95 % interval of value; null without stores, and where all visits are "
            "equal, which tells nothing of how the next would differ.",
            "example": [80.1, 86.3],
        },
    )
    gap = fields.Float(required=True, allow_none=True)
    band = fields.String(required=True, allow_none=True, metadata={"example": "good"})
    n_stores = fields.Integer(required=True)
    n_visits = fields.Integer(required=True)
