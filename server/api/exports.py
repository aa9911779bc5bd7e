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
from server.services.selections import Filters

blp = Blueprint(
    "exports",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="Rankings and figures as pictures, tables, workbooks and pages.",
)

_PLOTS = {
    "gaps": "how far promises are kept",
    "trend": "the visits' mean by month",
    "heat": "touchpoint × month",
    "matrix": "promise × touchpoint",
}
_PICTURE = "A picture. None of it names a shopper or a day."


@blp.operation(
    "GET",
    "/rankings.xlsx",
    query=RankingFilters,
    doc=files.documented("xlsx", "A workbook: stores with a chart, promises, notes."),
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
    doc=files.documented("pdf", "Some pages, with pictures."),
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
    doc=files.documented("pdf", "Some pages, with pictures."),
)
def print_region(
    actor: Actor, brand_id: str, region_id: str, query: dict[str, Any]
) -> flask.Response:
    """Read a region's period as pages."""
    data = booklets.of_region(actor, brand_id, region_id, query.get("period"))
    return files.answer(data, "report.pdf")


def _ranking_pictures(kind: Kind) -> None:
    def draw(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
        as_of = query.pop("as_of", None)
        data = drawings.ranking(actor, brand_id, Filters(**query), as_of, kind)
        return files.answer(data, f"rankings.{kind}")

    draw.__name__ = f"draw_ranking_{kind}"
    draw.__doc__ = f"Draw the ranking with its intervals, as {kind.upper()}."
    doc = files.documented(str(kind), _PICTURE)
    blp.operation("GET", f"/rankings.{kind}", query=RankingFilters, doc=doc)(draw)


def _pictures(name: str, kind: Kind) -> None:
    def of_store(
        actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]
    ) -> flask.Response:
        data = drawings.of_store(actor, brand_id, store_id, Filters(**query), name, kind)
        return files.answer(data, f"{name}.{kind}")

    def of_selection(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
        data = drawings.of_selection(actor, brand_id, Filters(**query), name, kind)
        return files.answer(data, f"{name}.{kind}")

    doc = files.documented(str(kind), _PICTURE)
    _register(of_store, of_selection, name, str(kind), "draw", doc)


def _tables(name: str) -> None:
    def of_store(
        actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]
    ) -> flask.Response:
        table = figure_tables.of_store(actor, brand_id, store_id, Filters(**query), name)
        return csv_answers.answer(f"{name}.csv", table)

    def of_selection(actor: Actor, brand_id: str, query: dict[str, Any]) -> flask.Response:
        table = figure_tables.of_selection(actor, brand_id, Filters(**query), name)
        return csv_answers.answer(f"{name}.csv", table)

    doc = {"responses": {"200": csv_answers.DOCUMENTED}}
    _register(of_store, of_selection, name, "csv", "export", doc)


def _register(
    of_store: Any, of_selection: Any, name: str, ending: str, verb: str, doc: dict[str, Any]
) -> None:
    for handler, above, whose in (
        (of_store, "/stores/<store_id>", "store"),
        (of_selection, "", "figures"),
    ):
        handler.__name__ = f"{verb}_{whose}_{name}_{ending}"
        handler.__doc__ = (
            f"{verb.capitalize()} {_PLOTS[name]} of {'one store' if above else 'stores together'}, "
            f"as {ending.upper()}."
        )
        rule = f"{above}/figures/{name}.{ending}"
        blp.operation("GET", rule, query=FiguresQuery, doc=doc)(handler)


for _kind in Kind:
    _ranking_pictures(_kind)
for _name in _PLOTS:
    for _kind in Kind:
        _pictures(_name, _kind)
    _tables(_name)
