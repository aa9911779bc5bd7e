"""server.domain.estimates: shrunk means, their errors, and what must not move them."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import cells, connectivity, predictions
from server.domain.cells import Floats
from server.domain.estimates import Estimates, between_refits, estimate, shrinkage
from server.domain.mixed_model import Fit, Variances, fit
from server.domain.predictions import Effects
from server.domain.ranks import rank
from tests.domain import oracles
from tests.domain.designs import Visits, visits

SMALL = {"n": 240, "stores": 40, "shoppers": 8}
LARGE_OR_NOT = pytest.mark.parametrize(("stores", "shoppers"), [(12, 7), (7, 12)])


def estimated(made: Visits) -> Estimates:
    return estimate(made.cells, fit(made.cells))


def test_dyestuff() -> None:
    """Davies 1972: the effects of the six batches at the variances by REML."""
    rows = oracles.read("Dyestuff")
    batches = np.unique([row["Batch"] for row in rows], return_inverse=True)[1]
    made = cells.of_visits(batches, np.zeros(30), [float(row["Yield"]) for row in rows])
    told = estimate(made, fit(made))
    effects = [-17.607, 0.391, 28.562, -23.085, 56.733, -44.995]
    assert told.adjusted_mean - told.mu == pytest.approx(effects, abs=6e-4)


def test_batting_averages() -> None:
    """Efron and Morris 1975: 1 − λ = 15/V = .791, squared error 17.58 → 5.00, 15 of 18 closer."""
    rows = oracles.read("EfronMorris")
    early, late = (np.array([float(row[name]) for row in rows]) for name in ("y", "p"))
    seen, true = (np.sqrt(45) * np.arcsin(2 * p - 1) for p in (early, late))
    spread = float(((seen - seen.mean()) ** 2).sum())
    assert spread == pytest.approx(18.97, abs=0.02)
    variances = Variances(1 / (15 / spread) - 1, 0.0, 1.0)
    assert shrinkage(variances, np.ones(1))[0] == pytest.approx(0.209, abs=0.001)
    players = cells.of_visits(np.arange(18), np.zeros(18), seen)
    told = estimate(players, Fit(float(seen.mean()), variances, 18, 18, 1)).adjusted_mean
    assert ((seen - true) ** 2).sum() == pytest.approx(17.58, abs=0.05)
    assert ((told - true) ** 2).sum() == pytest.approx(5.00, abs=0.03)
    assert (np.abs(told - true) < np.abs(seen - true)).sum() == 15


@LARGE_OR_NOT
def test_the_equations_in_full_give_the_same(stores: int, shoppers: int) -> None:
    """Henderson's equations as one dense matrix of visits."""
    made = visits(1, n=90, stores=stores, shoppers=shoppers)
    v = Variances(25.0, 16.0, 81.0)
    told = estimate(made.cells, Fit(70, v, 90, stores, shoppers))
    levels = (np.eye(stores)[made.store], np.eye(shoppers)[made.shopper])
    z = np.hstack([np.ones((90, 1)), *levels])
    penalty = np.diag([0.0] + [1 / v.store] * stores + [1 / v.shopper] * shoppers)
    inverse = np.linalg.inv(z.T @ z / v.error + penalty)
    solution = inverse @ z.T @ made.score / v.error
    level = np.hstack([np.ones((stores, 1)), np.eye(stores), np.zeros((stores, shoppers))])
    assert told.adjusted_mean == pytest.approx(level @ solution)
    assert told.se**2 == pytest.approx(np.diag(level @ inverse @ level.T))
    assert told.shopper_severity == pytest.approx(solution[1 + stores :])
    assert told.shopper_pev == pytest.approx(np.diag(inverse)[1 + stores :])
    of_stores = inverse[1 : 1 + stores, 1 : 1 + stores]
    assert_adds_up(told.pev, of_stores)
    fixed = np.linalg.inv((z.T @ z / v.error + penalty * (penalty != 1 / v.store))[1:, 1:])
    assert told.unshrunk_mean == pytest.approx((fixed @ z.T[1:] @ made.score / v.error)[:stores])
    assert_adds_up(told.unshrunk_se**2, fixed[:stores, :stores])


def assert_adds_up(quasi: Floats, covariance: np.ndarray) -> None:
    """Two quasi-variances are nearly the variance of a difference."""
    for one, other in itertools.combinations(range(len(quasi)), 2):
        true = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
        assert quasi[one] + quasi[other] == pytest.approx(true, rel=0.12)


def test_iteration_gives_the_means_and_nearly_the_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    made = visits(2, n=3_000, stores=200, shoppers=80)
    found = fit(made.cells)
    exact = estimate(made.cells, found)
    monkeypatch.setattr(predictions, "LARGE", 0)
    near = estimate(made.cells, found)
    assert near.adjusted_mean == pytest.approx(exact.adjusted_mean, abs=1e-6)
    assert near.unshrunk_mean == pytest.approx(exact.unshrunk_mean, abs=1e-6)
    assert near.shopper_severity == pytest.approx(exact.shopper_severity, abs=1e-6)
    assert near.se == pytest.approx(exact.se, rel=0.05)
    assert near.pev == pytest.approx(exact.pev, rel=0.03)
    assert near.unshrunk_se == pytest.approx(exact.unshrunk_se, rel=0.03)


def test_between_refits_is_the_same_and_nearly_as_sure() -> None:
    made = visits(3, **SMALL)
    found = fit(made.cells)
    told = estimate(made.cells, found)
    severity = Effects(told.shopper_severity, told.shopper_pev)
    quick = between_refits(made.cells, told.mu, found.variances, severity)
    assert quick.value == pytest.approx(told.adjusted_mean)
    assert np.sqrt(quick.pev) == pytest.approx(told.se, rel=0.15)


def test_intervals_cover_at_their_level() -> None:
    """Of the stores' true levels, with variances fitted from the same visits. σ²store(1 − λ) alone
    would forget that severity is estimated."""
    inside, naive = [], []
    for seed in range(60):
        made = visits(seed, n=200, stores=40, shoppers=12, deviations=(5, 6, 5))
        told = estimated(made)
        off = np.abs(told.adjusted_mean - 70 - made.stores)
        forgetful = np.sqrt(told.variances.store * (1 - told.reliability))
        inside.append(off <= 1.96 * told.se)
        naive.append(off <= 1.96 * forgetful)
    assert np.mean(inside) == pytest.approx(0.945, abs=0.02)
    assert np.mean(naive) < 0.9


def test_stores_of_equal_n_shrink_by_lambda() -> None:
    """λ·ȳ + (1 − λ)·μ, by hand: variances 4 and 12, three visits each, so λ = 4/(4 + 4) = ½."""
    made = cells.of_visits(np.repeat([0, 1], 3), np.zeros(6), [70, 80, 90, 50, 60, 70])
    told = estimate(made, Fit(70, Variances(4.0, 0.0, 12.0), 6, 2, 1))
    assert told.reliability.tolist() == [0.5, 0.5]
    assert told.adjusted_mean == pytest.approx([75, 65])
    assert told.raw_mean.tolist() == [80, 60]


@settings(max_examples=8)
@given(st.integers(0, 1_000), st.randoms(use_true_random=False))
def test_order_and_names_make_no_difference(seed: int, random: object) -> None:
    made = visits(seed, **SMALL)
    names = np.random.default_rng(seed).permutation(40)
    order = np.random.default_rng(seed + 1).permutation(len(made.score))
    told = estimated(made)
    other = cells.of_visits(names[made.store][order], made.shopper[order], made.score[order])
    moved = estimate(other, fit(other))
    # The row of the store that had the index i.
    assert moved.adjusted_mean[names] == pytest.approx(told.adjusted_mean, abs=1e-3)
    assert moved.se[names] == pytest.approx(told.se, rel=1e-3)
    assert (moved.n_shoppers[names] == told.n_shoppers).all()
    ours, theirs = rank(told), rank(moved)
    assert ours.ranked == theirs.ranked
    if ours.rank is not None and theirs.rank is not None:
        assert (theirs.rank[names] == ours.rank).all()


@settings(max_examples=8)
@given(st.integers(0, 1_000), st.sampled_from([-60.0, 0.125, 1_000.0]))
def test_a_constant_moves_every_mean_by_it_and_no_rank(seed: int, constant: float) -> None:
    made = visits(seed, **SMALL)
    told, moved = estimated(made), estimated(replace(made, score=made.score + constant))
    assert moved.adjusted_mean == pytest.approx(told.adjusted_mean + constant, abs=1e-3)
    assert moved.unshrunk_mean == pytest.approx(told.unshrunk_mean + constant, abs=1e-3)
    ours, theirs = rank(told), rank(moved)
    assert (ours.rank == theirs.rank) if ours.rank is None else (ours.rank == theirs.rank).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_harsh_shopper_moves_raw_means_much_more(seed: int) -> None:
    made = visits(seed, **SMALL)
    harsher = replace(made, score=made.score - 25 * (made.shopper == 3))
    before, after = estimated(made), estimated(harsher)

    def moved(name: str) -> float:
        """How far stores moved apart from each other."""
        return float(np.std(getattr(after, name) - getattr(before, name)))

    assert moved("adjusted_mean") < moved("raw_mean") / 8
    assert moved("unshrunk_mean") < moved("raw_mean") / 5


def test_weights_say_what_counts_more() -> None:
    """Two visits weighing 1, two weighing ½: n_eff = 3²/2.5 = 3.6, and the mean is theirs."""
    variances = Variances(100.0, 0.0, 100.0)
    made = cells.of_visits([0] * 4 + [1], [0] * 5, [90, 90, 60, 60, 50], [1, 1, 0.5, 0.5, 1])
    told = estimate(made, Fit(0, variances, 5, 2, 1))
    assert told.n_visits.tolist() == [4, 1]
    assert told.n_eff == pytest.approx([3.6, 1])
    assert told.raw_mean.tolist() == [75, 50]
    assert told.unshrunk_mean == pytest.approx([80, 50])
    assert told.unshrunk_se[0] == pytest.approx(np.sqrt(100 / 3.6))


def test_the_age_of_all_visits_costs_a_store_nothing() -> None:
    made = visits(4, **SMALL)
    found = fit(made.cells)
    old = replace(made.cells, weight=np.where(made.store == 7, 0.01, 1.0))
    told, aged = estimate(made.cells, found), estimate(old, found)
    assert aged.adjusted_mean == pytest.approx(told.adjusted_mean)
    assert aged.n_eff == pytest.approx(told.n_eff)


def test_recency_halves_by_half_lives() -> None:
    assert cells.recency([0, 6, 12, -6], 6).tolist() == [1, 0.5, 0.25, 2]
    assert cells.recency([1e9], 1)[0] > 0
    with pytest.raises(ValueError, match="half-life"):
        cells.recency([1], 0)


def test_rows_without_visits_or_weight_are_not_there() -> None:
    made = cells.cells([0, 1, 2], [0, 0, 0], [1, 0, 1], [5, 0, 7], [25, 0, 49], [1, 1, 0])
    assert made.store.tolist() == [0]
    told = estimate(made, fit(made))
    assert told.store.tolist() == [0]
    assert told.adjusted_mean.tolist() == [5]


def test_blocks_are_what_shoppers_connect() -> None:
    made = cells.of_visits([0, 0, 1, 2, 2, 3, 5], [0, 1, 1, 2, 3, 3, 9], np.zeros(7))
    assert connectivity.blocks(made, 6).tolist() == [1, 1, 2, 2, 3, 4]
    assert estimate(made, fit(made)).block.tolist() == [1, 1, 2, 2, 3]


def test_what_no_chain_connects_is_compared_unsurely() -> None:
    """A block with a shopper of its own: severity's variance is in the comparison with others."""
    made = visits(5, n=400, stores=20, shoppers=5)
    variances = Variances(25.0, 16.0, 81.0)
    alone = cells.of_visits(
        np.concatenate([made.store, [20] * 40]),
        np.concatenate([made.shopper, [5] * 40]),
        np.concatenate([made.score, np.full(40, 70.0)]),
    )
    told = estimate(alone, Fit(70, variances, 440, 21, 6))
    assert told.block.tolist() == [1] * 20 + [2]
    assert told.unshrunk_se[20] ** 2 > 16
    assert told.unshrunk_se[:20].max() ** 2 < 10
    assert told.pev[20] > 2 * told.pev[:20].max()


DEGENERATE: dict[str, tuple[list[int], list[int], list[float]]] = {
    "nothing": ([], [], []),
    "one visit": ([0], [0], [5]),
    "one store": ([0, 0, 0, 0], [0, 1, 1, 2], [5, 6, 7, 9]),
    "one shopper": ([0, 0, 1, 1, 2, 2], [0] * 6, [5, 6, 7, 9, 1, 2]),
    "all equal": ([0, 0, 1, 1], [0, 1, 0, 1], [5] * 4),
    "all zero": ([0, 0, 1, 1], [0, 1, 0, 1], [0] * 4),
    "a visit each": ([0, 1, 2, 3], [0, 1, 2, 3], [5, 6, 7, 9]),
    "a visit a store": ([0, 1, 2, 3], [0, 0, 1, 1], [5, 6, 7, 9]),
    "a shopper a store": ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2], [5, 6, 7, 9, 1, 2]),
    "no error": ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [5, 6, 7, 8, 1, 2]),
    "only stores differ": ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1], [5, 5, 7, 7, 1, 1]),
    "two blocks": ([0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3], [5, 6, 7, 9, 1, 2, 4, 5]),
    "a chain": ([0, 1, 1, 2, 2], [0, 0, 1, 1, 2], [5, 6, 7, 9, 3]),
    "enormous": ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [5e9, 6e9, 7e9, 9e9, 1e9, 3e9]),
    "minute": ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [5e-9, 6e-9, 7e-9, 9e-9, 1e-9, 3e-9]),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_visits_have_a_defined_answer(name: str) -> None:
    made = cells.of_visits(*DEGENERATE[name])
    told = estimate(made, fit(made))
    ranks = rank(told)
    for answer in (told, ranks):
        for field in type(answer).__dataclass_fields__:
            for column in np.atleast_1d(getattr(answer, field)):
                assert not isinstance(column, float) or np.isfinite(column), field
    lowest, highest = (min(DEGENERATE[name][2], default=0), max(DEGENERATE[name][2], default=0))
    assert ((lowest <= told.adjusted_mean) & (told.adjusted_mean <= highest)).all()
    assert ranks.ranked == (told.variances.store > 0 and len(told.store) > 1)
    assert told.rankability is None or 0 <= told.rankability <= 1


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3), st.sampled_from([0, 50.0, 62.5, 100])),
        max_size=25,
    )
)
def test_any_few_visits_have_a_defined_answer(rows: list[tuple[int, int, float]]) -> None:
    made = cells.of_visits(*(zip(*rows, strict=True) if rows else ([], [], [])))
    told = estimate(made, fit(made))
    for column in (told.adjusted_mean, told.se, told.pev, told.unshrunk_mean, told.unshrunk_se):
        assert np.isfinite(column).all()
    ranks = rank(told)
    if ranks.rank_set95 is not None and ranks.rank_interval90 is not None:
        for first, last in (ranks.rank_set95, ranks.rank_interval90):
            assert ((first >= 1) & (first <= last) & (last <= ranks.of)).all()
