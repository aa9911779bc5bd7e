"""Workbooks, read back with another library."""

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl

from server.figures.workbook import Chart, Sheet, workbook

MADE = datetime(2026, 4, 1, 9, tzinfo=UTC)
HEADER = ["rank", "store", "adjusted mean", "low", "high"]


def opened(*rows: list[Any], chart: Chart | None = None) -> Any:
    sheet = Sheet("Ranking", HEADER, rows, {"rank": 0}, chart)
    return openpyxl.load_workbook(
        io.BytesIO(workbook([sheet], [("rank", "1 + how many…")], made_at=MADE))
    )


def test_cells_keep_their_kind() -> None:
    page = opened([1, "Città", 81.25, None, True])["Ranking"]
    assert [cell.value for cell in page[1]] == HEADER
    assert [cell.value for cell in page[2]] == [1, "Città", 81.25, None, True]
    assert page["C2"].number_format == "0.0"
    assert page.freeze_panes == "B2"


def test_text_is_never_run() -> None:
    page = opened(
        [1, "=1+1", 1.0, 0.0, 2.0], [2, "http://example.org", 1.0, 0.0, 2.0], [3, "@x", 1, 0, 2]
    )["Ranking"]
    cells = [page.cell(line, 2) for line in (2, 3, 4)]
    assert [cell.value for cell in cells] == ["'=1+1", "http://example.org", "'@x"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert page["B3"].hyperlink is None


def test_a_chart_with_its_intervals() -> None:
    chart = Chart("Adjusted mean", "store", "adjusted mean", "low", "high")
    page = opened([1, "Brera", 80.0, 75.0, 86.0], [2, "x", 70.0, None, 71.0], chart=chart)[
        "Ranking"
    ]
    series = page._charts[0].series[0]
    assert series.val.numRef.f == "Ranking!$C$2:$C$3"
    reach = series.errBars.minus.numRef.f, series.errBars.plus.numRef.f
    assert reach == ("Ranking!$F$2:$F$3", "Ranking!$G$2:$G$3")
    lengths = page.iter_rows(min_row=2, min_col=6, values_only=True)
    assert [list(row) for row in lengths] == [[5.0, 6.0], [0.0, 1.0]]


def test_the_notes_say_what_columns_mean() -> None:
    page = opened()["Notes"]
    assert (page["A1"].value, page["B1"].value) == ("rank", "1 + how many…")
