"""Drivers: how much of an outcome's variation goes with each predictor (LMG).

R² of a regression is shared out: a predictor's share is what it adds to R², averaged over all
orders in which the predictors can be added (Lindeman, Merenda and Gold 1980; Grömping 2006, J.
Stat. Softw. 17:1; it is Shapley's value). Shares are never negative and add up to R². They say what
goes together, not what causes what.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import ArrayLike

from server.domain.cells import Floats

MOST_PREDICTORS = 12
"""2¹² regressions; each one more doubles them."""

_COLLINEAR = 1e-10


@dataclass(frozen=True, slots=True)
class Drivers:
    """R² and its shares, in the order of the predictors. Both are None where nothing can be told:
    the outcome never varies, or there are not more rows than predictors and one."""

    r2: float | None
    shares: tuple[float, ...] | None
    n: int


def drivers(outcome: ArrayLike, predictors: ArrayLike, weight: ArrayLike | None = None) -> Drivers:
    """LMG from rows: `predictors` is row × predictor, at most 12; a row of weight w counts as w
    rows would in every mean and product, and one of weight 0 not at all. ValueError."""
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(predictors, dtype=np.float64)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    y, x, w = y[w > 0], x.reshape(len(y), -1)[w > 0], w[w > 0]
    count = x.shape[1]
    if not 1 <= count <= MOST_PREDICTORS:
        raise ValueError(f"1 to {MOST_PREDICTORS} predictors, not {count}")
    if len(y) <= count + 1:
        return Drivers(None, None, len(y))
    table = np.column_stack([x, y])
    table -= w @ table / w.sum()
    return from_products((table * w[:, None]).T @ table, len(y))


def from_products(products: Floats, n: int) -> Drivers:
    """LMG from centred sums of squares and products XᵀX, the outcome last; `n` rows made them. A
    predictor that never varies has no share."""
    diagonal = np.diagonal(products)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    correlations = products / np.outer(scale, scale)
    count = len(products) - 1
    if not diagonal[-1] > 0:
        return Drivers(None, None, n)
    r2 = _every_r2(correlations, count)
    shares = tuple(_share(r2, one, count) for one in range(count))
    return Drivers(float(r2[-1]), shares, n)


def _every_r2(correlations: Floats, count: int) -> Floats:
    """R² of every subset of the predictors, by its bits."""
    r2 = np.zeros(2**count)
    for subset in range(1, 2**count):
        chosen = [one for one in range(count) if subset >> one & 1]
        inner = correlations[np.ix_(chosen, chosen)]
        outer = correlations[chosen, count]
        # The least-norm solution: of predictors that say the same, any one may say it.
        solution = np.linalg.pinv(inner, rcond=_COLLINEAR, hermitian=True) @ outer
        r2[subset] = outer @ solution
    return np.clip(r2, 0.0, 1.0)


def _share(r2: Floats, one: int, count: int) -> float:
    """Σ over the subsets S without it: |S|!(p − |S| − 1)!/p! · (R²(S with it) − R²(S))."""
    subsets = np.arange(2**count)
    without = subsets[subsets >> one & 1 == 0]
    sizes = np.array([int(subset).bit_count() for subset in without])
    chances = np.array([factorial(s) * factorial(count - s - 1) for s in range(count)])
    gained = r2[without | 1 << one] - r2[without]
    return max(float(chances[sizes] / factorial(count) @ gained), 0.0)
