"""What plots show, as tables."""

from collections.abc import Callable
from typing import Any

from server.domain.actor import Actor
from server.services import drawings, insights, selections, summaries, tables
from server.services.selections import Filters
from server.services.summaries import Summary
from server.services.tables import Table

_GAPS = (
    "promise_id", "adjective", "score", "target", "gap", "interval95_low", "interval95_high",
    "n",
)  # fmt: skip
_TREND = (
    "month", "n", "score", "interval95_low", "interval95_high", "nps_score",
    "nps_interval95_low", "nps_interval95_high", "nps_n",
)  # fmt: skip
_CELL = {"score": "score", "n": "n"}
_COVERAGE = ("touchpoint_id", "name", "stage", "n", "last_month")


def of_store(actor: Actor, brand_id: str, store_id: str, filters: Filters, name: str) -> Table:
    """A table of one store's figures; `name` is a plot's."""
    known = insights.portrait(actor, brand_id, store_id, filters)
    return _TABLES[name](known.summary, drawings.promises_of(known))


def of_selection(actor: Actor, brand_id: str, filters: Filters, name: str) -> Table:
    """A table of the figures of stores together; `name` is a plot's."""
    summary = summaries.read(selections.select(actor, brand_id, filters))
    return _TABLES[name](summary, summaries.promises(summary))


def coverage(actor: Actor, brand_id: str, filters: Filters) -> Table:
    """Touchpoints, and how many visits tell of them."""
    told = insights.coverage(actor, brand_id, filters)
    return tables.listed(told["touchpoints"], _COVERAGE)


def _heat(summary: Summary, _: list[dict[str, Any]]) -> Table:
    cells = {"month": "month"} | _CELL
    return tables.nested(summaries.heat(summary), "months", ("touchpoint_id", "name"), cells)


def _matrix(summary: Summary, _: list[dict[str, Any]]) -> Table:
    cells = {"touchpoint_id": "touchpoint_id", "name": "touchpoint"} | _CELL
    rows = summaries.matrix(summary)
    return tables.nested(rows, "touchpoints", ("promise_id", "adjective"), cells)


_TABLES: dict[str, Callable[[Summary, list[dict[str, Any]]], Table]] = {
    "gaps": lambda _, promises: tables.listed(promises, _GAPS),
    "trend": lambda summary, _: tables.listed(summaries.trend(summary), _TREND),
    "heat": _heat,
    "matrix": _matrix,
}
