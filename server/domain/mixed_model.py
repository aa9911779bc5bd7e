"""Variances of a crossed store × shopper model, by restricted maximum likelihood.

y = μ + a(store) + b(shopper) + e, all normal and independent. With γ = σ²/σ²ₑ and σ²ₑ profiled out,

    −2 log L(γ) = log|M| + (n − 1) log(y'Py) + constant,    σ²ₑ = y'Py ÷ (n − 1)

(Patterson and Thompson 1971, Biometrika 58:545; Bates et al. 2015, §3), minimised over the two
relative standard deviations √γ ≥ 0 by L-BFGS-B with the exact gradient

    ∂/∂γₐ = tr(Zₐ'PZₐ) − |Zₐ'Py|² ÷ σ²ₑ.

The start is by moments (Gao and Owen 2017, EJS 11:1235), which are the answer where both factors
have more than LARGE levels (`server.domain.equations`). Nothing is drawn at random:
equal visits give equal variances.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from server.domain.cells import Cells, Floats
from server.domain.equations import LARGE, Design, Equations, Factor, design

_MOST = 1_000.0
"""Of a relative standard deviation: visits that agree to a thousandth of how stores differ."""

_BESIDE_ZERO = 0.05
_NO_WORSE = 1e-6
"""Of −2 log L: where the likelihood is flat at 0, a search ends beside it at a variance that the
visits do not show."""

_LEAST_GAMMA = 1e-8
_NOTHING = 1e-24


@dataclass(frozen=True, slots=True)
class Variances:
    """How much of the differences between visits is the store, the shopper, and neither."""

    store: float
    shopper: float
    error: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What `fit` found. `separable` is False where each store has one shopper and each shopper one
    store, so that the two share what is between them by halves; `exact` is False where moments
    stand in for the likelihood; `evaluations` of it were made."""

    mu: float
    variances: Variances
    n_visits: int
    n_stores: int
    n_shoppers: int
    separable: bool = True
    exact: bool = True
    evaluations: int = 0


def fit(cells: Cells) -> Fit:
    """Mean and variances, unweighted. What the visits cannot tell is 0: a factor's variance if it
    has one level, or one visit to each level (then it is part of the error); all of them if all
    scores are equal. No visits have mean 0."""
    table = _compact(cells)
    made = design(table)
    counts = (round(made.n), made.store.levels, made.shopper.levels)
    scale = float((table.total_squares / np.maximum(table.n, 1)).max(initial=0.0))
    if _total_squares(made) <= _NOTHING + 1e-14 * scale:
        return Fit(cells.mean, Variances(0.0, 0.0, 0.0), *counts)
    separable = not _confounded(made)
    free = (_estimable(made.store), separable and _estimable(made.shopper))
    start = moments(made)
    if min(made.store.levels, made.shopper.levels) > LARGE:
        return Fit(cells.mean, start, *counts, separable=separable, exact=False)
    likelihood = _Likelihood(made, free)
    gamma = likelihood.minimum(start)
    solved = Equations(made, gamma)
    error = solved.penalised_squares / (made.n - 1)
    store, shopper = (one * error for one in gamma)
    if not separable and free[0]:
        store = shopper = store / 2
    variances = Variances(store, shopper, error)
    mu = made.origin + solved.mu
    return Fit(mu, variances, *counts, separable=separable, evaluations=likelihood.evaluations)


def _compact(cells: Cells) -> Cells:
    """The same with indices that leave none out."""
    store = np.unique(cells.store, return_inverse=True)[1]
    shopper = np.unique(cells.shopper, return_inverse=True)[1]
    return Cells(store, shopper, cells.n, cells.total, cells.total_squares, cells.weight)


def _total_squares(made: Design) -> float:
    """Σ(y − ȳ)²."""
    return made.within + float((made.cell_totals**2 / made.counts.data).sum())


def _confounded(made: Design) -> bool:
    """Whether each store has one shopper and each shopper one store."""
    return made.counts.nnz == made.store.levels == made.shopper.levels


def _estimable(factor: Factor) -> bool:
    return factor.levels > 1 and bool(factor.n.max() > 1)


def moments(made: Design) -> Variances:
    """Variances whose expected sums of squares (within stores, within shoppers, in all) are those
    that were found; none below 0. One pass, however large the design."""
    counts, n = made.counts, made.n
    total = _total_squares(made)
    rows = np.repeat(np.arange(made.store.levels), np.diff(counts.indptr))
    squares = counts.data**2
    mixed_store = n - float((squares / made.store.n[rows]).sum())
    mixed_shopper = n - float((squares / made.shopper.n[counts.indices]).sum())
    of_store = total - float((made.store.total**2 / made.store.n).sum())
    of_shopper = total - float((made.shopper.total**2 / made.shopper.n).sum())
    unlike = [n - float((one.n**2).sum()) / n for one in (made.store, made.shopper)]
    expected = [
        [0.0, mixed_store, n - made.store.levels],
        [mixed_shopper, 0.0, n - made.shopper.levels],
        [unlike[0], unlike[1], n - 1],
    ]
    found = np.linalg.lstsq(np.array(expected), np.array([of_store, of_shopper, total]))[0]
    store, shopper, error = (max(float(one), 0.0) for one in found)
    return Variances(store, shopper, error or 1e-3 * total / n)


class _Likelihood:
    """−2 log L of a design, in the relative standard deviations of the factors that are free."""

    def __init__(self, made: Design, free: tuple[bool, bool]) -> None:
        self.made = made
        self.free = np.flatnonzero(free)
        self.evaluations = 0
        self._last: tuple[Floats, tuple[float, Floats]] | None = None

    def minimum(self, start: Variances) -> tuple[float, float]:
        """γ at the minimum."""
        if not len(self.free):
            return (0.0, 0.0)
        relative = np.sqrt(np.array([start.store, start.shopper])[self.free] / start.error)
        best, value = self._descend(np.clip(relative, 0.05, 3.0))
        for index in np.flatnonzero(best < _BESIDE_ZERO):
            best, value = self._at_zero(best, value, int(index))
        return self._gamma(best)

    def _descend(self, start: Floats) -> tuple[Floats, float]:
        """L-BFGS-B, in units in which the curvature is about 1, so that its first step is long
        enough: q levels tell √γ to about 1/√(2q) of itself. It ends where rounding begins."""
        levels = np.array([self.made.store.levels, self.made.shopper.levels])[self.free]
        unit = np.maximum(start, 0.1) / np.sqrt(2.0 * levels)
        origin = self(start)[0]

        def scaled(steps: Floats) -> tuple[float, Floats]:
            value, gradient = self(steps * unit)
            return value - origin, gradient * unit

        found = scipy.optimize.minimize(
            scaled, start / unit, jac=True, method="L-BFGS-B",
            bounds=[(0.0, _MOST / one) for one in unit],
            options={"ftol": 1e-14, "gtol": 1e-7 + 1e-9 * self.made.n, "maxiter": 200},
        )  # fmt: skip
        return found.x * unit, float(found.fun) + origin

    def _at_zero(self, best: Floats, value: float, index: int) -> tuple[Floats, float]:
        """A search that ended beside 0 or at it: 0 itself if that is no worse than can be told.
        As the gradient in √γ vanishes at 0 whatever lies beyond, it is tried again from a
        distance."""
        zero = best.copy()
        zero[index] = 0.0
        least = float(self(zero)[0])
        if least > value + _NO_WORSE:
            return best, value
        best, value = zero, least
        away = best.copy()
        away[index] = 0.1
        if self(away)[0] < value:
            best, value = min((best, value), self._descend(away), key=lambda pair: pair[1])
        return best, value

    def _gamma(self, relative: Floats) -> tuple[float, float]:
        both = np.zeros(2)
        both[self.free] = relative**2
        return float(both[0]), float(both[1])

    def __call__(self, relative: Floats) -> tuple[float, Floats]:
        """The value, and its gradient; where it was asked for last, from memory."""
        if self._last is None or not np.array_equal(self._last[0], relative):
            self._last = relative.copy(), self._evaluated(relative)
        return self._last[1]

    def _evaluated(self, relative: Floats) -> tuple[float, Floats]:
        self.evaluations += 1
        solved = Equations(self.made, self._gamma(relative))
        degrees = self.made.n - 1
        error = max(solved.penalised_squares, _NOTHING) / degrees
        value = solved.log_determinant + degrees * np.log(error)
        return float(value), self._gradient(solved, error)[self.free] * 2 * relative

    def _gradient(self, solved: Equations, error: float) -> Floats:
        """By γ: tr(Z'PZ) − |Z'Py|²/σ²ₑ, with Z'Py the residuals' sums."""
        counts, residuals = self.made.counts, solved.residual_totals
        rows = np.repeat(np.arange(self.made.store.levels), np.diff(counts.indptr))
        factors = (self.made.store, self.made.shopper)
        places = (rows, counts.indices)
        sums = [
            float((np.bincount(place, residuals, minlength=factor.levels) ** 2).sum())
            for place, factor in zip(places, factors, strict=True)
        ]
        traces = [
            (factor.levels - trace) / max(gamma, _LEAST_GAMMA)
            for factor, trace, gamma in zip(
                factors, solved.inverse_traces(), solved.gamma, strict=True
            )
        ]
        return np.array(traces) - np.array(sums) / error
