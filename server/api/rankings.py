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
from server.services import rankings
from server.services.rankings import Filters, Page

blp = Blueprint(
    "rankings",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="How the stores keep the brand's promises, and how sure that is.",
)

_COLUMNS = (
    "rank", "of", "store_id", "store_code", "store_name", "n_visits", "n_eff", "n_shoppers",
    "raw_mean", "adjusted_mean", "se", "interval95_low", "interval95_high", "reliability",
    "expected_rank", "rank_interval90_low", "rank_interval90_high", "rank_set95_low",
    "rank_set95_high", "p_top_quartile", "p_bottom_quartile", "tier", "provisional",
    "comparable_block", "weakest_touchpoint", "critical_count", "glue_rate", "change_delta",
    "change_z", "change_q", "change_significant", "peer_group", "period_from", "period_to",
    "measure", "method_version", "weights_version", "computed_at",
)  # fmt: skip
_PROMISE_COLUMNS = ("score", "target", "gap", "interval_low", "interval_high", "n")


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
    header = [*_COLUMNS, *_promise_columns(page)]
    return csv_answers.answer("rankings.csv", header, (_cells(page, item) for item in page.items))


def _answer(page: Page, *, paged: bool = False) -> dict[str, Any]:
    more = {"next_cursor": page.next_cursor} if paged else {}
    return page.head | {"items": page.items} | more


def _cells(page: Page, item: dict[str, Any]) -> list[Any]:
    flat = _flat(item) | {"measure": page.head["measure"]}
    promises = [
        _flat(promise).get(name) for promise in item["promises"] for name in _PROMISE_COLUMNS
    ]
    return [*(flat.get(name) for name in _COLUMNS), *promises]


def _flat(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures by column: what has parts becomes a column a part."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            parts = {"from" if key == "first" else "to" if key == "last" else key: each
                     for key, each in value.items()}  # fmt: skip
            flat |= {f"{name}_{key}": each for key, each in parts.items()}
        elif isinstance(value, list) and len(value) == 2:
            flat[f"{name}_low"], flat[f"{name}_high"] = value
        else:
            flat[name] = value
    weakest = figures.get("weakest_touchpoint")
    return {name: _cell(value) for name, value in flat.items()} | {
        "weakest_touchpoint": weakest["name"] if weakest else None
    }


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else value


def _promise_columns(page: Page) -> list[str]:
    return [
        f"{promise['adjective']} {column}"
        for promise in page.head["promises"]
        for column in _PROMISE_COLUMNS
    ]
