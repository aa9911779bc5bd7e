"""Every store's and shopper's effect at given variances, with its prediction error variance.

Exactly by Henderson's equations up to LARGE levels of the smaller factor; beyond, by conjugate
gradients, with the errors that the closed formulas of docs/scoring.md give.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from server.domain.cells import Flags, Floats
from server.domain.equations import LARGE, Design, Equations, cholesky, invert, quadratic, solve
from server.domain.mixed_model import Variances

_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Effects of one factor's levels and Var(û − u), in the scores' unit and its square."""

    value: Floats
    pev: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """`level_variance` is Var(μ̂ + â − μ − a) of each store; `unshrunk` are stores as fixed effects,
    in full (not measured from μ). The `pev` of both are for comparing stores (see `_quasi`)."""

    mu: float
    store: Effects
    level_variance: Floats
    shopper: Effects
    unshrunk: Effects


def predict(
    made: Design, variances: Variances, main: Flags, *, most: int | None = None
) -> Predictions:
    """The predictions at these variances; their error must not be 0. `main` are the stores of the
    block that comparisons refer to (see `_quasi`); `most` levels are factored, else LARGE."""
    error = variances.error
    gamma = (variances.store / error, variances.shopper / error)
    if min(made.store.levels, made.shopper.levels) > (LARGE if most is None else most):
        return _iterated(made, gamma, error)
    return _factored(made, gamma, error, main)


def _factored(made: Design, gamma: tuple[float, float], error: float, main: Flags) -> Predictions:
    solved = Equations(made, gamma)
    variance, with_mu = solved.inverse_parts("store")
    level = solved.inverse[0, 0] + 2 * with_mu + variance
    severity, _ = solved.inverse_parts("shopper")
    covariances = solved.store_covariances(main.astype(np.float64))
    pev = _quasi(variance, covariances, main, gamma[0] / (gamma[0] * made.store.n + 1))
    return Predictions(
        made.origin + solved.mu,
        Effects(solved.store, pev * error),
        _positive(level) * error,
        Effects(solved.shopper, _positive(severity) * error),
        _fixed(made, gamma[1], error, main),
    )


def _positive(variances: Floats) -> Floats:
    """Rounding can leave a variance of nothing a hair below 0."""
    return np.maximum(variances, 0.0)


def _fixed(made: Design, gamma: float, error: float, main: Flags) -> Effects:
    """Stores as fixed effects, shoppers as random ones; the larger block is eliminated."""
    with_stores = made.store.levels <= made.shopper.levels
    solve = _fixed_by_stores if with_stores else _fixed_by_shoppers
    value, variance, covariances = solve(made, gamma, main.astype(np.float64))
    quasi = _quasi(variance, covariances, main, 1 / made.store.n)
    return Effects(made.origin + value, quasi * error)


def _fixed_by_stores(made: Design, gamma: float, main: Floats) -> tuple[Floats, Floats, Floats]:
    """Values, variances, and the covariance matrix times `main`."""
    weights = gamma / (1 + gamma * made.shopper.n)
    table = made.counts
    matrix = np.diag(made.store.n) - (table * weights[None, :] @ table.T).toarray()
    factor, _ = cholesky(matrix)
    right = made.store.total - table @ (weights * made.shopper.total)
    return solve(factor, right), np.diagonal(invert(factor)), solve(factor, main)


def _fixed_by_shoppers(made: Design, gamma: float, main: Floats) -> tuple[Floats, Floats, Floats]:
    """The same from the shoppers' equations."""
    shares = (sparse.diags_array(1 / made.store.n) @ made.counts).tocsr()
    matrix = gamma * (np.diag(made.shopper.n) - (made.counts.T @ shares).toarray())
    matrix[np.diag_indices(len(matrix))] += 1
    factor, _ = cholesky(matrix)
    right = made.shopper.total - shares.T @ made.store.total
    severity = gamma * solve(factor, right)
    spread = gamma * solve(factor, shares.T @ main)
    return (
        made.store.total / made.store.n - shares @ severity,
        1 / made.store.n + gamma * quadratic(shares, invert(factor)),
        main / made.store.n + shares @ spread,
    )


def _quasi(variance: Floats, covariances: Floats, main: Flags, least: Floats) -> Floats:
    """q with qᵢ + qⱼ ≈ Var(xᵢ − xⱼ), from variances of estimates and the sums of their covariances
    with the stores of the main block (Firth and de Menezes 2004): exact where the covariance matrix
    is diag(q) + c. What all stores of the main block share is not in q; what parts the stores of
    other blocks from them is, in full. None is below `least`, by which two stores share theirs."""
    k = int(main.sum())
    if k < 2:
        return np.maximum(variance, least)
    quasi: Floats = variance - 2 * covariances / k + covariances[main].sum() / k**2
    if k == 2:
        whole = 2 * quasi[main].sum()
        quasi[main] = whole * least[main] / max(float(least[main].sum()), _TINY)
    else:
        whole = quasi[main].sum() * k / (k - 1)
        quasi[main] = (quasi[main] - whole / k**2) * k / (k - 2)
    return np.maximum(quasi, least)


def _iterated(made: Design, gamma: tuple[float, float], error: float) -> Predictions:
    counts = made.counts
    mu, store, shopper = _mixed(made, gamma, (made.store.total, made.shopper.total))
    unit = _mixed(made, gamma, (np.zeros(made.store.levels), np.zeros(made.shopper.levels)), 1.0)
    kept = gamma[0] * made.store.n / (gamma[0] * made.store.n + 1)
    severity = _severity_pev(made, gamma[1], kept)
    shares = sparse.diags_array(1 / made.store.n) @ counts
    pev = gamma[0] * (1 - kept) + kept**2 * (shares.power(2) @ severity)
    unshrunk, variance = _fixed_iterated(made, gamma[1], shares)
    return Predictions(
        made.origin + mu,
        Effects(store, pev * error),
        (unit[0] + pev) * error,
        Effects(shopper, severity * error),
        Effects(made.origin + unshrunk, variance * error),
    )


def _mixed(
    made: Design,
    gamma: tuple[float, float],
    totals: tuple[Floats, Floats],
    mean: float | None = None,
) -> tuple[float, Floats, Floats]:
    """The solution of the scaled equations by conjugate gradients; `mean` is the right-hand side
    of μ, the sum of all if None."""
    roots = np.sqrt(gamma)
    store, shopper, counts = made.store, made.shopper, made.counts
    split = 1 + store.levels

    def times(x: Floats) -> Floats:
        a, b = roots[0] * x[1:split], roots[1] * x[split:]
        by_store = store.n * (x[0] + a) + counts @ b
        by_shopper = shopper.n * (x[0] + b) + counts.T @ a
        of_mu = made.n * x[0] + store.n @ a + shopper.n @ b
        product = np.concatenate([[0.0], x[1:]])
        product += np.concatenate([[of_mu], roots[0] * by_store, roots[1] * by_shopper])
        return product

    diagonal = np.concatenate([[made.n], gamma[0] * store.n + 1, gamma[1] * shopper.n + 1])
    first = float(totals[0].sum()) if mean is None else mean
    right = np.concatenate([[first], roots[0] * totals[0], roots[1] * totals[1]])
    solution = _gradients(times, diagonal, right)
    return (
        float(solution[0]),
        roots[0] * solution[1:split],
        roots[1] * solution[split:],
    )


def _fixed_iterated(made: Design, gamma: float, shares: Any) -> tuple[Floats, Floats]:
    store, shopper, counts = made.store, made.shopper, made.counts

    def times(x: Floats) -> Floats:
        return x + gamma * (shopper.n * x - counts.T @ (shares @ x))

    right = gamma * (shopper.total - shares.T @ store.total)
    diagonal = gamma / _severity_pev(made, gamma, np.ones(store.levels)) if gamma else None
    severity = right if diagonal is None else _gradients(times, diagonal, right)
    errors = _severity_pev(made, gamma, np.ones(store.levels))
    variance = 1 / store.n + shares.power(2) @ errors
    return store.total / store.n - shares @ severity, variance


def _severity_pev(made: Design, gamma: float, kept: Floats) -> Floats:
    """Var(b̂ − b)/σ²ₑ of each shopper, by the diagonal of the equations from which the stores were
    eliminated: γ ÷ (1 + γ·(n − Σ λ·nᵢ²/n of store i))."""
    counts = made.counts
    explained = counts.power(2).T @ (kept / made.store.n)
    severity: Floats = gamma / (1 + gamma * _positive(made.shopper.n - explained))
    return severity


def _gradients(times: Callable[[Floats], Floats], diagonal: Floats, right: Floats) -> Floats:
    size = (len(right), len(right))
    operator = linalg.LinearOperator(size, matvec=times, dtype=np.float64)
    preconditioner = linalg.LinearOperator(size, matvec=lambda x: x / diagonal, dtype=np.float64)
    solution: Floats = linalg.cg(operator, right, rtol=1e-10, maxiter=2_000, M=preconditioner)[0]
    return solution
