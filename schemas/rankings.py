"""Wire shapes of rankings."""

import re
from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment, Paging, Shape, Text, matching
from schemas.figures import depends_on as _depends_on
from schemas.figures import of as _of
from server.domain import months
from server.domain.ownership import Ownership
from server.domain.ranking import Period
from server.domain.tags import SLUG_PATTERN

_PERIOD = re.compile(rf"({months.PATTERN})(?:\.\.({months.PATTERN}))?")


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


MEASURE_PATTERN = rf"visit|(?!item|tally|answer){SLUG_PATTERN}:[^\x00-\x1f]{{1,160}}"
SORTS = ("rank", "code", "name", "n_visits", "raw_mean", "adjusted_mean", "change")
GROUPS = ("region", "format", "ownership")


def _said(description: str, kind: type[fields.Field[Any]] = fields.Float, **options: Any) -> Any:
    return kind(required=True, metadata={"description": description}, **options)


def _or_null(description: str, kind: type[fields.Field[Any]] = fields.Float) -> Any:
    return _said(description, kind, allow_none=True)


class Interval(fields.List[Any]):
    """The lower and the upper end."""

    def __init__(self, inner: fields.Field[Any], description: str, **options: Any) -> None:
        metadata = {"description": description, "minItems": 2, "maxItems": 2}
        super().__init__(inner, required=True, metadata=metadata, **options)


class RankingFilters(Shape):
    """Which visits and stores are ranked, by what, and when."""

    period = PeriodField(
        metadata={
            "description": "YYYY-MM or YYYY-MM..YYYY-MM, by the stores' time; else all there is.",
            "example": "2026-01..2026-03",
        }
    )
    measure = Text(
        most=200,
        also=[matching(MEASURE_PATTERN)],
        metadata={
            "description": "What stores are ranked by, else visit: stage:buy, force:certainty, "
            "touchpoint:ID … any dimension of the figures, and any tag of items.",
            "example": "stage:buy",
        },
    )
    promise = Text(most=160, metadata={"description": "Short for measure=promise:ID."})
    region = Text(most=160, metadata={"description": "Only stores of this region's subtree."})
    format = Text(most=200, metadata={"description": "Only stores of this format."})
    ownership = Choice(
        Ownership,
        metadata={"description": "Only stores so owned; competitors' are in no other ranking."},
    )
    wave = Text(most=160, metadata={"description": "Only visits of this wave."})
    as_of = Moment(metadata={"description": "The ranking that was in force then."})

    @ma.validates_schema
    def one_measure(self, data: dict[str, Any], **_: Any) -> None:
        if "measure" in data and "promise" in data:
            raise ma.ValidationError("Give measure or promise, not both.", "promise")


class RankingQuery(RankingFilters, Paging):
    """Which stores are ranked, in which order they are given, and which page of them."""

    sort = Choice(
        [sign + name for name in SORTS for sign in ("", "-")],
        load_default="rank",
        metadata={"description": "With a minus from the largest."},
    )


class GroupsQuery(RankingFilters):
    """Which stores are ranked, and what they are grouped by."""

    by = Choice(GROUPS, load_default="region")


class PeriodSchema(ma.Schema):
    """The first and the last month, YYYY-MM."""

    first = fields.String(required=True, data_key="from")
    last = fields.String(required=True, data_key="to")


class RankedStoreSchema(ma.Schema):
    """Which store it is, as it was when the ranking was made."""

    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    region_id = fields.String(required=True, allow_none=True)
    format = fields.String(required=True, allow_none=True)
    ownership = Choice(Ownership, required=True)


def _given(schema: type[ma.Schema]) -> fields.Nested:
    """Rankings that were kept before this was told have none."""
    described = {
        "description": "In visits that kept what it depended on; null where it depended on "
        "nothing in any version that was visited."
    }
    return fields.Nested(
        schema, required=True, allow_none=True, dump_default=None, metadata=described
    )


def _of_mean() -> Interval:
    return Interval(
        fields.Float(),
        "95 % interval of the mean; null where nothing tells it, of a part of an earlier ranking, "
        "and of rankings that were kept before this was told.",
        allow_none=True,
        dump_default=None,
    )


class PromiseGivenSharedSchema(ma.Schema):
    """How a promise is kept by the visits that kept all that it depends on."""

    depends_on = _depends_on()
    score = _or_null("Adjusted as the ranked measure is; null of no visits.")
    raw_mean = _or_null("Of the visits as they are.")
    n = _said("Visits that kept what it depends on.", fields.Integer)
    of = _of()


class PromiseGivenMeansSchema(PromiseGivenSharedSchema):
    """The same of all: means over stores."""

    interval95 = _of_mean()


class PromiseGivenFiguresSchema(PromiseGivenSharedSchema):
    """The same of a store."""

    interval = Interval(fields.Float(), "95 % interval of the score.", allow_none=True)


class PromiseSharedSchema(ma.Schema):
    """How a promise is kept."""

    promise_id = fields.String(required=True)
    adjective = fields.String(required=True)
    score = _or_null("Adjusted as the ranked measure is; null where no visit tells of it.")
    target = fields.Float(required=True)
    gap = _or_null("score − target.")
    raw_mean = _or_null("Of the visits as they are.")
    n = _said("Visits that tell of it.", fields.Integer)


class PromiseMeansSchema(PromiseSharedSchema):
    """How a promise is kept by all: means over stores."""

    interval95 = _of_mean()
    given = _given(PromiseGivenMeansSchema)


class PromiseFiguresSchema(PromiseSharedSchema):
    """How a store keeps a promise."""

    interval = Interval(fields.Float(), "95 % interval of the score.", allow_none=True)
    given = _given(PromiseGivenFiguresSchema)


class WeakestTouchpointSchema(ma.Schema):
    """The touchpoint with the lowest mean."""

    touchpoint_id = fields.String(required=True)
    name = fields.String(required=True)
    score = _said("Mean of the visits.")
    n = fields.Integer(required=True)


class ChangeSchema(ma.Schema):
    """From the period before: of the same length, or by quarters where none is asked for."""

    delta = _said("Points.")
    z = _or_null("delta in standard errors.")
    q = _or_null("False-discovery rate (Benjamini and Hochberg).")
    significant = _said("q is at most 0.05.", fields.Boolean)


class StoreFiguresSchema(ma.Schema):
    """A ranked store. Scores are points, 0–100."""

    store = fields.Nested(RankedStoreSchema, required=True)
    n_visits = fields.Integer(required=True)
    n_eff = _said("Visits, weighted by their age.")
    n_shoppers = fields.Integer(required=True)
    few_shoppers = _said(
        "Fewer than three shoppers visited, or one made most of the visits. Managers of stores and "
        "regions then get means of the store's own visits as they are, less sure, since the "
        "difference to raw_mean would tell of one person.",
        fields.Boolean,
    )
    raw_mean = _said("Mean of the visits as they are.")
    adjusted_mean = _said("Shrunk, and freed of how strict its shoppers are (see few_shoppers).")
    se = _or_null("Standard error of adjusted_mean; null where all visits are equal.")
    interval95 = Interval(fields.Float(), "95 % interval of adjusted_mean.", allow_none=True)
    reliability = _said("λ: the share of the store's distance from the mean that is kept.")
    rank = _or_null("By expected rank; equals share one. Null: nobody is ranked.", fields.Integer)
    expected_rank = _or_null("Mean of the rank's distribution.")
    rank_interval90 = Interval(fields.Integer(), "Middle 90 % of the rank.", allow_none=True)
    rank_set95 = Interval(
        fields.Integer(), "Ranks that the visits alone do not exclude.", allow_none=True
    )
    rank_bounds95 = Interval(
        fields.Integer(),
        "No better than the first with 95 %, no worse than the second with 95 %; each for itself.",
        allow_none=True,
    )
    of = _said("How many stores are ranked; 0 where nobody is.", fields.Integer)
    p_top_quartile = _or_null("Probability to be among the best quarter.")
    p_bottom_quartile = _or_null("Probability to be among the last quarter.")
    tier = _said("Top or bottom from a probability of 0.8 on.", fields.String)
    provisional = _said("n_eff is below 3: do not act on it yet.", fields.Boolean)
    comparable_block = _or_null(
        "Stores of different blocks share no chain of shoppers. Null to managers of stores and "
        "regions where severity is not taken out for them.",
        fields.Integer,
    )
    promises = fields.List(fields.Nested(PromiseFiguresSchema), required=True)
    weakest_touchpoint = fields.Nested(WeakestTouchpointSchema, required=True, allow_none=True)
    critical_count = _said("Critical items failed.", fields.Integer)
    glue_rate = _or_null(
        "Share of visits with an unexpected extra, drawn towards that of all stores by the "
        "beta-binomial; null where none asks for it."
    )
    change = fields.Nested(ChangeSchema, required=True, allow_none=True)
    peer_group = _said("Format and ownership.", fields.String)
    period = fields.Nested(PeriodSchema, required=True, allow_none=True)
    method_version = fields.String(required=True)
    weights_version = fields.String(required=True)
    computed_at = Moment(required=True)


class VariancesSchema(ma.Schema):
    """Points², of what makes two visits differ; null while the brand has none."""

    store = fields.Float(required=True, allow_none=True)
    shopper = fields.Float(required=True, allow_none=True)
    error = fields.Float(required=True, allow_none=True)


class RankingHeadSchema(ma.Schema):
    """What is true of the whole ranking. All of it is of the stores that the asker sees."""

    ranking_id = fields.String(required=True)
    number = _or_null(
        "Of the published ranking that this is, or with as_of is a part of, from 1; null of one "
        "made on demand.",
        fields.Integer,
    )
    computed_at = Moment(required=True)
    period = fields.Nested(PeriodSchema, required=True, allow_none=True)
    months = fields.Nested(PeriodSchema, required=True, allow_none=True)
    measure = fields.String(required=True)
    method_version = fields.String(required=True)
    method = _said("Where the method is explained.", fields.String)
    weights_version = _said(
        "The checklist versions that the visits were scored by, joined by +.", fields.String
    )
    mu = _or_null(
        "The mean that means are shrunk to: of all the brand's stores, whichever of them are "
        "ranked, in the visits that the filters choose; null where these are none."
    )
    variances = fields.Nested(VariancesSchema, required=True)
    rankability = _or_null("Share of what differs between stores' means that is not chance.")
    half_life_months = _said("In which a visit loses half of its weight.")
    n_stores = _said("Stores that are ranked.", fields.Integer)
    n_visits = fields.Integer(required=True)
    n_stores_without_visits = _or_null(
        "Null of a part of an earlier ranking, which does not know.", fields.Integer
    )
    mean = _or_null("Mean of the stores' adjusted means.")
    mean_se = _or_null("Its standard error; null where all visits are equal.")
    raw_mean = _or_null("Mean of the stores' raw means.")
    promises = fields.List(fields.Nested(PromiseMeansSchema), required=True)
    warnings = fields.List(fields.String(), required=True)


class RankingSchema(RankingHeadSchema):
    """A page of a ranking under its head."""

    items = fields.List(fields.Nested(StoreFiguresSchema), required=True)
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Give it as `cursor` for the next page; null at the end."},
    )


class GroupSchema(ma.Schema):
    """A group's stores: means over stores, each weighing the same."""

    value = _or_null(
        "A region's id, a format, an ownership; null of stores without.", fields.String
    )
    name = fields.String(required=True, allow_none=True)
    n_stores = fields.Integer(required=True)
    n_visits = fields.Integer(required=True)
    raw_mean = fields.Float(required=True)
    adjusted_mean = fields.Float(required=True)


class RankingGroupsSchema(RankingHeadSchema):
    """The groups of a ranking under its head, the best first."""

    by = fields.String(required=True)
    items = fields.List(fields.Nested(GroupSchema), required=True)
