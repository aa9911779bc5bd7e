"""Wire shapes of rankings."""

import re
from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment, Paging, Shape, Text
from server.domain.ownership import Ownership
from server.domain.ranking import Period

_MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"
_PERIOD = re.compile(rf"({_MONTH})(?:\.\.({_MONTH}))?", re.ASCII)


class PeriodField(fields.String):
    """A month, or the first and the last of several: "2026-03", "2026-01..2026-03". Loads to a
    Period."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        match = _PERIOD.fullmatch(super()._deserialize(value, attr, data, **more))
        if match is None:
            raise ma.ValidationError("Write YYYY-MM, or YYYY-MM..YYYY-MM.")
        first, last = match[1], match[2] or match[1]
        if first > last:
            raise ma.ValidationError("The first month must not be later than the last.")
        return Period(first, last)


class RankingFilters(Shape):
    """Which visits and stores are ranked."""

    period = PeriodField(
        metadata={
            "description": "YYYY-MM or YYYY-MM..YYYY-MM, by the stores' time; else all there is.",
            "example": "2026-01..2026-03",
        }
    )
    promise = Text(most=160, metadata={"description": "Rank by this promise's score."})
    region = Text(most=160, metadata={"description": "Only stores of this region's subtree."})
    format = Text(most=200, metadata={"description": "Only stores of this format."})
    ownership = Choice(Ownership, metadata={"description": "Only stores so owned."})
    wave = Text(most=160, metadata={"description": "Only visits of this wave."})


class RankingQuery(RankingFilters, Paging):
    """Which visits and stores are ranked, and which page of them is wanted."""


class PeriodSchema(ma.Schema):
    """The first and the last month, YYYY-MM."""

    first = fields.String(required=True, data_key="from")
    last = fields.String(required=True, data_key="to")


class RankedStoreSchema(ma.Schema):
    """Which store it is."""

    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class PromiseFiguresSchema(ma.Schema):
    """How a promise is kept: `gap` is score − target; null where no visit tells of it."""

    promise_id = fields.String(required=True)
    adjective = fields.String(required=True)
    score = fields.Float(required=True, allow_none=True)
    target = fields.Float(required=True)
    gap = fields.Float(required=True, allow_none=True)
    n = fields.Integer(required=True, metadata={"description": "Visits that tell of it."})


class StoreFiguresSchema(ma.Schema):
    """A ranked store. Scores are points, 0–100."""

    store = fields.Nested(RankedStoreSchema, required=True)
    n_visits = fields.Integer(required=True)
    raw_mean = fields.Float(required=True)
    se = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Standard error of raw_mean; null of fewer than two visits."},
    )
    rank = fields.Integer(required=True, metadata={"description": "Equal means share a rank."})
    of = fields.Integer(required=True, metadata={"description": "How many stores are ranked."})
    provisional = fields.Boolean(
        required=True, metadata={"description": "Fewer than three visits: do not act on it yet."}
    )
    promises = fields.List(fields.Nested(PromiseFiguresSchema), required=True)


class RankingSchema(ma.Schema):
    """A page of the ranking, from the first rank on, under a head that is of the whole. All of it
    is of the stores that the asker sees."""

    period = fields.Nested(PeriodSchema, required=True, allow_none=True)
    measure = fields.String(
        required=True, metadata={"description": "What stores are ranked by: visit or promise:ID."}
    )
    method_version = fields.String(required=True)
    computed_at = Moment(required=True)
    n_stores = fields.Integer(required=True, metadata={"description": "Stores that are ranked."})
    n_visits = fields.Integer(required=True)
    n_stores_without_visits = fields.Integer(required=True)
    mean = fields.Float(
        required=True, allow_none=True, metadata={"description": "Mean of the stores' means."}
    )
    promises = fields.List(fields.Nested(PromiseFiguresSchema), required=True)
    items = fields.List(fields.Nested(StoreFiguresSchema), required=True)
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Give it as `cursor` for the next page; null at the end."},
    )
