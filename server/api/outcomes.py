"""/v1/brands/{brand}/outcomes and outcome-imports"""

from typing import Any

import flask

from schemas.monthly_files import MonthlyImportSchema
from schemas.outcomes import (
    OutcomeImportQuery,
    OutcomePageSchema,
    OutcomesFilter,
    OutcomesQuery,
)
from server.api import body, csv_answers
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import MalformedRequest, TooLarge, UnsupportedMediaType
from server.services import outcomes
from server.services.selections import Filters

blp = Blueprint(
    "outcomes",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="Sales, reviews, returns: figures from elsewhere beside the scores.",
)

_FILE = body.csv_file(
    "A CSV file with the columns store (its code), month (YYYY-MM) and value.",
    "store,month,value\nMI-01,2026-09,48250\n",
)


@blp.operation("GET", "/outcomes", query=OutcomesQuery, returns=OutcomePageSchema)
def list_outcomes(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List a kind's values by month and store, beside the scores."""
    kind, limit, cursor = (query.pop(name) for name in ("kind", "limit", "cursor"))
    return outcomes.listed(actor, brand_id, kind, Filters(**query), limit=limit, cursor=cursor)


@blp.operation(
    "GET",
    "/outcomes.csv",
    query=OutcomesFilter,
    doc={"responses": {"200": csv_answers.DOCUMENTED}},
)
def export_outcomes(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Read a kind's values by month and store, beside the scores, as one table."""
    kind = query.pop("kind")
    return csv_answers.answer(
        "outcomes.csv", outcomes.whole(actor, brand_id, kind, Filters(**query))
    )


@blp.operation(
    "POST",
    "/outcome-imports",
    query=OutcomeImportQuery,
    returns=MonthlyImportSchema,
    raises=(MalformedRequest, TooLarge, UnsupportedMediaType),
    doc={"requestBody": _FILE},
)
def import_outcomes(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Keep a kind's values, in place of former ones of the same store and month."""
    return outcomes.imported(actor, brand_id, query["kind"], body.csv())
