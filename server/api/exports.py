"""Rankings and figures of /v1/brands/{brand} as files: the address of the figures, then what is
drawn, then .svg, .png or .csv; workbooks as .xlsx, pages as .pdf."""

from typing import Any

import flask

from schemas.insights import FiguresQuery, PeriodQuery
from schemas.rankings import RankingFilters
from server.api import csv_answers, files
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.figures.canvas import Kind
from server.services import booklets, drawings, figure_tables, workbooks
from server.services.drawings import Drawable
from server.services.selections import Filters

blp = Blueprint(
    "exports",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="Rankings and figures as pictures, tables, workbooks and pages.",
)

_PLOT = f"<any({','.join(drawings.PLOTS)}):plot>.<any(svg,png,csv):ending>"
_PICTURE = "A picture, or what it shows as a table. None of it names a shopper or a day."


@blp.operation(
    "GET",
    "/rankings.<any(svg,png):ending>",
    query=RankingFilters,
    doc=files.documented(_PICTURE, "svg", "png"),
)
def draw_ranking(actor: Actor, brand_id: str, ending: str, query: dict[str, Any]) -> flask.Response:
    """Draw the ranking with its intervals."""
    as_of = query.pop("as_of", None)
    data = drawings.ranking(actor, brand_id, Filters(**query), as_of, Kind(ending))
    return files.answer(data, f"rankings.{ending}")


@blp.operation(
    "GET",
    "/rankings.xlsx",
    query=RankingFilters,
    doc=files.documented("A workbook: stores with a chart, promises, notes.", "xlsx"),
)
def export_ranking_workbook(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
    """Rank the brand's stores, as a workbook with notes on how to read it."""
    as_of = query.pop("as_of", None)
    data = workbooks.ranking(actor, brand_id, Filters(**query), as_of)
    return files.answer(data, "rankings.xlsx")


@blp.operation(
    "GET",
    "/stores/<store_id>/report.pdf",
    query=PeriodQuery,
    doc=files.documented("Some pages, with pictures.", "pdf"),
)
def print_store(
    actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]
) -> flask.Response:
    """Read one store's period as pages."""
    data = booklets.of_store(actor, brand_id, store_id, query.get("period"))
    return files.answer(data, "report.pdf")


@blp.operation(
    "GET",
    "/regions/<region_id>/report.pdf",
    query=PeriodQuery,
    doc=files.documented("Some pages, with pictures.", "pdf"),
)
def print_region(
    actor: Actor, brand_id: str, region_id: str, query: dict[str, Any]
) -> flask.Response:
    """Read a region's period as pages."""
    data = booklets.of_region(actor, brand_id, region_id, query.get("period"))
    return files.answer(data, "report.pdf")


@blp.operation(
    "GET",
    f"/stores/<store_id>/figures/{_PLOT}",
    query=FiguresQuery,
    doc=files.documented(_PICTURE, "svg", "png", "csv"),
)
def draw_store_figures(
    actor: Actor, brand_id: str, store_id: str, plot: str, ending: str, query: dict[str, Any]
) -> flask.Response:
    """Draw one store's promise gaps, trend, heat map or matrix, or read them as a table."""
    drawable = drawings.of_store(actor, brand_id, store_id, Filters(**query))
    return _plotted(drawable, plot, ending)


@blp.operation(
    "GET",
    f"/figures/{_PLOT}",
    query=FiguresQuery,
    doc=files.documented(_PICTURE, "svg", "png", "csv"),
)
def draw_figures(
    actor: Actor, brand_id: str, plot: str, ending: str, query: dict[str, Any]
) -> flask.Response:
    """Draw the promise gaps, trend, heat map or matrix of stores together, or read them as a
    table."""
    return _plotted(drawings.of_selection(actor, brand_id, Filters(**query)), plot, ending)


def _plotted(drawable: Drawable, plot: str, ending: str) -> flask.Response:
    if ending == "csv":
        return csv_answers.answer(f"{plot}.csv", figure_tables.table(drawable, plot))
    return files.answer(drawings.plot(drawable, plot, Kind(ending)), f"{plot}.{ending}")
