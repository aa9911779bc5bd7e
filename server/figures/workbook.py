"""Tables as an XLSX workbook: one sheet a table, a chart where asked, and a sheet of notes that
says what the columns mean and how sure the figures are."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_formula

from server.domain.spreadsheets import as_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 60
_CHARTED = 100
_REACH = ("reach_below", "reach_above")


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of the column `values` by the names of the column `names`; `below` and `above` name the
    columns that hold the interval's ends, drawn as error bars: their lengths become two columns
    more, so that they go with the rows when somebody sorts them."""

    title: str
    names: str
    values: str
    below: str | None = None
    above: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: `decimals` is how many a column's numbers show (default 1), for those named."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    decimals: dict[str, int] = field(default_factory=dict)
    chart: Chart | None = None


def workbook(
    sheets: Sequence[Sheet], notes: Sequence[tuple[str, str]], *, made_at: datetime
) -> bytes:
    """The workbook. `notes` are pairs of a word and what it means. Text is never run: no formula,
    no link is made of it. The same tables give the same file."""
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        book.set_properties({"created": made_at, "author": "Promessa"})
        for sheet in sheets:
            _write(book, _with_reach(sheet))
        _write_notes(book, notes)
    return data.getvalue()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:31])
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    page.write_row(0, 0, [as_text(name) for name in sheet.header], head)
    for place, name in enumerate(sheet.header):
        form = book.add_format({"num_format": _format(sheet.decimals.get(name, 1))})
        page.set_column(place, place, _width(sheet, place), form)
    for line, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            _write_cell(page, line, place, cell)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(len(sheet.rows), 1), max(len(sheet.header) - 1, 0))
    if sheet.chart is not None and sheet.rows:
        page.insert_chart(1, len(sheet.header) + 1, _chart(book, sheet, sheet.chart))


def _write_cell(page: Any, line: int, place: int, cell: Any) -> None:
    if isinstance(cell, bool):
        page.write_boolean(line, place, cell)
    elif isinstance(cell, int | float):
        page.write_number(line, place, cell)
    elif cell is not None:
        page.write_string(line, place, str(as_text(str(cell))))


def _chart(book: Any, sheet: Sheet, chart: Chart) -> Any:
    """Bars of at most the first 100 rows."""
    last = min(len(sheet.rows), _CHARTED)
    drawn = book.add_chart({"type": "bar"})
    series: dict[str, Any] = {
        "name": chart.title,
        "categories": [sheet.name[:31], 1, sheet.header.index(chart.names), last,
                       sheet.header.index(chart.names)],
        "values": [sheet.name[:31], 1, sheet.header.index(chart.values), last,
                   sheet.header.index(chart.values)],
        "fill": {"color": "#0072B2"},
        "gap": 40,
    }  # fmt: skip
    if chart.below is not None and chart.above is not None:
        series["x_error_bars"] = {
            "type": "custom",
            "minus_values": _column(sheet, _REACH[0], last),
            "plus_values": _column(sheet, _REACH[1], last),
        }
    drawn.add_series(series)
    drawn.set_title({"name": chart.title})
    drawn.set_legend({"none": True})
    drawn.set_x_axis({"min": 0, "max": 100, "name": "points"})
    drawn.set_y_axis({"reverse": True})
    drawn.set_size({"width": 640, "height": 120 + 20 * last})
    return drawn


def _column(sheet: Sheet, name: str, last: int) -> str:
    place = sheet.header.index(name)
    return f"={xl_range_formula(sheet.name[:31], 1, place, last, place)}"


def _with_reach(sheet: Sheet) -> Sheet:
    """The sheet with how far its chart's intervals reach to either side."""
    chart = sheet.chart
    if chart is None or chart.below is None or chart.above is None:
        return sheet
    value, *ends = (sheet.header.index(name) for name in (chart.values, chart.below, chart.above))
    rows = [[*row, *(_apart(row[value], row[end]) for end in ends)] for row in sheet.rows]
    return replace(sheet, header=[*sheet.header, *_REACH], rows=rows)


def _apart(value: float | None, end: float | None) -> float:
    return 0.0 if value is None or end is None else abs(end - value)


def _write_notes(book: Any, notes: Sequence[tuple[str, str]]) -> None:
    page = book.add_worksheet("Notes")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 100)
    for line, (word, meaning) in enumerate(notes):
        page.write_string(line, 0, str(as_text(word)), bold)
        page.write_string(line, 1, str(as_text(meaning)), wrapped)


def _format(decimals: int) -> str:
    return "0" if decimals == 0 else "0." + "0" * decimals


def _width(sheet: Sheet, place: int) -> float:
    """As wide as its longest cell, within reason."""
    cells = [sheet.header[place], *(row[place] for row in sheet.rows[:1000])]
    longest = max(len(_shown(cell)) for cell in cells)
    return min(max(longest + 3, 8), _WIDEST)


def _shown(cell: Any) -> str:
    return f"{cell:.1f}" if isinstance(cell, float) else str("" if cell is None else cell)
