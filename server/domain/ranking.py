"""Ranking of stores by exact sums (docs/scoring.md). Scores within are thousandths of a point, as
they are stored; what is published is points, 0–100, to three decimals."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from scipy.special import stdtrit

METHOD_VERSION = "3"
"""Of the ranking; a visit's score has its own."""

_POINT = 1000
_MOST = 100 * _POINT


class Period(NamedTuple):
    """The first and the last month, YYYY-MM, both included."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Sums:
    """n, Σy and Σy² of some visits' scores."""

    n: int = 0
    total: int = 0
    total_squares: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.n + other.n,
            self.total + other.total,
            self.total_squares + other.total_squares,
        )

    @property
    def mean(self) -> Fraction | None:
        """The exact mean, in thousandths; None of no visits."""
        return Fraction(self.total, self.n) if self.n else None

    @property
    def standard_error(self) -> float | None:
        """Of the mean, in thousandths: √(s²/n) with s² over n − 1; None of fewer than two visits,
        which say nothing of how visits differ."""
        if self.n < 2:
            return None
        squares = self.n * self.total_squares - self.total**2
        return math.sqrt(Fraction(squares, self.n**2 * (self.n - 1)))

    @property
    def interval95(self) -> list[float] | None:
        """Student's 95 % interval of the mean, in points within 0 to 100. None of fewer than two
        visits, and of visits that are all equal: they say nothing of how the next would differ."""
        if not self.standard_error or self.mean is None:
            return None
        reach = self.standard_error * float(stdtrit(self.n - 1, 0.975))
        ends = (float(self.mean) - reach, float(self.mean) + reach)
        return [round(min(max(end, 0.0), _MOST) / _POINT, 3) for end in ends]


def points(thousandths: Fraction | float | None) -> float | None:
    """Points to three decimals."""
    return None if thousandths is None else float(round(Fraction(thousandths) / _POINT, 3))


def gap(score: float | None, target: float) -> float | None:
    """How far a published score lies above its target (negative: below)."""
    return None if score is None else round(score - target, 3)
