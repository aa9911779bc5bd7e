"""The ranking as a caterpillar plot: every store's adjusted mean with its interval, in the order of
ranks. Where intervals overlap, the order of two stores is not settled: that is what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.figures.canvas import (
    BOTTOM,
    FAINT,
    INK,
    PLAIN,
    TOP,
    Kind,
    drawn,
    heading,
    shortened,
)

_SHOWN = 60
_COLOURS = {"top": TOP, "bottom": BOTTOM}
_NOTE = (
    "Dot: adjusted mean. Line: 95 % interval. Blue: surely in the top quarter; orange: in the "
    "bottom one; grey: undetermined.\nHollow: provisional (fewer than three effective visits). "
    "Dashed: mean of all stores."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A store of the ranking; `low` and `high` bound its interval. `tier` is top, bottom or
    undetermined."""

    rank: int | None
    label: str
    mean: float
    low: float
    high: float
    tier: str
    provisional: bool
    n_visits: int


def picture(rows: Sequence[Row], *, title: str, mu: float | None, kind: Kind) -> bytes:
    """Plot the stores, the first on top. Of more than 60 the first and the last 30 are shown."""
    shown = _ends(rows)
    height = 1.6 + 0.22 * max(len(shown), 3)
    return drawn(lambda figure: _draw(figure, rows, shown, title, mu), kind, width=9, height=height)


def _ends(rows: Sequence[Row]) -> list[Row | None]:
    """The rows to show; None is the gap of those left out."""
    if len(rows) <= _SHOWN:
        return list(rows)
    return [*rows[: _SHOWN // 2], None, *rows[-_SHOWN // 2 :]]


def _draw(
    figure: Any, rows: Sequence[Row], shown: list[Row | None], title: str, mu: float | None
) -> None:
    heading(figure, title, _NOTE)
    axes = figure.add_subplot()
    if not rows:
        axes.text(0.5, 0.5, "No store has visits here.", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    for place, row in enumerate(shown):
        if row is None:
            left_out = f"… {len(rows) - _SHOWN} more …"
            axes.text(0.5, place, left_out, ha="center", va="center", color=PLAIN,
                      backgroundcolor="white", transform=axes.get_yaxis_transform())  # fmt: skip
        else:
            _draw_store(axes, place, row)
    if mu is not None:
        axes.axvline(mu, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axes.set_yticks(range(len(shown)), [_label(row) for row in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("points")


def _draw_store(axes: Any, place: int, row: Row) -> None:
    colour = _COLOURS.get(row.tier, PLAIN)
    axes.plot([row.low, row.high], [place, place], color=colour, linewidth=1.6,
              solid_capstyle="round")  # fmt: skip
    face = "white" if row.provisional else colour
    axes.plot([row.mean], [place], "o", color=colour, markerfacecolor=face, markersize=5)


def _label(row: Row | None) -> str:
    if row is None:
        return ""
    rank = "–" if row.rank is None else str(row.rank)
    return f"{shortened(row.label)}  (n {row.n_visits})  {rank}"
