"""The ranking as a workbook: stores with a chart, promises, notes on how to read them."""

from datetime import datetime
from typing import Any

from server.domain import glossary
from server.domain.actor import Actor
from server.domain.methods import METHODS
from server.figures.workbook import Chart, Sheet, workbook
from server.services import publishing, rankings, selections, tables
from server.services.rankings import Page
from server.services.selections import Filters

_CHART = Chart(
    "Adjusted mean with its 95 % interval",
    "store_name",
    "adjusted_mean",
    "interval95_low",
    "interval95_high",
)
_WHOLE = (
    "rank", "of", "n_visits", "n_shoppers", "rank_interval90_low", "rank_interval90_high",
    "rank_set95_low", "rank_set95_high", "rank_bounds95_low", "rank_bounds95_high",
    "comparable_block", "critical_count", "n", "given_n", "given_of",
)  # fmt: skip
_FINE = ("reliability", "p_top_quartile", "p_bottom_quartile", "glue_rate", "change_q", "change_z")
_DECIMALS = dict.fromkeys(_WHOLE, 0) | dict.fromkeys(_FINE, 2)
_OF_ALL = (
    "adjective", "score", "target", "gap", "raw_mean", "n",
    "given_score", "given_raw_mean", "given_n", "given_of",
)  # fmt: skip


def ranking(actor: Actor, brand_id: str, filters: Filters, as_of: datetime | None) -> bytes:
    """The whole ranking of a selection."""
    selection = selections.select(actor, brand_id, filters)
    found = publishing.of(selection, as_of)
    page = rankings.whole(found)
    stores, by_store = tables.ranking(page), tables.promises_by_store(page)
    keys = [(item["store"]["code"], item["store"]["name"]) for item in page.items]
    promises = tables.listed(page.head["promises"], _OF_ALL)
    beside = [[*key, *row] for key, row in zip(keys, by_store.rows, strict=True)]
    wide = {name: 0 for name in by_store.header if name.endswith((" n", " given_n", " given_of"))}
    sheets = [
        Sheet("Ranking", stores.header, stores.rows, _DECIMALS, _CHART),
        Sheet("Promises", promises.header, promises.rows, _DECIMALS),
        Sheet("Promises by store", ["store_code", "store_name", *by_store.header], beside, wide),
    ]
    about = selections.described(selection), selections.measured(selection)
    return workbook(sheets, _notes(page, *about), made_at=found.made_at)


def _notes(page: Page, selected: str, measured: str) -> list[tuple[str, str]]:
    head = page.head
    method = METHODS[head["method_version"]]
    number = "made on demand" if head["number"] is None else str(head["number"])
    return [
        ("Stores", selected),
        ("Ranked by", measured),
        ("Ranking", number),
        *((name, _shown(head[name])) for name in ("computed_at", "n_stores", "n_visits", "mu")),
        *(("Mind", warning) for warning in head["warnings"]),
        *(("How to read it", line) for line in glossary.READING),
        *glossary.COLUMNS.items(),
        (f"Method {method.version}", method.title),
        *(("", step) for step in method.steps),
    ]


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return value.isoformat() if isinstance(value, datetime) else str(value)
