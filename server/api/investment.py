"""/v1/brands/{brand}/investment: what the programme costs, beside sales and scores."""

from typing import Any

import flask

from schemas.investment import InvestmentQuery, InvestmentSchema
from server.api import csv_answers, files
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import investment
from server.services.investment import Asked
from server.services.selections import Filters

blp = Blueprint(
    "investment",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="What the programme costs, beside sales and scores.",
)


@blp.operation("GET", "/investment", query=InvestmentQuery, returns=InvestmentSchema)
def read_investment(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Read what the programme costs by month and place, beside sales and scores."""
    return investment.read(actor, brand_id, *_asked(query))


@blp.operation(
    "GET",
    "/investment.csv",
    query=InvestmentQuery,
    doc={"responses": {"200": csv_answers.DOCUMENTED}},
)
def export_investment(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Read the same as a table."""
    return csv_answers.answer("investment.csv", investment.table(actor, brand_id, *_asked(query)))


@blp.operation(
    "GET",
    "/investment.xlsx",
    query=InvestmentQuery,
    doc=files.documented("A workbook with notes on what it does not prove.", "xlsx"),
)
def export_investment_workbook(
    actor: Actor, brand_id: str, query: dict[str, Any]
) -> flask.Response:
    """Read the same as a workbook."""
    return files.answer(investment.book(actor, brand_id, *_asked(query)), "investment.xlsx")


def _asked(query: dict[str, Any]) -> tuple[Filters, Asked]:
    asked = Asked(**{name: query.pop(name) for name in Asked._fields})
    return Filters(**query), asked
