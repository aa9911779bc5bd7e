"""The distribution of each store's rank, where stores' true levels are independent and normal.

Given that store i's level is x, how many stores are better is a sum of independent trials with
pⱼ = Φ((mⱼ − x)/sⱼ): Poisson-binomial. Its distribution is worked out at the points of one grid that
all stores share, and averaged over x by the mass that store i's own distribution has around each
point. No random numbers; more stores make it slower by k, not by k².

Up to EXACT stores the Poisson-binomial is exact, with store i itself taken out of it; beyond, it is
a normal distribution with its mean and variance (Hong 2013, Comput. Stat. Data Anal. 59:41).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from server.domain.cells import Floats, Ints

EXACT = 200

_POINTS = 600
_BREAKS = 256
_EDGE = 32
_CHUNK = 1_000
_REACH = 6.5
_LEVELS = (0.05, 0.95)
"""Of the 90 % interval."""


@dataclass(frozen=True, slots=True, eq=False)
class RankDistribution:
    """Of each store: the expected rank, the 5 % and 95 % quantiles of the rank, and the
    probabilities that it is among the first and the last k/4 (rounded down) of k stores."""

    expected: Floats
    low: Ints
    high: Ints
    top: Floats
    bottom: Floats


def distribution(mean: Floats, variance: Floats) -> RankDistribution:
    """Of k ≥ 1 stores with these posterior means and variances; the largest mean is rank 1."""
    deviation = _deviations(mean, variance)
    points = _grid(mean, deviation)
    better = _better(mean, deviation, points)
    if len(mean) <= EXACT:
        told = _exactly(mean, deviation, points)
    else:
        told = _nearly(mean, deviation, points, better)
    low, high, top, bottom = told
    return RankDistribution(expected(mean, deviation, points, better), low, high, top, bottom)


def _deviations(mean: Floats, variance: Floats) -> Floats:
    """Never 0: a millionth of how stores spread, so that what is equal stays equal."""
    spread = float(np.ptp(mean)) + float(np.sqrt(variance.max()))
    return np.maximum(np.sqrt(variance), 1e-6 * spread or 1.0)


def _grid(mean: Floats, deviation: Floats) -> Floats:
    """Points that lie the closer the more stores may have their level there."""
    steps = np.linspace(-_REACH, _REACH, 53 if len(mean) <= 5_000 else 15)
    pool = np.sort((mean[:, None] + deviation[:, None] * steps).ravel())
    positions = np.linspace(0, len(pool) - 1, _POINTS // 2)
    crowded = np.interp(positions, np.arange(len(pool)), pool)
    return np.unique(np.concatenate([crowded, np.linspace(pool[0], pool[-1], _POINTS // 2)]))


def _chunks(k: int) -> Iterator[slice]:
    for start in range(0, k, _CHUNK):
        yield slice(start, min(start + _CHUNK, k))


def _masses(mean: Floats, deviation: Floats, points: Floats) -> Floats:
    """store × point: how likely the level is nearer to this point than to any other."""
    between = (points[1:] + points[:-1]) / 2
    below = scipy.special.ndtr((between - mean[:, None]) / deviation[:, None])
    edges = (np.zeros((len(mean), 1)), np.ones((len(mean), 1)))
    masses: Floats = np.diff(np.hstack([edges[0], below, edges[1]]), axis=1)
    return masses


def _better(mean: Floats, deviation: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Of the number of stores above each point: mean and variance."""
    count, spread = np.zeros(len(points)), np.zeros(len(points))
    for chunk in _chunks(len(mean)):
        p = scipy.special.ndtr((mean[chunk, None] - points) / deviation[chunk, None])
        count += p.sum(axis=0)
        spread += (p * (1 - p)).sum(axis=0)
    return count, spread


def expected(
    mean: Floats, deviation: Floats, points: Floats, better: tuple[Floats, Floats]
) -> Floats:
    """1 + Σⱼ Φ((mⱼ − mᵢ)/√(vᵢ + vⱼ)) over the other stores (Laird and Louis 1989, J. Educ. Stat.
    14:29): as it stands up to 2,000 stores; beyond, the same number as the mean of the count of
    better stores over i's own distribution, which takes itself for ½."""
    k = len(mean)
    ranks = np.empty(k)
    for chunk in _chunks(k):
        if k <= 2 * _CHUNK:
            apart = np.hypot(deviation[chunk, None], deviation)
            ranks[chunk] = 0.5 + scipy.special.ndtr((mean - mean[chunk, None]) / apart).sum(axis=1)
        else:
            ranks[chunk] = 0.5 + _masses(mean[chunk], deviation[chunk], points) @ better[0]
    return np.clip(ranks, 1.0, float(k))


Told = tuple[Ints, Ints, Floats, Floats]


def _read(cumulative: Callable[[slice], Floats], ranks: Ints, k: int) -> Told:
    """Quantiles and quarters from P(rank ≤ r) at `ranks`, for some stores at a time."""
    quarter = k // 4
    low, high = np.empty(k, dtype=np.int64), np.empty(k, dtype=np.int64)
    top, bottom = np.empty(k), np.empty(k)
    for chunk in _chunks(k):
        chances = np.clip(cumulative(chunk), 0.0, 1.0)
        chances[:, -1] = 1.0
        low[chunk] = _quantile(chances, ranks, _LEVELS[0])
        high[chunk] = _quantile(chances, ranks, _LEVELS[1])
        top[chunk] = chances[:, np.searchsorted(ranks, quarter)] if quarter else 0.0
        bottom[chunk] = 1 - chances[:, np.searchsorted(ranks, k - quarter)]
    return low, high, top, bottom


def _quantile(chances: Floats, ranks: Ints, level: float) -> Ints:
    """The first rank r with P(rank ≤ r) ≥ level; between two of `ranks` by a straight line."""
    reached = np.argmax(chances >= level - 1e-12, axis=1)
    before = np.maximum(reached - 1, 0)
    rows = np.arange(len(chances))
    gained = chances[rows, reached] - chances[rows, before]
    part = (level - chances[rows, before]) / np.where(gained > 0, gained, 1.0)
    between = np.ceil(ranks[before] + part * (ranks[reached] - ranks[before]) - 1e-9)
    quantile: Ints = np.where(reached == 0, ranks[0], between).astype(np.int64)
    return np.clip(quantile, 1, ranks[-1])


def _nearly(mean: Floats, deviation: Floats, points: Floats, better: tuple[Floats, Floats]) -> Told:
    k = len(mean)
    breaks = (
        np.arange(1, min(_EDGE, k) + 1), np.arange(max(k - _EDGE, 1), k + 1),
        np.linspace(1, k, _BREAKS).astype(int), [k // 4, k - k // 4],
    )  # fmt: skip
    ranks = np.unique(np.concatenate(breaks)).astype(np.int64)
    # The rank is 1 + the number of others above; of itself the count has about ½.
    centre, spread = better[0][:, None] + 0.5, np.sqrt(np.maximum(better[1], 1e-12))[:, None]
    given = scipy.special.ndtr((ranks + 0.5 - centre) / spread)
    return _read(lambda chunk: _masses(mean[chunk], deviation[chunk], points) @ given, ranks, k)


def _exactly(mean: Floats, deviation: Floats, points: Floats) -> Told:
    k = len(mean)
    p = scipy.special.ndtr((mean[:, None] - points) / deviation[:, None])
    all_of_them = _poisson_binomial(p)
    masses = _masses(mean, deviation, points)
    chances = np.empty((k, k))
    for store in range(k):
        chances[store] = _without(all_of_them, p[store]) @ masses[store]
    cumulative = np.cumsum(chances, axis=1)
    return _read(lambda chunk: cumulative[chunk], np.arange(1, k + 1), k)


def _poisson_binomial(p: Floats) -> Floats:
    """count × point: the distribution of the number of successes among the rows of `p`."""
    chances = np.zeros((len(p) + 1, p.shape[1]))
    chances[0] = 1.0
    for done, one in enumerate(p, start=1):
        chances[1 : done + 1] = chances[1 : done + 1] * (1 - one) + chances[:done] * one
        chances[0] *= 1 - one
    return chances


def _without(chances: Floats, p: Floats) -> Floats:
    """The same distribution with one trial of probability p less. f = (1 − p)·g + p·(g moved by
    one), solved from below where p ≤ ½ and from above elsewhere, so that no error grows."""
    k = len(chances) - 1
    left = np.empty((k, chances.shape[1]))
    low = p <= 0.5
    q, high_p = 1 - p[low], p[~low]
    upward, downward = chances[:, low], chances[:, ~low]
    rising, falling = np.zeros(len(q)), np.zeros(len(high_p))
    up, down = p[low] / q, (1 - high_p) / high_p
    for count in range(k):
        rising = upward[count] / q - up * rising
        left[count, low] = rising
        falling = downward[k - count] / high_p - down * falling
        left[k - 1 - count, ~low] = falling
    return left
