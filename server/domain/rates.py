"""Pass rates of many stores, shrunk by what they have in common: the beta-binomial.

Store i passed rᵢ of nᵢ. Its rate pᵢ is from a Beta(α, β) that all stores share; given r of n the
rate is Beta(r + α, n − r + β), with mean (r + α)/(n + α + β) (Skellam 1948, JRSS B 10:257; Gelman
et al. 2013, “Bayesian Data Analysis”, §5.3, with the rat tumours).
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from server.domain.cells import Floats
from server.domain.shares import wilson

_FEWEST = 0.1
"""Of α and β: below, hardly any rate is between 0 and 1 by the distribution, and a handful of
counts makes nobody so sure."""

_MOST = 1e7
"""Of α + β: beyond, stores' rates differ by less than a ten-thousandth."""


@dataclass(frozen=True, slots=True)
class Beta:
    """The distribution of stores' rates. Where the counts show no difference between stores, α and
    β are None and every store has the `mean`; it is None only of no counts at all."""

    alpha: float | None
    beta: float | None
    mean: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Of each store: passed ÷ n (NaN-free: the mean of all where n is 0), the shrunk rate, and the
    2.5 % and 97.5 % quantiles of its distribution, widened to hold the rate, and where α or β is
    below a tenth Wilson's interval of its own counts. Where there are no α and β it is Wilson's
    interval of its own counts, widened to hold the mean of all: that no difference was seen
    makes nobody surer of a store that hardly anybody visited. It is 0 to 1 of a store of no
    counts."""

    raw: Floats
    rate: Floats
    low: Floats
    high: Floats


def fit(passed: ArrayLike, n: ArrayLike) -> Beta:
    """α and β by maximum likelihood: the largest Σ log B(r + α, n − r + β) − log B(α, β). Counts of
    n = 0 say nothing. No more spread than chance gives (stores of one visit each, or all alike)
    has no α and β: see Beta."""
    r, total = _counts(passed, n)
    r, total = r[total > 0], total[total > 0]
    if not len(r):
        return Beta(None, None, None)
    mean = float(r.sum() / total.sum())
    if len(r) == 1 or mean in (0.0, 1.0) or total.max() <= 1:
        return Beta(None, None, mean)

    found = _least(r, total, mean)
    alpha, beta = _shapes(found.x)
    alike = -float((r * np.log(mean) + (total - r) * np.log1p(-mean)).sum())
    if alpha + beta > _MOST / 10 or found.fun >= alike - 1e-9:
        return Beta(None, None, mean)
    return Beta(alpha, beta, alpha / (alpha + beta))


def _shapes(x: Floats) -> tuple[float, float]:
    """α and β from the logit of their mean and the logarithm of their sum."""
    size = float(np.exp(x[1]))
    return size * float(scipy.special.expit(x[0])), size * float(scipy.special.expit(-x[0]))


def _least(r: Floats, total: Floats, mean: float) -> "scipy.optimize.OptimizeResult":
    """The best of two descents: from stores that differ much, and from stores that hardly do."""

    def deviance(x: Floats) -> tuple[float, Floats]:
        a, b = _shapes(x)
        value = scipy.special.betaln(r + a, total - r + b) - scipy.special.betaln(a, b)
        both = scipy.special.digamma(a + b) - scipy.special.digamma(total + a + b)
        by_a = float((scipy.special.digamma(r + a) - scipy.special.digamma(a) + both).sum())
        by_b = float((scipy.special.digamma(total - r + b) - scipy.special.digamma(b) + both).sum())
        gradient = np.array([(by_a - by_b) * a * b / (a + b), by_a * a + by_b * b])
        return -float(value.sum()), -gradient

    descents = [
        scipy.optimize.minimize(
            deviance, [scipy.special.logit(mean), np.log(size)], jac=True, method="L-BFGS-B",
            bounds=[(-30.0, 30.0), (np.log(1e-3), np.log(_MOST))],
            options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 200},
        )
        for size in (2.0, 50.0)
    ]  # fmt: skip
    return min(descents, key=lambda one: float(one.fun))


def posterior(found: Beta, passed: ArrayLike, n: ArrayLike) -> Rates:
    """Each store's rate given its counts; with no α and β all have the mean."""
    r, total = _counts(passed, n)
    mean = found.mean or 0.0
    raw = np.where(total > 0, r / np.maximum(total, 1), mean)
    if found.alpha is None or found.beta is None:
        rate = np.full(len(r), mean)
        return Rates(raw, rate, *_own_all(r, total, rate))
    a, b = r + found.alpha, total - r + found.beta
    rate = a / (a + b)
    low, high = (scipy.special.betaincinv(a, b, level) for level in (0.025, 0.975))
    if min(found.alpha, found.beta) < _FEWEST:
        own_low, own_high = _own_all(r, total, rate)
        low, high = np.minimum(low, own_low), np.maximum(high, own_high)
    return Rates(raw, rate, np.minimum(low, rate), np.maximum(high, rate))


def _own_all(r: Floats, total: Floats, rate: Floats) -> tuple[Floats, Floats]:
    columns = zip(r.tolist(), total.tolist(), rate.tolist(), strict=True)
    low, high = np.array([_own(*each) for each in columns], dtype=np.float64).reshape(-1, 2).T
    return low, high


def _own(passed: float, n: float, mean: float) -> tuple[float, float]:
    found = wilson(passed, n)
    return (min(found.low, mean), max(found.high, mean)) if found else (0.0, 1.0)


def _counts(passed: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    r, total = np.asarray(passed, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if (r < 0).any() or (r > total).any():
        raise ValueError("passed is between 0 and n")
    return r, total
