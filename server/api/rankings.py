"""/v1/brands/{brand}/rankings, its groups, and the same as a table: rankings.csv"""

from typing import Any

import flask

from schemas.rankings import (
    GroupsQuery,
    RankingFilters,
    RankingGroupsSchema,
    RankingQuery,
    RankingSchema,
)
from server.api import csv_answers
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import rankings, tables
from server.services.rankings import Filters, Page

blp = Blueprint(
    "rankings",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="How the stores keep the brand's promises, and how sure that is.",
)

_GROUP_COLUMNS = ("value", "name", "n_stores", "n_visits", "raw_mean", "adjusted_mean")


@blp.operation("GET", "/rankings", query=RankingQuery, returns=RankingSchema)
def list_rankings(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Rank the brand's stores, as far as the asker sees them."""
    paging = {name: query.pop(name) for name in ("limit", "cursor", "sort")}
    as_of = query.pop("as_of", None)
    return _answer(
        rankings.listed(actor, brand_id, Filters(**query), as_of=as_of, **paging), paged=True
    )


@blp.operation("GET", "/rankings/groups", query=GroupsQuery, returns=RankingGroupsSchema)
def group_rankings(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Compare the ranked stores by region, format or ownership."""
    by, as_of = query.pop("by"), query.pop("as_of", None)
    return _answer(rankings.grouped(actor, brand_id, Filters(**query), by, as_of))


@blp.operation(
    "GET",
    "/rankings.csv",
    query=RankingFilters,
    doc={"responses": {"200": csv_answers.DOCUMENTED}},
)
def export_rankings(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Rank the brand's stores, all in one table; each promise has six columns."""
    as_of = query.pop("as_of", None)
    page = rankings.ranked(actor, brand_id, Filters(**query), as_of)
    return csv_answers.answer("rankings.csv", tables.ranking_with_promises(page))


@blp.operation(
    "GET",
    "/rankings/groups.csv",
    query=GroupsQuery,
    doc={"responses": {"200": csv_answers.DOCUMENTED}},
)
def export_ranking_groups(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Compare the ranked stores by region, format or ownership, as a table."""
    by, as_of = query.pop("by"), query.pop("as_of", None)
    page = rankings.grouped(actor, brand_id, Filters(**query), by, as_of)
    return csv_answers.answer("groups.csv", tables.listed(page.items, _GROUP_COLUMNS))


def _answer(page: Page, *, paged: bool = False) -> dict[str, Any]:
    more = {"next_cursor": page.next_cursor} if paged else {}
    return page.head | {"items": page.items} | more
