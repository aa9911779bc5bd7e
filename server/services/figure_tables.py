"""What plots show, as tables."""

from collections.abc import Callable

from server.domain.actor import Actor
from server.services import journeys, summaries, tables
from server.services.drawings import Drawable
from server.services.selections import Filters
from server.services.tables import Table

_GAPS = (
    "promise_id", "adjective", "score", "target", "gap", "interval95_low", "interval95_high",
    "n", "given_score", "given_interval95_low", "given_interval95_high", "given_n", "given_of",
)  # fmt: skip
_TREND = (
    "month", "n", "score", "interval95_low", "interval95_high", "nps_score",
    "nps_interval95_low", "nps_interval95_high", "nps_n",
)  # fmt: skip
_FORCES = ("force", "score", "interval95_low", "interval95_high", "n")
_CELL = {"score": "score", "n": "n"}
_COVERAGE = (
    "touchpoint_id", "name", "stage", "moment_of_truth", "weight", "n_items", "n", "last_month",
)  # fmt: skip


def table(drawable: Drawable, name: str) -> Table:
    """What one of the plots shows, and what it leaves out."""
    return _TABLES[name](drawable)


def coverage(actor: Actor, brand_id: str, filters: Filters) -> Table:
    """Touchpoints, and how many visits tell of them."""
    told = journeys.coverage(actor, brand_id, filters)
    return tables.listed(told["touchpoints"], _COVERAGE)


def _heat(drawable: Drawable) -> Table:
    cells = {"month": "month"} | _CELL
    return tables.nested(
        summaries.heat(drawable.summary), "months", ("touchpoint_id", "name"), cells
    )


def _matrix(drawable: Drawable) -> Table:
    cells = {"touchpoint_id": "touchpoint_id", "name": "touchpoint"} | _CELL
    rows = summaries.matrix(drawable.summary)
    return tables.nested(rows, "touchpoints", ("promise_id", "adjective"), cells)


_TABLES: dict[str, Callable[[Drawable], Table]] = {
    "gaps": lambda drawable: tables.listed(drawable.promises, _GAPS),
    "trend": lambda drawable: tables.listed(summaries.trend(drawable.summary), _TREND),
    "heat": _heat,
    "matrix": _matrix,
    "forces": lambda drawable: tables.listed(summaries.forces(drawable.summary), _FORCES),
}
