"""How far each promise is kept: its score with the interval, beside its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.figures.canvas import (
    BOTTOM,
    EMPTY_HEIGHT,
    FAINT,
    INK,
    PLAIN,
    TOP,
    Kind,
    drawn,
    empty,
    heading,
    shortened,
)

MOST = 40
"""Promises that one plot shows."""

_NOTE = (
    "Dot: score, with its 95 % interval. Tick: target. Blue: above the target; orange: below it; "
    "grey: the interval holds the target, or there is none."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A promise; `score` is None where no visit tells of it, `low` and `high` where one visit
    alone does."""

    label: str
    score: float | None
    target: float
    low: float | None = None
    high: float | None = None


def picture(rows: Sequence[Row], *, title: str, kind: Kind) -> bytes:
    """Plot the promises in their order, the first 40 of them."""
    left_out, rows = len(rows) - MOST, rows[:MOST]
    height = 1.7 + 0.4 * max(len(rows), 2) if rows else EMPTY_HEIGHT
    return drawn(lambda figure: _draw(figure, rows, title, left_out), kind, width=8, height=height)


def _draw(figure: Any, rows: Sequence[Row], title: str, left_out: int) -> None:
    more = f" {left_out} more promises are not shown." if left_out > 0 else ""
    heading(figure, title, _NOTE + more)
    if not rows:
        empty(figure, "No visit tells of a promise.")
        return
    axes = figure.add_subplot()
    for place, row in enumerate(rows):
        axes.plot([0, 100], [place, place], color=FAINT, linewidth=0.5, zorder=0)
        axes.plot([row.target], [place], "|", color=INK, markersize=16, markeredgewidth=2)
        if row.score is None:
            axes.text(1, place, "no visit tells of it", va="center", color=PLAIN, fontsize=8,
                      backgroundcolor="white")  # fmt: skip
            continue
        colour = _colour(row)
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [place, place], color=colour, linewidth=2)
        axes.plot([row.score], [place], "o", color=colour, markersize=7)
        axes.text(101, place, f"{row.score - row.target:+.1f}", va="center", color=colour)
    axes.set_yticks(range(len(rows)), [shortened(row.label) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 108)
    axes.set_xticks(range(0, 101, 20))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("points; at the right the gap to the target")


def _colour(row: Row) -> str:
    """Grey too where there is no interval: one visit does not tell."""
    if row.low is not None and row.low > row.target:
        return TOP
    return BOTTOM if row.high is not None and row.high < row.target else PLAIN
