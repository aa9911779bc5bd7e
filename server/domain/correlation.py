"""Pearson's correlation with Fisher's interval: what goes together, not what causes what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 4
"""Fisher's interval takes √(n − 3)."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Correlation:
    """r within its 95 % interval; `n` pairs."""

    r: float
    low: float
    high: float
    n: int


def correlation(pairs: Sequence[tuple[float, float]]) -> Correlation | None:
    """None of fewer than four pairs, and where one side never varies."""
    if len(pairs) < FEWEST:
        return None
    x, y = np.asarray(pairs, dtype=np.float64).T
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    if 1 - abs(r) < _ROUNDING:
        return Correlation(round(r), round(r), round(r), len(pairs))
    reach = 1.959963984540054 / np.sqrt(len(pairs) - 3)
    low, high = (float(np.tanh(np.arctanh(r) + sign * reach)) for sign in (-1, 1))
    return Correlation(r, low, high, len(pairs))
