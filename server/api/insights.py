"""Figures of /v1/brands/{brand} beyond the ranking: of a store, of many, compared, explained."""

from dataclasses import replace
from typing import Any

import flask

from schemas.answer_counts import AnswerCountsSchema
from schemas.coherences import MatrixSchema
from schemas.correlations import CorrelationQuery, CorrelationSchema
from schemas.drivers import DriversSchema
from schemas.insights import (
    ComparisonQuery,
    ComparisonSchema,
    DriversQuery,
    FiguresQuery,
    FiguresSchema,
    NpsReportSchema,
    StorePortraitSchema,
)
from schemas.journeys import CoverageSchema, JourneySchema
from server.api import csv_answers
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.domain.scoring import METHOD_VERSION
from server.services import (
    answer_counts,
    coherences,
    correlations,
    driving,
    figure_tables,
    insights,
    journeys,
)
from server.services.selections import Filters

blp = Blueprint(
    "figures",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="What visits say of stores, promises, touchpoints and the journey.",
)

_OTHER = "with_"


@blp.operation("GET", "/stores/<store_id>/figures", query=FiguresQuery, returns=StorePortraitSchema)
def read_store_figures(actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]) -> Any:
    """Read one store's page of figures."""
    return insights.of_store(actor, brand_id, store_id, Filters(**query))


@blp.operation("GET", "/figures", query=FiguresQuery, returns=FiguresSchema)
def read_figures(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read the figures of stores together: a region's, a format's, the brand's."""
    return insights.of_selection(actor, brand_id, Filters(**query))


@blp.operation("GET", "/comparison", query=ComparisonQuery, returns=ComparisonSchema)
def compare_figures(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Compare periods, regions, franchise with direct, own stores with competitors'."""
    other = {
        name.removeprefix(_OTHER): query.pop(name)
        for name in list(query)
        if name.startswith(_OTHER)
    }
    one = Filters(**query)
    return insights.compared(actor, brand_id, one, replace(one, **other))


@blp.operation("GET", "/matrix", query=FiguresQuery, returns=MatrixSchema)
def read_matrix(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read promise × touchpoint."""
    items = coherences.matrix(actor, brand_id, Filters(**query))
    return {"items": items, "method_version": METHOD_VERSION}


@blp.operation("GET", "/journey", query=FiguresQuery, returns=JourneySchema)
def read_journey(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read the touchpoints with expectation, weakness and opportunity, as said and as found."""
    return {"items": journeys.read(actor, brand_id, Filters(**query))}


@blp.operation("GET", "/answers", query=FiguresQuery, returns=AnswerCountsSchema)
def count_answers(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read how many visits answered what: choices, outcomes, what was spent."""
    return {"items": answer_counts.listed(actor, brand_id, Filters(**query))}


@blp.operation("GET", "/coverage", query=FiguresQuery, returns=CoverageSchema)
def read_coverage(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read what of the journey visits tell of, and what not."""
    return journeys.coverage(actor, brand_id, Filters(**query))


@blp.operation(
    "GET",
    "/coverage.csv",
    query=FiguresQuery,
    doc={"responses": {"200": csv_answers.DOCUMENTED}},
)
def export_coverage(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Read of which touchpoints visits tell, as a table."""
    table = figure_tables.coverage(actor, brand_id, Filters(**query))
    return csv_answers.answer("coverage.csv", table)


@blp.operation("GET", "/nps", query=FiguresQuery, returns=NpsReportSchema)
def read_nps(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read the net promoter score."""
    return insights.nps(actor, brand_id, Filters(**query))


@blp.operation("GET", "/drivers", query=DriversQuery, returns=DriversSchema)
def read_drivers(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read how much of an outcome goes with each promise, stage or other dimension."""
    outcome, by, values = query.pop("outcome"), query.pop("by"), query.pop("value", ())
    return driving.driven(actor, brand_id, Filters(**query), outcome, by, values)


@blp.operation("GET", "/correlation", query=CorrelationQuery, returns=CorrelationSchema)
def read_correlation(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read how far two figures go together: staff's mood and the visit, a promise and sales."""
    one, other = query.pop("one"), query.pop("other")
    return correlations.read(actor, brand_id, Filters(**query), one, other)
