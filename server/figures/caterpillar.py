"""The ranking as a caterpillar plot: every store's adjusted mean with its interval, in the order of
ranks. Where intervals overlap, the order of two stores is not settled: that is what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.figures.canvas import (
    BOTTOM,
    EMPTY_HEIGHT,
    FAINT,
    INK,
    MARK,
    PLAIN,
    TOP,
    Kind,
    drawn,
    empty,
    heading,
    shortened,
)

MOST = 60
"""Stores that one plot shows."""

_COLOURS = {"top": TOP, "bottom": BOTTOM}
_NOTE = (
    "Dot: adjusted mean. Line: 95 % interval. Blue: surely in the top quarter; orange: in the "
    "bottom one; grey: undetermined.\nHollow: provisional (fewer than three effective visits). "
    "Dashed: mean of all the brand's stores, shown or not."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A store of the ranking; `low` and `high` bound its interval, if it has one. `tier` is top,
    bottom or undetermined."""

    rank: int | None
    label: str
    mean: float
    low: float | None
    high: float | None
    tier: str
    provisional: bool
    n_visits: int
    marked: bool = False


def picture(rows: Sequence[Row | int], *, title: str, mu: float | None, kind: Kind) -> bytes:
    """Plot the stores, the first on top; a number stands for so many that are left out. Of more
    than 60 the first and the last 30 are shown. `mu` is what their means are shrunk to: the mean of
    all the brand's stores, also where a part of them is ranked."""
    shown = _ends(rows)
    height = 1.6 + 0.22 * max(len(shown), 3) if shown else EMPTY_HEIGHT
    return drawn(lambda figure: _draw(figure, shown, title, mu), kind, width=9, height=height)


def _ends(rows: Sequence[Row | int]) -> list[Row | int]:
    left_out = len(rows) - MOST
    if left_out <= 0 or any(isinstance(row, int) for row in rows):
        return list(rows)
    return [*rows[: MOST // 2], left_out, *rows[-MOST // 2 :]]


def _draw(figure: Any, shown: list[Row | int], title: str, mu: float | None) -> None:
    heading(figure, title, _NOTE)
    if not shown:
        empty(figure, "No store has visits here.")
        return
    axes = figure.add_subplot()
    for place, row in enumerate(shown):
        if isinstance(row, int):
            axes.text(0.5, place, f"… {row:,} more …", ha="center", va="center", color=PLAIN,
                      backgroundcolor="white", transform=axes.get_yaxis_transform())  # fmt: skip
        else:
            _draw_store(axes, place, row)
    if mu is not None:
        axes.axvline(mu, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axes.set_yticks(range(len(shown)), [_label(row) for row in shown])
    for label, row in zip(axes.get_yticklabels(), shown, strict=True):
        if isinstance(row, Row) and row.marked:
            label.set_fontweight("bold")
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("points")


def _draw_store(axes: Any, place: int, row: Row) -> None:
    colour = _COLOURS.get(row.tier, PLAIN)
    if row.marked:
        axes.axhspan(place - 0.5, place + 0.5, color=MARK, linewidth=0, zorder=0)
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [place, place], color=colour, linewidth=1.6,
                  solid_capstyle="round")  # fmt: skip
    face = "white" if row.provisional else colour
    axes.plot([row.mean], [place], "o", color=colour, markerfacecolor=face, markersize=5)


def _label(row: Row | int) -> str:
    if isinstance(row, int):
        return ""
    rank = "–" if row.rank is None else str(row.rank)
    return f"{shortened(row.label)}  (n {row.n_visits})  {rank}"
