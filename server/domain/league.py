"""What a ranking says of each store among those that it is ranked with, as it is published."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from server.domain import ranks
from server.domain.cells import Floats, Ints, points
from server.domain.changes import Change
from server.domain.changes import changes as domain_changes
from server.domain.estimates import Z95, Estimates

LOW_RANKABILITY = 0.5
_OF_STORES = frozenset(
    {
        "store", "n_visits", "n_eff", "n_shoppers", "raw_mean", "adjusted_mean", "se", "pev",
        "unshrunk_mean", "unshrunk_se", "reliability", "block",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A store's place; ranks are None where nobody is ranked, quarters below four stores."""

    of: int
    tier: str
    provisional: bool
    rank: int | None = None
    expected_rank: float | None = None
    rank_interval90: list[int] | None = None
    rank_set95: list[int] | None = None
    p_top_quartile: float | None = None
    p_bottom_quartile: float | None = None

    def fields(self) -> dict[str, Any]:
        """All of it by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def some(estimates: Estimates, rows: Ints) -> Estimates:
    """The estimates of some stores alone: what they are among themselves."""
    kept = {name: getattr(estimates, name)[rows] for name in _OF_STORES}
    return replace(estimates, **kept)


def places(estimates: Estimates, rows: Ints) -> list[Place]:
    """The places of the stores of these rows among themselves, in the rows' order."""
    if not len(rows):
        return []
    found = ranks.rank(some(estimates, rows))
    return [_place(found, index) for index in range(len(rows))]


def _place(found: ranks.Ranks, index: int) -> Place:
    of, tier, provisional = found.of, str(found.tier[index]), bool(found.provisional[index])
    if found.rank is None or found.expected_rank is None:
        return Place(of, tier, provisional)
    return Place(
        of,
        tier,
        provisional,
        int(found.rank[index]),
        points(found.expected_rank[index]),
        _pair(found.rank_interval90, index),
        _pair(found.rank_set95, index),
        _chance(found.p_top_quartile, index),
        _chance(found.p_bottom_quartile, index),
    )


def _pair(columns: tuple[Ints, Ints] | None, index: int) -> list[int] | None:
    return None if columns is None else [int(column[index]) for column in columns]


def _chance(column: Floats | None, index: int) -> float | None:
    return None if column is None else points(min(max(float(column[index]), 0.0), 1.0))


def interval(mean: float | None, error: float) -> list[float]:
    """The 95 % interval of a mean with this standard error, in points from 0 to 100."""
    mean = mean or 0.0
    low, high = max(mean - Z95 * float(error), 0.0), min(mean + Z95 * float(error), 100.0)
    return [points(low) or 0.0, points(high) or 0.0]


def changes(
    before: Sequence[tuple[float, float] | None], after: Sequence[tuple[float, float] | None]
) -> list[dict[str, Any] | None]:
    """Of each store's (mean, variance) before and after, what changed; None where one of the two
    is not known."""
    pairs = list(zip(before, after, strict=True))
    both = [(early, late) for early, late in pairs if early is not None and late is not None]
    told = iter(domain_changes([early for early, _ in both], [late for _, late in both]))
    return [None if early is None or late is None else _change(next(told)) for early, late in pairs]


def _change(change: Change) -> dict[str, Any]:
    return {
        "delta": points(change.delta),
        "z": points(change.z),
        "q": None if change.q is None else round(change.q, 4),
        "significant": change.significant,
    }


def mean(estimates: Estimates, rows: Ints) -> dict[str, float | None]:
    """The mean of some stores' means, every store weighing the same, with its error."""
    if not len(rows):
        return {"mean": None, "mean_se": None, "raw_mean": None}
    made = some(estimates, rows)
    own = float(made.pev.sum()) / len(rows) ** 2
    shared = max(float((made.se**2 - made.pev).mean()), 0.0)
    return {
        "mean": points(float(made.adjusted_mean.mean())),
        "mean_se": points(math.sqrt(own + shared)),
        "raw_mean": points(float(made.raw_mean.mean())),
    }


def plain_mean(values: Sequence[float]) -> float | None:
    """The mean of published figures; None of none."""
    return points(math.fsum(values) / len(values)) if values else None


def warnings(estimates: Estimates, rows: Ints) -> list[str]:
    """What a reader of the ranking must know, most serious first."""
    if not len(rows):
        return []
    made, said = some(estimates, rows), []
    if len(rows) > 1 and made.variances.store <= 0:
        said.append("The visits show no difference between the stores: nobody is ranked.")
    if (blocks := len(np.unique(made.block))) > 1:
        said.append(
            f"No chain of shared shoppers connects all stores: they fall into {blocks} blocks, and "
            "between two blocks a good store cannot be told from a lenient shopper."
        )
    rankability = made.rankability
    if rankability is not None and 0 < rankability < LOW_RANKABILITY:
        said.append(
            f"Rankability is {rankability:.2f}: most of what differs between stores' means is "
            "chance. Read the intervals, not the ranks."
        )
    few = int((made.n_eff < ranks.PROVISIONAL_BELOW).sum())
    if few:
        said.append(f"{few} of {len(rows)} stores have too few visits to act on.")
    return said
