"""A score over the months, with its interval and how many visits stand behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.figures.canvas import FAINT, INK, PLAIN, TOP, Kind, drawn, heading

MOST = 60
"""Months that one plot shows: the last."""

_NOTE = "Line: mean of the month's visits. Band: 95 % interval. Below: how many visits."
_LABELS = 24


@dataclass(frozen=True, slots=True)
class Point:
    """A month, YYYY-MM; `mean` is None where nobody visited."""

    month: str
    mean: float | None
    n: int
    low: float | None = None
    high: float | None = None


def picture(
    points: Sequence[Point], *, title: str, target: float | None = None, kind: Kind
) -> bytes:
    """Plot the months in their order, of many the last 60; `target` is a dashed line."""
    points = points[-MOST:]
    width = max(6.0, 2 + 0.45 * len(points))
    return drawn(
        lambda figure: _draw(figure, points, title, target), kind, width=min(width, 16), height=4
    )


def _draw(figure: Any, points: Sequence[Point], title: str, target: float | None) -> None:
    heading(figure, title, _NOTE)
    if not points:
        axes = figure.add_subplot()
        axes.text(0.5, 0.5, "Nobody visited.", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    places = range(len(points))
    nothing = float("nan")
    means = [nothing if point.mean is None else point.mean for point in points]
    axes.plot(places, means, "o-", color=TOP, linewidth=1.5, markersize=4)
    lows = [nothing if point.low is None else point.low for point in points]
    highs = [nothing if point.high is None else point.high for point in points]
    axes.fill_between(places, lows, highs, color=TOP, alpha=0.15, linewidth=0)
    axes.vlines(places, lows, highs, color=TOP, alpha=0.4, linewidth=1)  # a month between gaps
    if target is not None:
        axes.axhline(target, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_ylabel("points")
    counts.bar(places, [point.n for point in points], color=PLAIN, width=0.6)
    counts.set_ylabel("visits")
    counts.yaxis.get_major_locator().set_params(integer=True)
    labelled = places[:: -(-len(points) // _LABELS)]
    counts.set_xticks(
        labelled, [points[place].month for place in labelled], rotation=45, ha="right"
    )
