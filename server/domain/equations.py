"""Henderson's mixed-model equations of a crossed design, factored.

y = μ + a(store) + b(shopper) + e, with Var a = γₐσ²ₑ and Var b = γᵦσ²ₑ. Scaled by √γ, so that a
variance of 0 is a value like any other (Bates et al. 2015, “Fitting linear mixed-effects models
using lme4”, J. Stat. Softw. 67:1, §3):

    M = [ n        √γ n'       ]      levels' counts n, Z'Z diagonal within stores
        [ √γ n   γ Z'Z + I     ]      and within shoppers

The larger of the two diagonal blocks is eliminated exactly; what is left has as many rows as the
smaller factor has levels, and one for μ. Henderson 1975, Biometrics 31:423; Searle, Casella and
McCulloch 1992, “Variance Components”, ch. 7.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from server.domain.cells import Cells, Floats

LARGE = 5_000
"""Levels of the smaller factor up to which the equations are factored: 200 MB a matrix."""

QUICK = 1_200
"""Likewise where many measures are estimated one after another."""

Pair = tuple[Floats, Floats]

_CHUNK = 2_000
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Factor:
    """The levels of one random effect: their counts and their sums of y."""

    n: Floats
    total: Floats

    @property
    def levels(self) -> int:
        """How many there are."""
        return len(self.n)


@dataclass(frozen=True, eq=False)
class Design:
    """The counts and sums of a crossed design; y is measured from `origin`. `counts` is the sparse
    matrix store × shopper, `cell_totals` the sums of y in the same places, `within` the sum of
    squares within cells."""

    origin: float
    counts: Any
    cell_totals: Floats
    within: float
    store: Factor
    shopper: Factor

    @cached_property
    def n(self) -> float:
        """The number of visits."""
        return float(self.counts.data.sum())


def design(cells: Cells, n: Floats | None = None) -> Design:
    """The design of `cells`; with `n`, a row counts as so many visits instead of its own number,
    with the mean that it has."""
    counts = cells.n if n is None else n
    origin = cells.mean
    means = cells.total / cells.n - origin
    levels = (int(cells.store.max(initial=-1)) + 1, int(cells.shopper.max(initial=-1)) + 1)
    places = (cells.store, cells.shopper)
    table = sparse.coo_array((counts, places), shape=levels).tocsr()
    totals = sparse.coo_array((counts * means, places), shape=levels).tocsr()
    # Σ(y − origin)² of each row, then less what its cell's mean explains.
    squares = cells.total_squares - 2 * origin * cells.total + cells.n * origin**2
    explained = float((totals.data**2 / table.data).sum())
    within = max(float((squares * counts / cells.n).sum()) - explained, 0.0)
    return Design(
        origin,
        table,
        totals.data,
        within,
        _factor(cells.store, counts, means, levels[0]),
        _factor(cells.shopper, counts, means, levels[1]),
    )


def _factor(level: Any, n: Floats, means: Floats, levels: int) -> Factor:
    return Factor(added(level, n, levels), added(level, n * means, levels))


def added(level: Any, values: Floats, levels: int) -> Floats:
    """The values summed by level."""
    return np.bincount(level, values, minlength=levels).astype(np.float64)


class Equations:
    """The equations at γ = (store, shopper), solved. Everything is in units of σ²ₑ = 1."""

    def __init__(self, design: Design, gamma: tuple[float, float]) -> None:
        self.design = design
        self.gamma = gamma
        self.stores_are_small = design.store.levels <= design.shopper.levels
        names = ("store", "shopper") if self.stores_are_small else ("shopper", "store")
        small, big = (getattr(design, name) for name in names)
        gammas = gamma if self.stores_are_small else gamma[::-1]
        self._root_small, self._root_big = (float(np.sqrt(one)) for one in gammas)
        self._diagonal = gammas[1] * big.n + 1
        table = design.counts if self.stores_are_small else design.counts.T.tocsr()
        coupling = self._root_small * self._root_big * table
        ends = sparse.csr_array(self._root_big * big.n[None, :])
        self._coupling = sparse.vstack([ends, coupling]).tocsr()  # [μ, small] × big
        matrix = -self._crossed(1 / self._diagonal)
        matrix[0, 0] += design.n
        matrix[0, 1:] += self._root_small * small.n
        matrix[1:, 0] += self._root_small * small.n
        matrix[np.arange(1, len(matrix)), np.arange(1, len(matrix))] += gammas[0] * small.n + 1
        self._factor, log_determinant = cholesky(matrix)
        self.log_determinant = log_determinant + float(np.log(self._diagonal).sum())
        self.mu, scaled = self._solve(small.total, big.total, float(small.total.sum()))
        self.penalty = float(sum((one**2).sum() for one in scaled))
        self.store, self.shopper = self._unscaled(scaled)

    def _crossed(self, weights: Floats) -> Floats:
        """W diag(weights) W', dense; W is the coupling."""
        product: Floats = (self._coupling * weights[None, :] @ self._coupling.T).toarray()
        return product

    def _solve(self, small: Floats, big: Floats, mean: float) -> tuple[float, Pair]:
        """The scaled solution for a right-hand side of sums by level, and of μ's."""
        right = np.concatenate([[mean], self._root_small * small])
        big_right = self._root_big * big
        right -= self._coupling @ (big_right / self._diagonal)
        solution = solve(self._factor, right)
        return float(solution[0]), (
            solution[1:],
            (big_right - self._coupling.T @ solution) / self._diagonal,
        )

    def _unscaled(self, scaled: Pair) -> Pair:
        """(store, shopper) effects of a scaled solution (small, big)."""
        effects = (self._root_small * scaled[0], self._root_big * scaled[1])
        return effects if self.stores_are_small else effects[::-1]

    def store_covariances(self, weights: Floats) -> Floats:
        """Cov(û − u) of the stores, times `weights`."""
        nothing = np.zeros(self.design.shopper.levels)
        small, big = (weights, nothing) if self.stores_are_small else (nothing, weights)
        return self._unscaled(self._solve(small, big, 0.0)[1])[0]

    @cached_property
    def residual_totals(self) -> Floats:
        """Σ(y − fitted) of each cell."""
        table = self.design.counts
        rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
        fitted = self.mu + self.store[rows] + self.shopper[table.indices]
        residuals: Floats = self.design.cell_totals - table.data * fitted
        return residuals

    @cached_property
    def penalised_squares(self) -> float:
        """y'Py: the squared residuals, and the squared scaled effects."""
        between = float((self.residual_totals**2 / self.design.counts.data).sum())
        return self.design.within + between + self.penalty

    @cached_property
    def inverse(self) -> Floats:
        """M⁻¹ of μ and the smaller factor."""
        return invert(self._factor)

    def inverse_traces(self) -> tuple[float, float]:
        """The traces of the diagonal blocks of M⁻¹: (stores, shoppers)."""
        small = float(np.trace(self.inverse)) - float(self.inverse[0, 0])
        big = float((1 / self._diagonal).sum())
        big += float(np.vdot(self._crossed(self._diagonal**-2), self.inverse))
        return (small, big) if self.stores_are_small else (big, small)

    def inverse_parts(self, name: str) -> tuple[Floats, Floats]:
        """Of a factor's levels ("store" or "shopper"): Var(û − u) and Cov(û − u, μ̂)."""
        if (name == "store") == self.stores_are_small:
            diagonal, with_mu = np.diagonal(self.inverse)[1:], self.inverse[0, 1:]
            return self._root_small**2 * diagonal, self._root_small * with_mu
        rows = self._coupling.T.tocsr()
        diagonal = 1 / self._diagonal
        with_mu = -(rows @ self.inverse[:, 0]) / self._diagonal
        return (
            self._root_big**2 * (diagonal + quadratic(rows, self.inverse) * diagonal**2),
            self._root_big * with_mu,
        )


def solve(factor: Floats, right: Floats) -> Floats:
    """x with LL'x = right."""
    solution: Floats = lapack.dpotrs(factor, right, lower=1)[0]
    return solution


def invert(factor: Floats) -> Floats:
    """(LL')⁻¹."""
    lower, info = lapack.dpotri(factor, lower=1)
    if info:
        raise np.linalg.LinAlgError("the equations cannot be inverted")
    for start in range(0, len(lower), _BLOCK):
        end = start + _BLOCK
        square = np.tril(lower[start:end, start:end])
        lower[start:end, start:end] = square + np.tril(square, -1).T
        lower[start:end, end:] = lower[end:, start:end].T
    # LAPACK's columns are the rows of a symmetric matrix: nobody has to copy it to go through it.
    inverse: Floats = lower.T
    return inverse


def quadratic(rows: Any, matrix: Floats) -> Floats:
    """w'Mw of each sparse row w, some rows at a time."""
    found = np.zeros(rows.shape[0])
    for start in range(0, rows.shape[0], _CHUNK):
        part = rows[start : start + _CHUNK]
        places = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        products = part.data * (part @ matrix)[places, part.indices]
        found[start : start + _CHUNK] = added(places, products, part.shape[0])
    return found


def cholesky(matrix: Floats) -> tuple[Floats, float]:
    """The lower factor, and the logarithm of the determinant."""
    factor, info = lapack.dpotrf(matrix, lower=1, clean=0)
    if info:
        raise np.linalg.LinAlgError("the equations have no solution")
    return factor, 2 * float(np.log(np.diagonal(factor)).sum())
