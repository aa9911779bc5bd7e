"""Visits summed by store × shopper: all that the mixed model needs of them.

Whatever unit the scores have, all that is made of them has: means in it, variances in its square.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_POINT = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Columns of equal length; a row holds some visits of one shopper to one store.

    `store`, `shopper`  indices from 0 up; a pair may have several rows (of several months)
    `n`, `total`, `total_squares`  n, Σy and Σy² of the row's visits, without weights
    `weight`  what each of the row's visits weighs in its store's mean, such as its recency

    Rows of no visits or of no weight are as if they were not there.
    """

    store: Ints
    shopper: Ints
    n: Floats
    total: Floats
    total_squares: Floats
    weight: Floats

    @property
    def mean(self) -> float:
        """Σy ÷ n over all visits; 0 of none."""
        n = float(self.n.sum())
        return float(self.total.sum()) / n if n else 0.0


def cells(
    store: ArrayLike,
    shopper: ArrayLike,
    n: ArrayLike,
    total: ArrayLike,
    total_squares: ArrayLike,
    weight: ArrayLike | None = None,
) -> Cells:
    """Cells of these columns; a weight of 1 if none is given."""
    counts = np.asarray(n, dtype=np.float64)
    weights = np.ones(counts.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    kept = (counts > 0) & (weights > 0)
    return Cells(
        np.asarray(store, dtype=np.int64)[kept],
        np.asarray(shopper, dtype=np.int64)[kept],
        counts[kept],
        np.asarray(total, dtype=np.float64)[kept],
        np.asarray(total_squares, dtype=np.float64)[kept],
        weights[kept],
    )


def of_thousandths(
    store: ArrayLike,
    shopper: ArrayLike,
    n: ArrayLike,
    total: Sequence[int] | ArrayLike,
    total_squares: Sequence[int] | ArrayLike,
    weight: ArrayLike | None = None,
) -> Cells:
    """Cells in points of sums in thousandths of a point, as they are stored."""
    squares = np.asarray(total_squares, dtype=np.float64) / _POINT**2
    return cells(store, shopper, n, np.asarray(total, dtype=np.float64) / _POINT, squares, weight)


def of_visits(
    store: ArrayLike, shopper: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
) -> Cells:
    """Cells of single visits, a row each."""
    scores = np.asarray(score, dtype=np.float64)
    return cells(store, shopper, np.ones(scores.shape), scores, scores**2, weight)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where scores are measured from and in which unit, so that nothing is lost beside a large
    constant and no square is beyond a float: given back by `value` and, of squares, `variance`."""

    origin: float
    unit: float

    def value(self, z: Floats) -> Floats:
        """Scores, from scaled ones."""
        return self.origin + z * self.unit

    def variance(self, v: float) -> float:
        """A variance of scores, from that of scaled ones."""
        return v * self.unit**2


def scaled(scores: ArrayLike) -> tuple[Floats, Scale]:
    """Scores from about −1 to 1, and what gives them back. The unit is a power of two, so scores
    lose no digit by it."""
    y = np.asarray(scores, dtype=np.float64)
    origin = float(np.median(y)) if len(y) else 0.0
    away = float(np.abs(y - origin).max(initial=0.0))
    unit = float(2.0 ** np.ceil(np.log2(away))) if away > 0 else 1.0
    return (y - origin) / unit, Scale(origin, unit)


def recency(age: ArrayLike, half_life: float) -> Floats:
    """w = 2^(−age/h): what a visit weighs that is `age` old, in the unit of the half-life h. A
    month that is one half-life old weighs half of this one."""
    if half_life <= 0:
        raise ValueError(f"a half-life is more than 0, not {half_life}")
    # Below this a weight would be 0, and the visit would be gone.
    exponent = np.maximum(-np.asarray(age, dtype=np.float64) / half_life, -500.0)
    return np.exp2(np.minimum(exponent, 500.0))


def points(value: float | None) -> float | None:
    """A published figure: to three decimals; None stays None."""
    return None if value is None else round(float(value), 3)
