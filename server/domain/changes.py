"""Which stores changed between two periods, and not by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """`delta` in the scores' unit; z = delta/√(v₁ + v₂); `q` is the share of false discoveries if
    this and all surer ones are called changes. z and q are None where both variances are 0."""

    delta: float
    z: float | None
    q: float | None
    significant: bool


def changes(
    before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]]
) -> list[Change]:
    """From (mean, variance) of each store in two periods: z = (m₂ − m₁)/√(v₁ + v₂), its two-sided
    p-value, and over all stores Benjamini and Hochberg's q (1995, JRSS B 57:289). Significant is
    q ≤ 0.05: of the stores so called, one in twenty is expected not to have changed."""
    first, second = (np.array(part, dtype=np.float64).reshape(-1, 2) for part in (before, after))
    delta = second[:, 0] - first[:, 0]
    spread = np.sqrt(first[:, 1] + second[:, 1])
    told = spread > 0
    z = (delta[told] / spread[told]).tolist()
    tested = iter(zip(z, false_discovery_rates(z), strict=True))
    return [
        Change(one, *pair, pair[1] <= FALSE_DISCOVERIES)
        if sure and (pair := next(tested))
        else Change(one, None, None, False)
        for one, sure in zip(delta.tolist(), told.tolist(), strict=True)
    ]


def false_discovery_rates(z: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's q of each of these, by its two-sided p-value."""
    if not len(z):
        return []
    from scipy.stats import false_discovery_control

    rates: list[float] = false_discovery_control(2 * ndtr(-np.abs(np.array(z)))).tolist()
    return rates
