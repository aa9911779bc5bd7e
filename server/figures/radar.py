"""A radar of few scores that belong together, such as the six forces: one axis each, 0 in the
middle and 100 at the rim. Order and area mean nothing; each label bears its figure."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from server.figures.canvas import (
    EMPTY_HEIGHT,
    FAINT,
    TOP,
    Kind,
    drawn,
    empty,
    heading,
    shortened,
)

_NOTE = "Points, 0 in the middle to 100 at the rim. What no visit tells of is left open."
_SIZE = 6.5


class Axis(NamedTuple):
    """A score from `n` visits; None: no visit tells of it."""

    label: str
    score: float | None
    n: int


def picture(axes: Sequence[Axis], *, title: str, kind: Kind) -> bytes:
    """Plot the axes clockwise from the top."""
    told = any(axis.score is not None for axis in axes)
    height = _SIZE if told else EMPTY_HEIGHT
    return drawn(
        lambda figure: _draw(figure, axes if told else (), title), kind, width=_SIZE, height=height
    )


def _draw(figure: Any, axes: Sequence[Axis], title: str) -> None:
    heading(figure, title, _NOTE)
    if not axes:
        empty(figure, "No visit tells of it.")
        return
    angles = [2 * math.pi * index / len(axes) for index in range(len(axes))]
    plot = figure.add_subplot(projection="polar")
    plot.set_theta_zero_location("N")
    plot.set_theta_direction(-1)
    plot.set_ylim(0, 100)
    plot.set_yticks([25, 50, 75, 100], [])
    plot.set_xticks(angles, [_label(axis) for axis in axes])
    plot.tick_params(axis="x", pad=18)
    plot.grid(color=FAINT)
    plot.spines["polar"].set_color(FAINT)
    scores = [math.nan if axis.score is None else axis.score for axis in axes]
    plot.plot([*angles, angles[0]], [*scores, scores[0]], color=TOP, marker="o")


def _label(axis: Axis) -> str:
    if axis.score is None:
        return f"{shortened(axis.label, 20)}\n–"
    return f"{shortened(axis.label, 20)}\n{axis.score:.0f} (n {axis.n})"
