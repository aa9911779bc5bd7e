"""What a ranking says of each store among those that it is ranked with, as it is published."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from server.domain import guarding, ranks
from server.domain.cells import Floats, Ints, points
from server.domain.changes import FALSE_DISCOVERIES, Change, false_discovery_rates
from server.domain.changes import changes as domain_changes
from server.domain.estimates import Z95, Estimates
from server.domain.mixed_model import Variances

LOW_RANKABILITY = 0.5
_OF_STORES = frozenset(
    {
        "store", "n_visits", "n_eff", "n_shoppers", "raw_mean", "adjusted_mean", "level_se", "se",
        "pev", "unshrunk_mean", "unshrunk_se", "reliability", "block", "own_mean", "concentration",
        "largest_share",
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
    rank_bounds95: list[int] | None = None
    p_top_quartile: float | None = None
    p_bottom_quartile: float | None = None

    def fields(self) -> dict[str, Any]:
        """All of it by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def some(estimates: Estimates, rows: Ints) -> Estimates:
    """The estimates of some stores alone: what they are among themselves."""
    kept = {name: getattr(estimates, name)[rows] for name in _OF_STORES}
    return replace(estimates, **kept)


def levels(estimates: Estimates, rows: Ints) -> list[dict[str, Any]]:
    """What the visits of the stores of these rows say of each, whatever the others are."""
    made = some(estimates, rows)
    count = len(rows)
    errors = rounded(made.se) if made.tells_errors else [None] * count
    columns = {
        "n_visits": made.n_visits.tolist(),
        "n_eff": rounded(made.n_eff),
        "n_shoppers": made.n_shoppers.tolist(),
        "few_shoppers": guarding.few(made).tolist(),
        "adjusted_mean": rounded(shown(made.adjusted_mean)),
        "se": errors,
        "interval95": intervals(made),
        "reliability": rounded(made.reliability),
        "comparable_block": [block or None for block in made.block.tolist()],
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


KEPT = ("adjusted_mean", "pev", "level_se", "unshrunk_mean", "unshrunk_se")
"""Of a store's estimates, what ranking it anew needs more exactly than it is published."""


def kept(estimates: Estimates, rows: Ints) -> list[list[float]]:
    """KEPT of the stores of these rows."""
    columns = (getattr(estimates, name)[rows].tolist() for name in KEPT)
    return [[float(f"{value:.10g}") for value in row] for row in zip(*columns, strict=True)]


def again(
    levels: Sequence[dict[str, Any]],
    kept: Sequence[Sequence[float]],
    mu: float,
    variances: Variances,
) -> Estimates:
    """The estimates that these `levels` were published from, as far as they are known."""
    count = len(levels)
    numbers = np.array(kept, dtype=np.float64).reshape(count, len(KEPT))
    columns = {name: numbers[:, at] for at, name in enumerate(KEPT)}
    for name in ("n_eff", "raw_mean", "reliability"):
        columns[name] = np.array([level[name] for level in levels], dtype=np.float64)
    people = np.array([level["n_shoppers"] for level in levels], dtype=np.int64)
    few = np.array([level["few_shoppers"] for level in levels], dtype=np.bool_)
    nobody = np.zeros(0)
    return Estimates(
        **columns,
        store=np.arange(count),
        n_visits=np.array([level["n_visits"] for level in levels], dtype=np.int64),
        n_shoppers=people,
        se=columns["level_se"],
        block=np.array([level["comparable_block"] or 0 for level in levels], dtype=np.int64),
        own_mean=columns["raw_mean"],
        concentration=np.ones(count),
        largest_share=np.where(few, 1.0, 0.0),
        shopper=nobody.astype(np.int64),
        shopper_severity=nobody,
        shopper_pev=nobody,
        mu=mu,
        variances=variances,
    )


def rounded(column: Floats) -> list[float]:
    """A column as it is published."""
    return [round(value, 3) for value in column.tolist()]


def shown(column: Floats) -> Floats:
    """Figures within 0 to 100, where every true level lies: the nearest point there is no farther
    from it. An interval is laid about the figure as shown, so it holds that, is never empty, and
    holds the true level as often."""
    return np.clip(column, 0.0, 100.0)


def intervals(estimates: Estimates) -> list[list[float] | None]:
    """Each store's 95 % interval; None where nothing tells how far off a mean may be."""
    if not estimates.tells_errors:
        return [None] * len(estimates.store)
    centred = replace(
        estimates,
        adjusted_mean=shown(estimates.adjusted_mean),
        unshrunk_mean=shown(estimates.unshrunk_mean),
    )
    ends = (shown(column) for column in centred.interval95)
    return [list(pair) for pair in zip(*map(rounded, ends), strict=True)]


def interval(mean: float, error: float) -> list[float]:
    """The 95 % interval of a mean with this standard error, in points from 0 to 100."""
    middle = shown(np.array([mean]))
    return [rounded(shown(middle + side * error))[0] for side in (-Z95, Z95)]


def places(estimates: Estimates, rows: Ints) -> list[Place]:
    """The places of the stores of these rows among themselves, in the rows' order."""
    if not len(rows):
        return []
    found = ranks.rank(some(estimates, rows))
    tiers, provisional = found.tier.tolist(), found.provisional.tolist()
    if found.rank is None or found.expected_rank is None:
        return [Place(found.of, *pair) for pair in zip(tiers, provisional, strict=True)]
    columns = (
        tiers,
        provisional,
        found.rank.tolist(),
        rounded(found.expected_rank),
        _pairs(found.rank_interval90, len(rows)),
        _pairs(found.rank_set95, len(rows)),
        _pairs(found.rank_bounds95, len(rows)),
        _chances(found.p_top_quartile, len(rows)),
        _chances(found.p_bottom_quartile, len(rows)),
    )
    return [Place(found.of, *row) for row in zip(*columns, strict=True)]


def _pairs(columns: tuple[Ints, Ints] | None, count: int) -> list[list[int] | None]:
    if columns is None:
        return [None] * count
    return [list(pair) for pair in zip(*(one.tolist() for one in columns), strict=True)]


def _chances(column: Floats | None, count: int) -> list[float | None]:
    return [None] * count if column is None else list(rounded(np.clip(column, 0.0, 1.0)))


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
    """The mean of some stores' means, every store weighing the same, with its error; `mean_own_se`
    is that without what all stores share (μ), for comparing it with others' of the same visits."""
    if not len(rows):
        return dict.fromkeys(("mean", "mean_se", "mean_own_se", "raw_mean"))
    made = some(estimates, rows)
    own = float(made.pev.sum()) / len(rows) ** 2
    shared = max(float((made.level_se**2 - made.pev).mean()), 0.0)
    return {
        "mean": points(float(shown(made.adjusted_mean).mean())),
        "mean_se": points(math.sqrt(own + shared)) if made.tells_errors else None,
        "mean_own_se": points(math.sqrt(own)) if made.tells_errors else None,
        "raw_mean": points(float(made.raw_mean.mean())),
    }


def plain_mean(values: Sequence[float]) -> float | None:
    """The mean of published figures; None of none."""
    return points(math.fsum(values) / len(values)) if values else None


def rediscovered(changes: Sequence[dict[str, Any] | None]) -> list[dict[str, Any] | None]:
    """Changes as they are among these stores alone: their false-discovery rates anew."""
    tested = [one for one in changes if one is not None and one["z"] is not None]
    told = iter(false_discovery_rates([one["z"] for one in tested]))
    return [
        one
        if one is None or one["z"] is None
        else one | {"q": round(q := next(told), 4), "significant": q <= FALSE_DISCOVERIES}
        for one in changes
    ]


def warnings(
    estimates: Estimates, rows: Ints, *, guarded: bool = False, chosen: bool = False
) -> list[str]:
    """What a reader of the ranking must know, most serious first; `chosen`: of chosen visits."""
    if not len(rows):
        return []
    made, said = some(estimates, rows), []
    if len(rows) > 1 and made.variances.store <= 0:
        said.append("The visits show no difference between the stores: nobody is ranked.")
    if (blocks := len(np.unique(made.block[made.block != guarding.NO_BLOCK]))) > 1:
        said.append(
            f"No chain of shared shoppers connects all stores: they fall into {blocks} blocks, and "
            "between two blocks a good store cannot be told from a lenient shopper."
        )
    few = int(guarding.few(made).sum())
    if guarded and chosen:
        said.append(
            "By a period, a wave, a measure or a promise, what is said of the stores rests on "
            "their own visits as they are, however strict who made them is, and is less sure."
        )
    elif guarded and few:
        said.append(
            f"{few} of {len(rows)} stores were visited by too few shoppers to say how strict these "
            "are: what is said of them rests on their own visits as they are, and is less sure."
        )
    rankability = made.rankability
    if rankability is not None and 0 < rankability < LOW_RANKABILITY:
        said.append(
            f"Rankability is {rankability:.2f}: most of what differs between stores' means is "
            "chance. Read the intervals, not the ranks."
        )
    unsure = int((made.n_eff < ranks.PROVISIONAL_BELOW).sum())
    if unsure:
        said.append(f"{unsure} of {len(rows)} stores have too few visits to act on.")
    return said
