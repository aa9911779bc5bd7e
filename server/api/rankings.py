"""/v1/brands/{brand}/rankings, and the same as a table: /v1/brands/{brand}/rankings.csv"""

from typing import Any

import flask

from schemas.rankings import RankingFilters, RankingQuery, RankingSchema
from server.api import csv_answers
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import rankings
from server.services.rankings import Filters, Ranking, StoreFigures

blp = Blueprint(
    "rankings",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="How the stores keep the brand's promises, from the first rank to the last.",
)

_COLUMNS = (
    "rank", "of", "store_id", "store_code", "store_name", "n_visits", "raw_mean", "se",
    "provisional", "period_from", "period_to", "measure", "method_version",
)  # fmt: skip
_PROMISE_COLUMNS = ("score", "target", "gap", "n")


@blp.operation("GET", "/rankings", query=RankingQuery, returns=RankingSchema)
def list_rankings(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Rank the brand's stores, as far as the asker sees them."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    return rankings.listed(actor, brand_id, Filters(**query), limit=limit, cursor=cursor)


@blp.operation(
    "GET",
    "/rankings.csv",
    query=RankingFilters,
    doc={"responses": {"200": csv_answers.DOCUMENTED}},
)
def export_rankings(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Rank the brand's stores, all in one table; each promise has four columns."""
    ranking = rankings.ranked(actor, brand_id, Filters(**query))
    rows = ([*_cells(ranking, item), *_promise_cells(item)] for item in ranking.items)
    return csv_answers.answer("rankings.csv", [*_COLUMNS, *_promise_columns(ranking)], rows)


def _cells(ranking: Ranking, item: StoreFigures) -> list[Any]:
    first, last = ranking.period or (None, None)
    store = item.store
    return [
        item.rank, item.of, store.id, store.code, store.name, item.n_visits, item.raw_mean,
        item.se, str(item.provisional).lower(), first, last, ranking.measure,
        ranking.method_version,
    ]  # fmt: skip


def _promise_columns(ranking: Ranking) -> list[str]:
    return [
        f"{promise.adjective} {column}"
        for promise in ranking.promises
        for column in _PROMISE_COLUMNS
    ]


def _promise_cells(item: StoreFigures) -> list[Any]:
    return [getattr(promise, column) for promise in item.promises for column in _PROMISE_COLUMNS]
