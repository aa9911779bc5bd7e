"""server.domain.ranks: expected ranks, their distribution, confidence sets, tiers."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from server.domain import rank_distribution, rank_sets
from server.domain.cells import Floats
from server.domain.estimates import Estimates, estimate
from server.domain.mixed_model import fit
from server.domain.rank_distribution import RankDistribution, distribution
from server.domain.ranks import Ranks, Tier, rank
from tests.domain.designs import visits

DRAWS = 20_000


def stores(seed: int, k: int) -> tuple[Floats, Floats]:
    """Means and variances."""
    random = np.random.default_rng(seed)
    return random.normal(70, 4, k), random.uniform(1, 9, k)


def drawn(mean: Floats, variance: Floats) -> np.ndarray:
    """Ranks of drawn levels, draw × store."""
    levels = np.random.default_rng(1).normal(mean, np.sqrt(variance), (DRAWS, len(mean)))
    return np.argsort(np.argsort(-levels, axis=1), axis=1) + 1


@pytest.mark.parametrize("k", [4, 5, 37, 200, 201, 700])
def test_the_distribution_is_that_of_drawn_levels(k: int) -> None:
    mean, variance = stores(k, k)
    told, ranks = distribution(mean, variance), drawn(mean, variance)
    quarter = k // 4
    chance = 4 * np.sqrt(0.25 / DRAWS) + (0.005 if k > rank_distribution.EXACT else 0)
    assert told.expected == pytest.approx(ranks.mean(axis=0), abs=0.015 * k)
    assert told.top == pytest.approx((ranks <= quarter).mean(axis=0), abs=chance)
    assert told.bottom == pytest.approx((ranks > k - quarter).mean(axis=0), abs=chance)
    for ours, level in ((told.low, 0.05), (told.high, 0.95)):
        theirs = np.quantile(ranks, level, axis=0, method="inverted_cdf")
        assert np.abs(ours - theirs).max() <= 1 + 0.01 * k


def test_four_stores_by_hand() -> None:
    """All orders of four normal levels, each order's chance by drawing a great many."""
    mean, variance = np.array([3.0, 2.0, 2.0, 0.0]), np.array([1.0, 1.0, 4.0, 1.0])
    told = distribution(mean, variance)
    levels = np.random.default_rng(2).normal(mean, np.sqrt(variance), (400_000, 4))
    best = dict.fromkeys(permutations(range(4)), 0)
    orders, counts = np.unique(np.argsort(-levels, axis=1), axis=0, return_counts=True)
    best.update({tuple(order): count for order, count in zip(orders, counts, strict=True)})
    for store in range(4):
        first = sum(count for order, count in best.items() if order[0] == store) / 400_000
        assert told.top[store] == pytest.approx(first, abs=0.003)
    assert told.top.sum() == pytest.approx(1, abs=1e-3)
    assert told.bottom.sum() == pytest.approx(1, abs=1e-3)


def test_expected_ranks_by_their_formula() -> None:
    mean, variance = np.array([3.0, 2.0, 0.0]), np.array([1.0, 3.0, 1.0])
    told = distribution(mean, variance).expected
    beaten = ndtr(-1 / 2), ndtr(-3 / np.sqrt(2))
    assert told[0] == pytest.approx(1 + beaten[0] + beaten[1])
    assert told.sum() == pytest.approx(6)


@pytest.mark.parametrize("k", [8, 200, 400])
def test_equal_stores_have_equal_chances(k: int) -> None:
    told = distribution(np.full(k, 70.0), np.full(k, 4.0))
    assert told.top == pytest.approx(0.25, abs=2e-3)
    assert told.bottom == pytest.approx(0.25, abs=2e-3)
    assert told.expected == pytest.approx((k + 1) / 2)


def test_many_stores_are_nearly_what_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The normal approximation against the exact distribution, on the same stores."""
    mean, variance = stores(3, 200)
    exact = distribution(mean, variance)
    monkeypatch.setattr(rank_distribution, "EXACT", 0)
    near = distribution(mean, variance)
    assert near.top == pytest.approx(exact.top, abs=0.01)
    assert near.bottom == pytest.approx(exact.bottom, abs=0.01)
    assert np.abs(near.low - exact.low).max() <= 2
    assert np.abs(near.high - exact.high).max() <= 2


def test_expected_ranks_of_many_stores_agree_with_all_pairs() -> None:
    mean, variance = stores(4, 2_500)
    pairs = ndtr((mean - mean[:, None]) / np.sqrt(variance + variance[:, None]))
    told = distribution(mean, variance).expected
    assert told == pytest.approx(0.5 + pairs.sum(axis=1), abs=0.2)


def test_certain_stores_have_one_rank() -> None:
    told = distribution(np.array([1.0, 3.0, 2.0, 0.0]), np.zeros(4))
    assert told.low.tolist() == told.high.tolist() == [3, 1, 2, 4]
    assert told.expected == pytest.approx([3, 1, 2, 4])


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize("errors", [np.ones(6), np.array([0.5, 1, 1, 2, 3, 3])])
def test_critical_values_hold_their_level(errors: Floats, two_sided: bool) -> None:
    critical = rank_sets.critical_values(errors, 0.95, two_sided=two_sided)
    noise = np.random.default_rng(5).normal(0, errors, (200_000, len(errors)))
    for store, c in enumerate(critical):
        apart = (noise - noise[:, [store]]) / np.hypot(errors, errors[store])
        apart = np.abs(apart) if two_sided else apart
        assert (apart.max(axis=1) <= c).mean() == pytest.approx(0.95, abs=0.003)


def test_interpolated_critical_values_are_the_exact_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = np.sqrt(stores(6, 80)[1])
    near = rank_sets.critical_values(errors, 0.95)
    monkeypatch.setattr(rank_sets, "_EXACT_VALUES", 80)
    assert near == pytest.approx(rank_sets.critical_values(errors, 0.95), abs=2e-3)


def test_rank_sets_cover_the_true_rank() -> None:
    truth, variance = stores(7, 30)
    error = np.sqrt(variance)
    order = np.argsort(np.argsort(-truth)) + 1
    random = np.random.default_rng(8)
    covered, widths, no_better, no_worse = [], [], [], []
    for _ in range(60):
        first, last = rank_sets.rank_sets(random.normal(truth, error), error)
        covered.append((first <= order) & (order <= last))
        widths.append(last - first)
        best, worst = rank_sets.rank_bounds(random.normal(truth, error), error)
        no_better.append(best <= order)
        no_worse.append(order <= worst)
    for side in (no_better, no_worse):
        assert np.mean(side, axis=0).min() >= 0.88
        assert np.mean(side) >= 0.95
    assert np.mean(covered, axis=0).min() >= 0.9
    assert np.mean(covered) >= 0.95
    assert 10 < np.mean(widths) < 29


def test_classes_of_errors_only_widen_the_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    mean, variance = stores(9, 1_000)
    error = np.sqrt(variance) / 4
    exact = rank_sets.rank_sets(mean, error)
    monkeypatch.setattr(rank_sets, "PAIRWISE", 0)
    wide = rank_sets.rank_sets(mean, error)
    assert (wide[0] <= exact[0]).all()
    assert (wide[1] >= exact[1]).all()
    assert np.mean(wide[1] - wide[0]) < 1.02 * np.mean(exact[1] - exact[0])


def ranked(seed: int = 1, **options: int) -> tuple[Estimates, Ranks]:
    made = visits(seed, **({"n": 300, "stores": 30, "shoppers": 8} | options)).cells
    estimates = estimate(made, fit(made))
    return estimates, rank(estimates)


def test_a_ranking() -> None:
    estimates, ranks = ranked(n=900)
    assert ranks.ranked
    assert ranks.of == 30
    assert ranks.rank is not None
    assert ranks.rank_interval90 is not None
    assert ranks.p_top_quartile is not None
    assert sorted(ranks.rank) == list(range(1, 31))
    low, high = ranks.rank_interval90
    assert ((low <= ranks.rank) & (ranks.rank <= high)).all()
    assert (ranks.tier == Tier.TOP).tolist() == (ranks.p_top_quartile >= 0.8).tolist()
    assert 0 < (ranks.tier == Tier.TOP).sum() < 8
    assert (ranks.provisional == (estimates.n_eff < 3)).all()


def equal_columns(one: Ranks, other: Ranks, order: np.ndarray) -> None:
    for name in ("rank", "tier", "provisional"):
        assert (getattr(one, name)[order] == getattr(other, name)).all()
    for name in ("expected_rank", "p_top_quartile", "p_bottom_quartile"):
        assert getattr(other, name) == pytest.approx(getattr(one, name)[order], abs=1e-9)
    for name in ("rank_interval90", "rank_set95"):
        for ours, theirs in zip(getattr(one, name), getattr(other, name), strict=True):
            assert (ours[order] == theirs).all()


@settings(max_examples=8)
@given(st.permutations(range(30)))
def test_another_order_of_stores_permutes_the_ranks(order: list[int]) -> None:
    estimates, ranks = ranked()
    columns = ("store", "n_eff", "adjusted_mean", "pev", "unshrunk_mean", "unshrunk_se")
    moved = replace(estimates, **{name: getattr(estimates, name)[order] for name in columns})
    equal_columns(ranks, rank(moved), np.array(order))


def test_ties_share_a_rank() -> None:
    estimates, _ = ranked()
    twice = replace(
        estimates, adjusted_mean=estimates.adjusted_mean.round(-1), pev=np.full(30, 4.0)
    )
    told = rank(twice).rank
    assert told is not None
    means = twice.adjusted_mean
    assert told.tolist() == [1 + int((means > mean).sum()) for mean in means]
    assert len(set(told)) < 30


def test_where_stores_do_not_differ_nobody_is_ranked() -> None:
    made = visits(3, n=200, stores=20, shoppers=5, deviations=(0, 5, 5)).cells
    found = fit(made)
    assert found.variances.store == 0
    told = rank(estimate(made, found))
    assert not told.ranked
    assert told.rank is told.expected_rank is told.rank_set95 is told.p_top_quartile is None
    assert set(told.tier) == {Tier.UNDETERMINED}
    assert len(told.provisional) == 20


def test_three_stores_have_no_quarters() -> None:
    _, told = ranked(5, n=200, stores=3)
    assert told.ranked
    assert told.p_top_quartile is None
    assert set(told.tier) == {Tier.UNDETERMINED}


def test_the_same_twice_is_bitwise_the_same() -> None:
    one, other = (distribution(*stores(11, 300)) for _ in range(2))
    for name in RankDistribution.__dataclass_fields__:
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_intervals_and_chances_hold_in_simulation() -> None:
    """Visits with severity, variances fitted from them, ranks against the true order."""
    held, surely, chances, top = [], [], [], []
    for seed in range(24):
        made = visits(seed, n=240, stores=40, shoppers=12, deviations=(5, 5, 6))
        told = rank(estimate(made.cells, fit(made.cells)))
        assert told.rank_interval90 is not None
        assert told.rank_set95 is not None
        assert told.p_top_quartile is not None
        true = np.argsort(np.argsort(-made.stores)) + 1
        for bounds, found in ((told.rank_interval90, held), (told.rank_set95, surely)):
            found.append((bounds[0] <= true) & (true <= bounds[1]))
        chances.append(told.p_top_quartile)
        top.append(true <= 10)
    chance, was = np.concatenate(chances), np.concatenate(top)
    assert np.mean(held) == pytest.approx(0.92, abs=0.02)
    assert np.mean(surely) >= 0.95
    for low in (0.0, 0.25, 0.5, 0.8):
        some = (chance >= low) & (chance < low + 0.25)
        assert was[some].mean() == pytest.approx(chance[some].mean(), abs=0.08)
