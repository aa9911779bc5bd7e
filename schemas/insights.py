"""Wire shapes of figures beyond the ranking: pages, comparisons, the matrix, coverage, drivers."""

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import Choice, Text, matching
from schemas.documents import Texts
from schemas.drivers import DriversSchema
from schemas.figures import adjusted as _adjusted
from schemas.figures import adjusted_ends as _adjusted_ends
from schemas.figures import depends_on as _depends_on
from schemas.figures import ends as _ends
from schemas.figures import interval as _interval
from schemas.figures import method as _method
from schemas.figures import month as _month
from schemas.figures import n as _n
from schemas.figures import of as _of
from schemas.figures import score as _score
from schemas.figures import some as _some
from schemas.rankings import (
    GROUPS,
    MEASURE_PATTERN,
    PeriodField,
    RankedStoreSchema,
    RankingFilters,
    StoreFiguresSchema,
)
from server.domain.checklist import KEY_PATTERN
from server.domain.drivers import MOST_PREDICTORS
from server.domain.ownership import Ownership
from server.domain.tags import SLUG_PATTERN

__all__ = ["GROUPS"]

OUTCOME_PATTERN = rf"{SLUG_PATTERN}|item:{KEY_PATTERN}|amount:{KEY_PATTERN}/[A-Z]{{3}}"


class FiguresQuery(RankingFilters):
    """Which visits and stores the figures are of."""

    class Meta(RankingFilters.Meta):
        exclude = ("as_of", "measure", "promise")


class PeriodQuery(RankingFilters):
    """Of which months."""

    class Meta(RankingFilters.Meta):
        fields = ("period",)


class ComparisonQuery(FiguresQuery):
    """Two selections: the filters, and those of the other side, which take the first's where they
    are not given."""

    class Meta(RankingFilters.Meta):
        exclude = ("as_of",)

    with_period = PeriodField(metadata={"example": "2025-01..2025-03"})
    with_region = Text(most=160)
    with_format = Text(most=200)
    with_ownership = Choice(Ownership)
    with_wave = Text(most=160)


class DriversQuery(FiguresQuery):
    """Which outcome is explained by which dimension's values."""

    outcome = Text(
        most=120,
        load_default="visit",
        also=[matching(OUTCOME_PATTERN)],
        metadata={
            "description": "visit, nps, item:KEY (an item's points, scored or not), amount:KEY/EUR "
            "(of a money item), or the kind of an imported outcome.",
            "example": "item:return_store",
        },
    )
    by = Text(
        most=32,
        load_default="promise",
        also=[matching(SLUG_PATTERN)],
        metadata={"description": "A dimension: promise, stage, force … or item."},
    )
    value = fields.List(
        Text(most=200),
        validate=validate.Length(max=MOST_PREDICTORS),
        metadata={
            "description": "Only these values of the dimension, twelve at most; else the twelve "
            "that most visits tell of.",
        },
    )


class NpsSchema(ma.Schema):
    """The net promoter score, −100 to 100, with its adjusted Wald interval."""

    score = fields.Float(required=True, metadata={"example": 35.0})
    interval95 = _ends([-2.1, 63.4])
    n = fields.Integer(required=True)
    promoters = fields.Integer(required=True, metadata={"example": 10})
    passives = fields.Integer(required=True, metadata={"example": 7})
    detractors = fields.Integer(required=True, metadata={"example": 3})


class ShareSchema(ma.Schema):
    """A share with Wilson's interval."""

    value = fields.Float(required=True, metadata={"example": 0.25})
    interval95 = _ends([0.0887, 0.532])
    n = fields.Integer(required=True)


class TrendSchema(ma.Schema):
    """A month's visits."""

    month = _month()
    score = _score()
    interval95 = _interval()
    n = _n()
    nps = fields.Nested(NpsSchema, required=True, allow_none=True)


class PromiseGivenSchema(ma.Schema):
    """How a promise is kept by the visits that kept all that it depends on."""

    depends_on = _depends_on()
    score = _score()
    interval95 = _interval()
    n = fields.Integer(
        required=True, metadata={"description": "Visits that kept each of them, by its target."}
    )
    of = _of()


def _given(schema: type[ma.Schema]) -> fields.Nested:
    return fields.Nested(
        schema,
        required=True,
        allow_none=True,
        metadata={"description": "Null where it depended on no other in any version visited."},
    )


class PromiseGapSchema(ma.Schema):
    """How a promise is kept, by the plain mean of the visits."""

    promise_id = fields.String(required=True)
    adjective = fields.String(required=True)
    score = _score()
    interval95 = _interval()
    target = fields.Float(required=True)
    gap = fields.Float(required=True, allow_none=True)
    n = _n()
    given = _given(PromiseGivenSchema)
    nps = fields.Nested(
        NpsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Of an nps item that asks it of this promise."},
    )


class StorePromiseGivenSchema(PromiseGivenSchema):
    """How a store keeps a promise by the visits that kept all that it depends on: adjusted, as in
    the ranking."""

    score = _adjusted()
    interval95 = _adjusted_ends()
    raw_mean = _score()


class StorePromiseSchema(PromiseGapSchema):
    """How a store keeps a promise: adjusted, as in the ranking."""

    score = _adjusted()
    interval95 = _adjusted_ends()
    raw_mean = _score()
    given = _given(StorePromiseGivenSchema)


class ValueSchema(ma.Schema):
    """A value of a dimension."""

    value = fields.String(required=True, metadata={"example": "buy"})
    name = fields.String(required=True, metadata={"example": "buy"})
    score = _score()
    interval95 = _interval()
    n = _n()


class DimensionSchema(ma.Schema):
    """What visits can be scored by: stages, channels, any tag of items."""

    dimension = fields.String(required=True, metadata={"example": "stage"})
    values = _some(ValueSchema)


class HeatCellSchema(ma.Schema):
    """A touchpoint in a month."""

    month = _month()
    score = _score()
    interval95 = _interval()
    n = _n()


class HeatRowSchema(ma.Schema):
    """A touchpoint over the months."""

    touchpoint_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"example": "The welcome"})
    months = _some(HeatCellSchema)


class MendSchema(ma.Schema):
    """An item and the points of the visits' score that it costs: weight × gap. Versions that have
    an item of this key are taken together."""

    item_key = fields.String(required=True)
    checklist_version_id = fields.String(
        required=True, metadata={"description": "The latest of these versions: its words."}
    )
    prompt = Texts(required=True)
    touchpoint_id = fields.String(required=True, allow_none=True)
    touchpoint = fields.String(required=True, metadata={"example": "The welcome"})
    score = _score()
    n = _n()
    critical = fields.Boolean(required=True)
    cost = fields.Float(required=True, metadata={"description": "Points.", "example": 2.4})


class VisitsSchema(ma.Schema):
    """How many visits there are, and what was counted of them."""

    n_visits = fields.Integer(required=True)
    raw_mean = _score()
    critical_count = fields.Integer(required=True)
    glue = fields.Nested(
        ShareSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "Plain share of the visits in which an unexpected extra was given; null "
            "where none asks for it. A ranking's glue_rate is a store's, drawn towards that of all "
            "stores by the beta-binomial."
        },
    )
    coverage = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Share of the weight that was answered.", "example": 0.97},
    )
    thin_visits = fields.Integer(
        required=True, metadata={"description": "Visits that cover too little.", "example": 0}
    )
    incomplete_visits = fields.Integer(
        required=True,
        metadata={"description": "Visits that still lack a later part.", "example": 0},
    )


class FiguresSchema(VisitsSchema):
    """Figures of a selection of stores together. Scores are plain means."""

    trend = _some(TrendSchema)
    promises = _some(PromiseGapSchema)
    dimensions = _some(DimensionSchema)
    heat = _some(HeatRowSchema)
    nps = fields.Nested(NpsSchema, required=True, allow_none=True)
    lost = fields.Nested(
        ShareSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Of customers who meant to come, those who no more do."},
    )
    weakest_stage = fields.Nested(
        ValueSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The stage with the lowest mean."},
    )
    mend_first = _some(MendSchema)
    method_version = _method()


class VerbatimSchema(ma.Schema):
    """What a shopper wrote in an approved visit; of whom and when stays unsaid."""

    month = _month()
    week = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "ISO week; null where the brand shows months.", "example": None},
    )
    item_key = fields.String(required=True, allow_none=True)
    prompt = Texts(required=True, allow_none=True)
    touchpoint_id = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, metadata={"example": "She looked up at once."})


class StorePortraitSchema(FiguresSchema):
    """One store's figures, with its place in the ranking of all stores that the filters choose;
    where fewer than ten are ranked, managers read their place among those that they see. Scores
    are plain means, those of promises adjusted as in the ranking."""

    store = fields.Nested(RankedStoreSchema, required=True)
    ranking = fields.Nested(StoreFiguresSchema, required=True, allow_none=True)
    promises = _some(StorePromiseSchema)
    drivers = fields.Nested(DriversSchema, required=True)
    verbatims = _some(VerbatimSchema)


class NpsMonthSchema(ma.Schema):
    """A month's net promoter score; null where nobody was asked."""

    month = _month()
    nps = fields.Nested(NpsSchema, required=True, allow_none=True)


class NpsReportSchema(ma.Schema):
    """The net promoter score of a selection, and by month."""

    nps = fields.Nested(NpsSchema, required=True, allow_none=True)
    months = _some(NpsMonthSchema)


class SideSchema(ma.Schema):
    """One side of a comparison, by its ranking."""

    measure = fields.String(required=True, metadata={"pattern": f"^(?:{MEASURE_PATTERN})$"})
    n_stores = fields.Integer(required=True)
    n_visits = fields.Integer(required=True)
    mean = fields.Float(required=True, allow_none=True)
    mean_se = fields.Float(required=True, allow_none=True)
    raw_mean = fields.Float(required=True, allow_none=True)
    rankability = fields.Float(required=True, allow_none=True)


class DifferenceSchema(ma.Schema):
    """One less the other; how sure that is is null where all visits are equal."""

    delta = fields.Float(required=True, metadata={"example": 2.4})
    se = fields.Float(required=True, allow_none=True, metadata={"example": 1.28})
    interval95 = _ends([-0.1, 4.9])
    z = fields.Float(required=True, allow_none=True, metadata={"example": 1.88})
    significant = fields.Boolean(required=True)


class PromiseDifferenceSchema(ma.Schema):
    """A promise that both sides' visits tell of."""

    promise_id = fields.String(required=True)
    adjective = fields.String(required=True)
    one = _score()
    other = _score()
    delta = fields.Float(required=True, allow_none=True, metadata={"example": 2.4})
    se = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of the difference; null where nothing tells it, and of a part of an "
            "earlier ranking."
        },
    )
    interval95 = fields.List(
        fields.Float(), required=True, allow_none=True, metadata={"example": [-0.1, 4.9]}
    )


class ComparisonSchema(ma.Schema):
    """Two selections held against each other."""

    one = fields.Nested(SideSchema, required=True)
    other = fields.Nested(SideSchema, required=True)
    difference = fields.Nested(DifferenceSchema, required=True, allow_none=True)
    promises = _some(PromiseDifferenceSchema)
