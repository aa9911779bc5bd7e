"""Wire shapes of what the programme costs, beside sales and scores."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Text, matching
from schemas.figures import interval, method, n, score
from schemas.insights import FiguresQuery
from schemas.rankings import PeriodField, PeriodSchema
from server.domain.tags import SLUG_PATTERN

_CURRENCY = "Of the fees; imported sales and costs are taken to be in it, in whole units."


def _kind(name: str, description: str) -> Text:
    return Text(
        most=32,
        load_default=name,
        also=[matching(SLUG_PATTERN)],
        metadata={"description": description},
    )


def _number(description: str, example: float) -> Any:
    told = {"description": description, "example": example}
    return fields.Float(required=True, allow_none=True, metadata=told)


def _count(description: str, example: int) -> Any:
    return fields.Integer(required=True, metadata={"description": description, "example": example})


def _text(description: str, example: str) -> Any:
    told = {"description": description, "example": example}
    return fields.String(required=True, allow_none=True, metadata=told)


class InvestmentQuery(FiguresQuery):
    """Of which stores and months, by what."""

    class Meta(FiguresQuery.Meta):
        pass

    period = PeriodField(
        metadata={
            "description": "YYYY-MM or YYYY-MM..YYYY-MM, by the stores' time, 120 months at most; "
            "else the 12 months up to the latest, not after the present one, of which anything is "
            "known.",
            "example": "2026-01..2026-03",
        }
    )
    by = Choice(
        ("store", "region", "all"),
        load_default="region",
        metadata={"description": "A row for each; a store counts in its own region."},
    )
    over = Choice(
        ("month", "period"),
        load_default="month",
        metadata={"description": "A row for each month, or for the whole period."},
    )
    sales = _kind("sales", "The kind of the imported outcome that is sold.")
    costs = _kind("costs", "The kind of the imported outcome that is paid beside fees.")
    currency = Text(
        least=3,
        most=3,
        load_default=None,
        also=[matching("[A-Z]{3}")],
        metadata={"description": _CURRENCY, "example": "EUR"},
    )


class InvestmentRowSchema(ma.Schema):
    """A place and a span of months, beside the span before of as many months."""

    place_id = _text("A store or a region; null: no region, or all.", "MI-01")
    place_code = _text("Its code.", "MI-01")
    place_name = _text("Its name.", "Milano Brera")
    first = fields.String(required=True, data_key="from", attribute="from")
    last = fields.String(required=True, data_key="to", attribute="to")
    currency = _text(_CURRENCY, "EUR")
    n_stores = _count("Stores of the place.", 12)
    fees = _number("Of visits that count and of their approved later parts.", 625.0)
    n_fees = _count("Visits and parts that have a fee.", 25)
    costs = _number("Imported; null: none were.", 1200.0)
    cost = _number("Fees and imported costs.", 1825.0)
    cost_change = _number("Against the span before; null: nothing is known of it.", 125.0)
    sales = _number("Imported; null: none were.", 482500.0)
    n_with_sales = _count("Stores with imported sales.", 12)
    sales_change = _number("Of the stores with sales in each month of both spans.", 6500.0)
    sales_change_share = _number("Of their sales in the span before.", 0.0137)
    n_comparable = _count("How many these stores are.", 11)
    sales_change_per_cost = _number(
        "What the change would be per unit of cost of the same stores, if all of it came of the "
        "programme.",
        3.9157,
    )
    score = score()
    interval95 = interval()
    n = n()
    score_change = _number("Of the mean, in points.", 2.4)
    score_change_interval95 = fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={"description": "Welch's 95 % interval of it.", "example": [-1.2, 6.0]},
    )


class InvestmentSchema(ma.Schema):
    """What the programme costs, beside sales and scores. It proves no cause."""

    currency = _text(_CURRENCY, "EUR")
    period = fields.Nested(
        PeriodSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The months that are told; null: nothing is known of any."},
    )
    items = fields.List(fields.Nested(InvestmentRowSchema), required=True)
    notes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What it does not say.", "example": ["No cause is shown."]},
    )
    method_version = method()
