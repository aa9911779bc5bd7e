"""Confidence sets for ranks: ranks that the visits do not exclude, at a coverage that holds
whatever the true order is (Mogstad, Romano, Shaikh and Wilhelm 2024, Rev. Econ. Stud. 91:476).

A store is surely below those whose difference from it is significant at a critical value common to
all of its differences, and surely above those likewise; its rank lies between. Built on unshrunk
means, which are not biased towards each other.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from server.domain.cells import Floats, Ints

BY_QUADRATURE = 500
"""Stores up to which the critical value is worked out exactly; beyond it is Šidák's."""

PAIRWISE = 3_000
"""Stores up to which every pair is compared; beyond, errors are rounded up to some classes."""

_EXACT_VALUES = 48
"""Different errors up to which each has its own critical value; beyond it is interpolated."""

_CLASSES = 128
_CHUNK = 500
_NODES = 41
_ROUNDS = 12


def rank_sets(mean: Floats, error: Floats, level: float = 0.95) -> tuple[Ints, Ints]:
    """First and last rank of each store's set; `error` are standard errors of independent means.
    Each store's set covers its true rank with at least `level`; all at once they may not."""
    return _bounded(mean, error, level, two_sided=True)


def rank_bounds(mean: Floats, error: Floats, level: float = 0.95) -> tuple[Ints, Ints]:
    """The best and the worst rank of each store, by one-sided differences: that the true rank is no
    better than the first holds with `level`, and that it is no worse than the second does too; both
    at once need not. Each is at least as sharp as that end of the two-sided set."""
    return _bounded(mean, error, level, two_sided=False)


def _bounded(mean: Floats, error: Floats, level: float, *, two_sided: bool) -> tuple[Ints, Ints]:
    k = len(mean)
    if k < 2:
        return np.ones(k, dtype=np.int64), np.ones(k, dtype=np.int64)
    critical = critical_values(error, level, two_sided=two_sided)
    count = _pairs if k <= PAIRWISE else _classes
    above, below = count(mean, error, critical), count(-mean, error, critical)
    return 1 + above, k - below


def critical_values(error: Floats, level: float, *, two_sided: bool = True) -> Floats:
    """For each store j the c with P(|Zⱼₖ| ≤ c for all k) = level, where Zⱼₖ are the standardised
    differences from j. Given j's own deviation z they are independent, so the probability is

        ∫ φ(z) Πₖ [Φ((sⱼz + c·sⱼₖ)/sₖ) − Φ((sⱼz − c·sⱼₖ)/sₖ)] dz,    sⱼₖ = √(sⱼ² + sₖ²)

    (one-sided: P(Zⱼₖ ≤ c for all k), without what is subtracted) by Gauss–Hermite quadrature, and c
    by bisection from Šidák's value, which is the largest that it can be: two-sided
    Φ⁻¹(½ + ½·level^(1/(k−1))), one-sided Φ⁻¹(level^(1/(k−1)))."""
    k = len(error)
    sidak = _quantile(level ** (1 / (k - 1)), two_sided)
    if k > BY_QUADRATURE or not error.min() > 0:
        return np.full(k, sidak)
    distinct = np.unique(error)
    if len(distinct) > _EXACT_VALUES:
        distinct = np.quantile(error, np.linspace(0, 1, _EXACT_VALUES))
    low = np.full(len(distinct), _quantile(level, two_sided))
    high = np.full(len(distinct), sidak)
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        enough = _coverage(error, distinct, middle, two_sided) >= level
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    values: Floats = np.interp(error, distinct, high)
    return values


def _quantile(level: float, two_sided: bool) -> float:
    return float(ndtri(0.5 + 0.5 * level if two_sided else level))


def _coverage(error: Floats, own: Floats, critical: Floats, two_sided: bool) -> Floats:
    """P(no difference of a store with the error `own` from the others exceeds its c), for each. Of
    the stores the one with the nearest error is taken for itself."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    covered = np.empty(len(own))
    for row, (mine, c) in enumerate(zip(own, critical, strict=True)):
        others = np.delete(error, np.argmin(np.abs(error - mine)))[:, None]
        apart = c * np.hypot(mine, others)
        inside = ndtr((mine * nodes + apart) / others)
        if two_sided:
            inside -= ndtr((mine * nodes - apart) / others)
        covered[row] = np.prod(inside, axis=0) @ weights / weights.sum()
    return covered


def _pairs(mean: Floats, error: Floats, critical: Floats) -> Ints:
    """How many stores are significantly above each."""
    above = np.empty(len(mean), dtype=np.int64)
    for start in range(0, len(mean), _CHUNK):
        some = slice(start, start + _CHUNK)
        apart = critical[some, None] * np.hypot(error[some, None], error)
        above[some] = (mean - mean[some, None] > apart).sum(axis=1)
    return above


def _classes(mean: Floats, error: Floats, critical: Floats) -> Ints:
    """The same with each error rounded up to the largest of its class, so that a set can only be
    wider: k log k for each class instead of k²."""
    above = np.zeros(len(mean), dtype=np.int64)
    order = np.argsort(error, kind="stable")
    for members in np.array_split(order, _CLASSES):
        apart = critical * np.hypot(error, error[members[-1]])
        sorted_means = np.sort(mean[members])
        above += len(members) - np.searchsorted(sorted_means, mean + apart, side="right")
    return above
