"""Ranks that say how sure they are (docs/scoring.md, “Ranks”)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from server.domain.cells import Floats, Ints
from server.domain.estimates import Estimates
from server.domain.rank_distribution import distribution
from server.domain.rank_sets import rank_bounds, rank_sets

SURE = 0.8
"""The probability from which a store is called top or bottom."""

PROVISIONAL_BELOW = 3.0
"""n_eff: with less, a store's figures are provisional."""

_FEWEST_FOR_QUARTERS = 4
_DECIMALS = 9


class Tier(StrEnum):
    """Top or bottom quarter, or not known which."""

    TOP = "top"
    BOTTOM = "bottom"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Columns with a row for each store of the estimates, in their order.

    `rank`             by expected rank, the best is 1; equals share one and the next are left out
    `expected_rank`    1 + Σⱼ Φ((mⱼ − mᵢ)/√(vᵢ + vⱼ))
    `rank_interval90`  the middle 90 % of the rank's distribution: first, last
    `rank_set95`       ranks that the visits alone do not exclude: first, last
    `rank_bounds95`    the best and the worst of them, each for itself with 95 %
    `of`               how many are ranked
    `p_top_quartile`, `p_bottom_quartile`  that the rank is among the first or last of/4 (rounded
                       down); None below four stores, which have no quarters
    `tier`             top or bottom from a probability of 0.8 on
    `provisional`      n_eff below 3

    Where stores do not differ (their variance is 0, or there is one store at most) nobody is
    ranked: `ranked` is False, the ranks are None and every tier is undetermined.
    """

    ranked: bool
    of: int
    tier: NDArray[np.str_]
    provisional: NDArray[np.bool_]
    rank: Ints | None = None
    expected_rank: Floats | None = None
    rank_interval90: tuple[Ints, Ints] | None = None
    rank_set95: tuple[Ints, Ints] | None = None
    rank_bounds95: tuple[Ints, Ints] | None = None
    p_top_quartile: Floats | None = None
    p_bottom_quartile: Floats | None = None


def rank(estimates: Estimates) -> Ranks:
    """The ranking of these stores among themselves. The expected rank, its distribution and the
    tiers are of the shrunk means with `pev`; the confidence set of the unshrunk ones."""
    k = len(estimates.store)
    provisional = estimates.n_eff < PROVISIONAL_BELOW
    undetermined = np.full(k, Tier.UNDETERMINED.value)
    if k < 2 or estimates.variances.store <= 0:
        return Ranks(False, 0, undetermined, provisional)
    columns = (
        estimates.adjusted_mean,
        estimates.pev,
        estimates.unshrunk_mean,
        estimates.unshrunk_se,
    )
    # One order of summation, whatever the order of the stores.
    order = np.lexsort(columns)
    back = np.argsort(order)
    mean, variance, unshrunk, error = (column[order] for column in columns)
    told = distribution(mean, variance)
    first, last = rank_sets(unshrunk, error)
    best, worst = rank_bounds(unshrunk, error)
    expected = told.expected.round(_DECIMALS)
    place = 1 + np.searchsorted(np.sort(expected), expected)
    quarters = k >= _FEWEST_FOR_QUARTERS
    return Ranks(
        ranked=True,
        of=k,
        tier=_tiers(told.top, told.bottom)[back] if quarters else undetermined,
        provisional=provisional,
        rank=place[back],
        expected_rank=told.expected[back],
        rank_interval90=(told.low[back], told.high[back]),
        rank_set95=(first[back], last[back]),
        rank_bounds95=(best[back], worst[back]),
        p_top_quartile=told.top[back] if quarters else None,
        p_bottom_quartile=told.bottom[back] if quarters else None,
    )


def _tiers(top: Floats, bottom: Floats) -> NDArray[np.str_]:
    return np.where(
        top >= SURE,
        Tier.TOP.value,
        np.where(bottom >= SURE, Tier.BOTTOM.value, Tier.UNDETERMINED.value),
    )
