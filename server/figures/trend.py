"""A score over the months, with its interval and how many visits stand behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.figures.canvas import FAINT, INK, PLAIN, TOP, Kind, drawn, heading

_NOTE = "Line: mean of the month's visits. Band: 95 % interval. Below: how many visits."


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
    """Plot the months in their order; `target` is a dashed line."""
    width = max(6.0, 2 + 0.45 * len(points))
    return drawn(
        lambda figure: _draw(figure, points, title, target), kind, width=min(width, 16), height=4
    )


def _draw(figure: Any, points: Sequence[Point], title: str, target: float | None) -> None:
    heading(figure, title, _NOTE)
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
    counts.set_xticks(places, [point.month for point in points], rotation=45, ha="right")
