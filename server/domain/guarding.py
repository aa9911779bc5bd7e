"""What readers below the brand may be told of a store that few shoppers visited.

A store's mean as it is and the one freed of severity differ by the mean severity of its shoppers.
Where one shopper stands behind a store that is one person's severity, and whoever reads both
figures can work it out. Managers of stores and regions read the visits themselves, so what gives
way for them is the other figure (docs/decisions/0007-few-shoppers.md).

Two such means of one store over visits that differ by one person's tell of that person, however
many stand behind each. So it gives way, too, for all stores in every figure of chosen visits.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from server.domain.cells import Flags
from server.domain.estimates import Estimates, own_error

FEWEST_SHOPPERS = 3
LARGEST_SHARE = 2 / 3
"""Of a store's weight, by one shopper: with more, theirs is nearly the mean severity."""

FEWEST_RANKED = 10
"""Stores of a ranking in which a reader who sees one of them may be told its place: among fewer, a
place says too much of the others."""


def few(estimates: Estimates) -> Flags:
    """Whose mean severity would say too much of one shopper."""
    return (estimates.n_shoppers < FEWEST_SHOPPERS) | (estimates.largest_share > LARGEST_SHARE)


NO_BLOCK = 0
"""Instead of a store's block where severity is not taken out: it is of no use there, and tells
which stores one shopper visited."""


def guarded(estimates: Estimates, also: Flags | None = None) -> Estimates:
    """The same; of stores that few shoppers visited, and of those that are `also` guarded, from
    nothing but their own visits:

        m = μ + λ(ȳ − μ),  λ = σ²store ÷ (σ²store + σ²shopper·Σp² + σ²e/n_eff),  v = σ²store(1 − λ)

    which is the best prediction for who knows nothing of these shoppers. Severity then is a part
    of the error, so the interval is wider and still holds."""
    rows = few(estimates) if also is None else few(estimates) | also
    estimates = replace(estimates, block=np.where(rows, NO_BLOCK, estimates.block))
    if not rows.any() or not estimates.tells_errors:
        return estimates
    v = estimates.variances
    noise = own_error(v, estimates.concentration, estimates.n_eff)
    kept = v.store / (v.store + noise)
    pev = v.store * (1 - kept)
    shared = max(float((estimates.level_se**2 - estimates.pev).mean()), 0.0)
    level_se = np.sqrt(pev + shared)
    told: dict[str, Any] = {
        "adjusted_mean": estimates.mu + kept * (estimates.own_mean - estimates.mu),
        "level_se": level_se,
        "se": level_se if v.store > 0 else np.sqrt(shared + noise),
        "pev": pev,
        "unshrunk_mean": estimates.own_mean,
        "unshrunk_se": np.sqrt(noise),
        "reliability": kept,
    }
    changed: dict[str, Any] = {
        name: np.where(rows, column, getattr(estimates, name)) for name, column in told.items()
    }
    return replace(estimates, **changed)
