"""Drivers: how much of an outcome's variation goes with each predictor (LMG).

R² of a regression is shared out: a predictor's share is what it adds to R², averaged over all
orders in which the predictors can be added (Lindeman, Merenda and Gold 1980; Grömping 2006, J.
Stat. Softw. 17:1; it is Shapley's value). Shares are never negative and add up to R². They say what
goes together, not what causes what.

How sure they are: R² and its shares are smooth functions of the rows' weights, so their errors are
by the infinitesimal jackknife (Efron 1982, “The Jackknife, the Bootstrap and Other Resampling
Plans”, ch. 6), to which the bootstrap comes as rows grow, without a random number. With e the
residuals of the regression on some predictors, and Σy² = 1, row i moves R² by (1 − R²)y² − e².
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from server.domain.cells import Floats

MOST_PREDICTORS = 12
"""2¹² regressions; each one more doubles them."""

_COLLINEAR = 1e-10
_ROUNDING = 1e-13
_CHUNK = 1_000


Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drivers:
    """R² and its shares, in the order of the predictors, with their 95 % intervals. `adjusted_r2`
    is 1 − (1 − R²)(n − 1)/(n − p − 1): what is left of R² once p predictors that say nothing would
    have got theirs; below 0 they did worse. All are None where nothing can be told: the outcome
    never varies, or there are not more rows than predictors and one."""

    r2: float | None
    shares: tuple[float, ...] | None
    n: int
    adjusted_r2: float | None = None
    r2_interval95: Ends | None = None
    intervals95: tuple[Ends, ...] | None = None


def drivers(outcome: ArrayLike, predictors: ArrayLike, weight: ArrayLike | None = None) -> Drivers:
    """LMG from rows: `predictors` is row × predictor, at most 12; a row of weight w counts as w
    rows would in every mean and product, and one of weight 0 not at all. A predictor that never
    varies has no share. ValueError."""
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(predictors, dtype=np.float64)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    y, x, w = y[w > 0], x.reshape(len(y), -1)[w > 0], w[w > 0]
    count, n = x.shape[1], len(y)
    if not 1 <= count <= MOST_PREDICTORS:
        raise ValueError(f"1 to {MOST_PREDICTORS} predictors, not {count}")
    if n <= count + 1:
        return Drivers(None, None, n)
    w = w / w.max()
    table = _standardised(np.column_stack([x, y]), w)
    products = (table * w[:, None]).T @ table
    if not products[-1, -1] > 0:
        return Drivers(None, None, n)
    r2, solutions = _every_r2(products, count)
    gains = _gains(count)
    shares = np.maximum(r2 @ gains, 0.0)
    degrees = n - count - 1
    adjusted = 1 - (1 - float(r2[-1])) * (n - 1) / degrees
    reach = (
        float(stdtrit(degrees, 0.975))
        * _errors(table, w, r2, solutions, gains)
        * np.sqrt(n / degrees)
    )
    ends = [_ends(*pair) for pair in zip((*shares, r2[-1]), reach, strict=True)]
    return Drivers(float(r2[-1]), tuple(shares.tolist()), n, adjusted, ends[-1], tuple(ends[:-1]))


def _standardised(table: Floats, w: Floats) -> Floats:
    """Columns with mean 0 and Σwx² = 1, or of zeros where they never vary; scaled before anything
    is squared."""
    largest = np.abs(table).max(axis=0)
    table = table / np.where(largest > 0, largest, 1.0)
    table -= w @ table / w.sum()
    spread = np.sqrt(w @ table**2)
    varies = spread > _ROUNDING * np.sqrt(w.sum())
    return np.where(varies, table, 0.0) / np.where(varies, spread, 1.0)


def _every_r2(correlations: Floats, count: int) -> tuple[Floats, Floats]:
    """R² of every subset of the predictors, by its bits, and what the subset's regression gives
    each predictor: subset × predictor."""
    r2, solutions = np.zeros(2**count), np.zeros((2**count, count))
    for subset in range(1, 2**count):
        chosen = [one for one in range(count) if subset >> one & 1]
        inner = correlations[np.ix_(chosen, chosen)]
        outer = correlations[chosen, count]
        # The least-norm solution: of predictors that say the same, any one may say it.
        solution = np.linalg.pinv(inner, rcond=_COLLINEAR, hermitian=True) @ outer
        r2[subset] = outer @ solution
        solutions[subset, chosen] = solution
    return np.clip(r2, 0.0, 1.0), solutions


def _gains(count: int) -> Floats:
    """subset × predictor: what R² of each subset is multiplied by in a predictor's share, which is
    Σ over the subsets S without it: |S|!(p − |S| − 1)!/p! · (R²(S with it) − R²(S))."""
    subsets = np.arange(2**count)
    sizes = np.array([int(subset).bit_count() for subset in subsets])
    chances = np.array(
        [factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)]
    )
    gains = np.zeros((2**count, count))
    for one in range(count):
        without = subsets[subsets >> one & 1 == 0]
        gains[without, one] = -chances[sizes[without]]
        gains[without | 1 << one, one] = chances[sizes[without]]
    return gains


def _errors(table: Floats, w: Floats, r2: Floats, solutions: Floats, gains: Floats) -> Floats:
    """The standard errors of the shares, and last of R²."""
    whole = np.zeros((len(r2), 1))
    whole[-1] = 1.0
    wanted = np.hstack([gains, whole])
    told = r2 @ wanted
    # A share is a difference of R²s: what is 1 in each of them is not in it.
    ones = wanted.sum(axis=0)
    squares = np.zeros(wanted.shape[1])
    for rows in _chunks(len(table)):
        x, y = table[rows, :-1], table[rows, -1:]
        residuals = (y - x @ solutions.T) ** 2 @ wanted
        moved = w[rows, None] * ((ones - told) * y**2 - residuals)
        squares += (moved**2).sum(axis=0)
    errors: Floats = np.sqrt(squares)
    return errors


def _chunks(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, start + _CHUNK)


def _ends(value: float, reach: float) -> Ends:
    return max(float(value - reach), 0.0), min(float(value + reach), 1.0)
