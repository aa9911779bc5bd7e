"""A score over the months, with its interval and how many visits stand behind it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.figures.canvas import EMPTY_HEIGHT, FAINT, INK, PLAIN, TOP, Kind, drawn, empty, heading

MOST = 60
"""Months that one plot shows: the last."""

_NOTE = "Line: mean of the month's visits. Band: 95 % interval. Below: how many visits."
_LABELS, _FEW = 24, 6


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
    width = min(max(5.6, 2 + 0.45 * len(points)), 16)
    height = 4 if points else EMPTY_HEIGHT
    return drawn(
        lambda figure: _draw(figure, points, title, target), kind, width=width, height=height
    )


def _draw(figure: Any, points: Sequence[Point], title: str, target: float | None) -> None:
    heading(figure, title, _NOTE)
    if not points:
        empty(figure, "Nobody visited.")
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
    axes.set_ylim(_reach([*means, *lows, *highs, nothing if target is None else target]))
    counts.bar(places, [point.n for point in points], color=PLAIN,
               width=0.6 * min(len(points) / _FEW, 1))  # fmt: skip
    counts.set_ylabel("visits")
    counts.yaxis.get_major_locator().set_params(integer=True)
    counts.set_xlim(-0.7, len(points) - 0.3)
    labelled = places[:: -(-len(points) // _LABELS)]
    counts.set_xticks(
        labelled, [points[place].month for place in labelled], rotation=45, ha="right"
    )


def _reach(values: list[float]) -> tuple[float, float]:
    """The axis: a little more than the values, and at least 20 points, so that a small step does
    not look like a fall."""
    known = [value for value in values if not math.isnan(value)] or [50.0]
    middle = (min(known) + max(known)) / 2
    half = max((max(known) - min(known)) / 2 + 2, 10)
    low = min(max(middle - half, -2), 102 - 2 * half)
    return low, low + 2 * half
