"""A matrix of scores as a heat map: touchpoints by months, or promises by touchpoints. Every cell
bears its figure, so the colour only guides the eye."""

from collections.abc import Sequence
from typing import Any

from server.figures.canvas import EMPTY_HEIGHT, INK, PLAIN, Kind, drawn, empty, heading, shortened

_NOTE = "Points, 0–100. An empty cell: no visit tells of it."
_DARK_BELOW = 45
MOST_ROWS, MOST_COLUMNS = 60, 36
"""What one plot shows."""


def picture(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    title: str,
    kind: Kind,
) -> bytes:
    """Plot `values[row][column]`: of many the first rows and columns, which the note counts."""
    more = _left_out(len(rows) - MOST_ROWS, "rows") + _left_out(
        len(columns) - MOST_COLUMNS, "columns"
    )
    rows, columns = rows[:MOST_ROWS], columns[:MOST_COLUMNS]
    values = [row[:MOST_COLUMNS] for row in values[:MOST_ROWS]]
    width = max(3.2 + 0.62 * len(columns), 7)
    height = 2.2 + 0.32 * max(len(rows), 3) if rows and columns else EMPTY_HEIGHT
    return drawn(
        lambda figure: _draw(figure, rows, columns, values, title, _NOTE + more),
        kind,
        width=width,
        height=height,
    )


def _left_out(count: int, what: str) -> str:
    return f" {count} more {what} are not shown." if count > 0 else ""


def _draw(
    figure: Any,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    title: str,
    note: str,
) -> None:
    heading(figure, title, note)
    if not rows or not columns:
        empty(figure, "No visit tells of it.")
        return
    axes = figure.add_subplot()
    numbers = [[float("nan") if value is None else value for value in row] for row in values]
    axes.imshow(numbers, cmap="cividis", vmin=0, vmax=100, aspect="auto")
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            if value is not None:
                ink = "white" if value < _DARK_BELOW else INK
                axes.text(x, y, f"{value:.0f}", ha="center", va="center", color=ink, fontsize=8)
    axes.set_yticks(range(len(rows)), [shortened(row) for row in rows])
    axes.set_xticks(range(len(columns)), [shortened(one, 20) for one in columns], rotation=45,
                    ha="right")  # fmt: skip
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_color(PLAIN)
