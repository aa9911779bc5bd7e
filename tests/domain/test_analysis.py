"""Changes, coherence, drivers and agreement: server.domain.changes, coherence, drivers, icc."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from server.domain.changes import Change, changes
from server.domain.coherence import coherence, weakest
from server.domain.drivers import Drivers, drivers
from server.domain.icc import NOTHING, icc
from tests.domain import oracles

SWISS = ("Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def swiss() -> tuple[np.ndarray, np.ndarray]:
    rows = oracles.read("swiss")
    table = np.array([[float(row[name]) for name in SWISS] for row in rows])
    return np.array([float(row["Fertility"]) for row in rows]), table


def test_swiss_fertility() -> None:
    """Grömping 2006, with R's relaimpo."""
    told = drivers(*swiss())
    assert told.r2 == pytest.approx(0.706735, abs=1e-6)
    expected = [0.057091, 0.171173, 0.260135, 0.105570, 0.112766]
    assert told.shares == pytest.approx(expected, abs=1e-6)


def test_shares_are_the_mean_over_all_orders() -> None:
    y, x = swiss()
    x = x[:, :3]

    def r2(chosen: tuple[int, ...]) -> float:
        design = np.column_stack([np.ones(len(y)), x[:, list(chosen)]])
        residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return float(1 - residual @ residual / ((y - y.mean()) ** 2).sum())

    gained = np.zeros(3)
    for order in itertools.permutations(range(3)):
        for place, one in enumerate(order):
            gained[one] += r2(order[: place + 1]) - r2(order[:place])
    assert drivers(y, x).shares == pytest.approx(gained / 6)


def test_intervals_of_shares_cover() -> None:
    """y = 2a + b + e with independent a, b, e: shares 4/6 · and 1/6, known exactly."""
    inside = []
    for seed in range(250):
        x = np.random.default_rng(seed).normal(size=(60, 3))
        told = drivers(2 * x[:, 0] + x[:, 1] + x[:, 2], x[:, :2])
        assert told.intervals95 is not None
        assert told.r2_interval95 is not None
        spans = (*told.intervals95, told.r2_interval95)
        truth = zip(spans, (4 / 6, 1 / 6, 5 / 6), strict=True)
        inside.append([low <= true <= high for (low, high), true in truth])
    assert np.mean(inside, axis=0) == pytest.approx([0.94, 0.94, 0.94], abs=0.04)


def test_of_few_rows_r2_says_less_than_it_seems() -> None:
    x = np.random.default_rng(1).normal(size=(14, 9))
    told = drivers(x[:, 0], x[:, 1:])
    assert told.r2 is not None
    assert told.adjusted_r2 is not None
    assert told.r2 > 0.4 > 0.1 > told.adjusted_r2


def test_a_weight_counts_as_so_many_rows() -> None:
    y, x = swiss()
    weights = np.arange(len(y)) % 3
    told = drivers(y, x, weights)
    repeated = drivers(np.repeat(y, weights), np.repeat(x, weights, axis=0))
    assert told.shares == pytest.approx(repeated.shares)
    assert told.n == int((weights > 0).sum())


def test_twelve_predictors_add_up_and_thirteen_are_refused() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(60, 13))
    y = x.sum(axis=1) + random.normal(size=60)
    told = drivers(y, x[:, :12])
    assert told.shares is not None
    assert sum(told.shares) == pytest.approx(told.r2)
    with pytest.raises(ValueError, match="12 predictors"):
        drivers(y, x)


def test_predictors_that_say_the_same_share_alike() -> None:
    y, x = swiss()
    told = drivers(y, np.column_stack([x[:, 2], 2 * x[:, 2] + 1, np.ones(len(y))]))
    assert told.shares == pytest.approx([told.r2 / 2, told.r2 / 2, 0])


def test_drivers_of_nothing() -> None:
    assert drivers([1, 2, 3], [[1], [2], [4]], [1, 1, 0]) == Drivers(None, None, 2)
    assert drivers([5] * 9, np.arange(9)[:, None]) == Drivers(None, None, 9)


def test_shrout_and_fleiss() -> None:
    """Their table 4, to two decimals."""
    told = icc(JUDGES)
    forms = (told.icc1_1, told.icc2_1, told.icc3_1, told.icc1_k, told.icc2_k, told.icc3_k)
    assert [round(form, 2) for form in forms if form is not None] == [
        0.17, 0.29, 0.71, 0.44, 0.62, 0.91,
    ]  # fmt: skip


def test_agreement_of_nothing() -> None:
    assert icc([[1, 2, 3]]) == icc([]) == icc([[5, 5], [5, 5]]) == NOTHING
    assert icc([[1, 1], [2, 2]]).icc1_1 == 1


def test_a_change_by_hand() -> None:
    """Variances 2 and 2, so √4 = 2: 6 points are z = 3."""
    [one] = changes([(70, 2)], [(76, 2)])
    assert (one.delta, one.z, one.significant) == (6, 3, True)
    assert one.q == pytest.approx(0.0027, abs=1e-5)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(0.5, 9)), max_size=30))
def test_false_discoveries_are_those_of_statsmodels(
    rows: list[tuple[float, float, float]],
) -> None:
    told = changes([(m, v) for m, _, v in rows], [(m, v) for _, m, v in rows])
    if rows:
        from scipy.stats import norm

        p = [2 * norm.sf(abs(one.z or 0)) for one in told]
        rejected, q, _, _ = multipletests(p, 0.05, method="fdr_bh")
        assert [one.q for one in told] == pytest.approx(list(q))
        assert [one.significant for one in told] == rejected.tolist()
    else:
        assert told == []


def test_what_has_no_error_is_not_tested() -> None:
    told = changes([(70, 0), (70, 1), (70, 1)], [(80, 0), (80, 1), (70, 1)])
    assert told[0] == Change(10, None, None, False)
    assert [one.significant for one in told] == [False, True, False]


def test_coherence_runs_from_0_to_1() -> None:
    assert coherence([80, 80, 80]) == 1
    assert coherence([0, 100]) == 0
    assert coherence([60, 80]) == pytest.approx(0.8)
    assert coherence([60, 80], [3, 1]) == pytest.approx(1 - 2 * 75**0.5 / 100)
    assert coherence([]) is None
    assert coherence([50], [0]) is None


def test_the_weakest_touchpoint() -> None:
    assert weakest({"door": 80.0, "till": 40.0, "queue": 40.0, "call": None}) == "till"
    assert weakest({"door": 80.0, "till": 40.0, "queue": 40.0}, ["queue", "till"]) == "queue"
    assert weakest({"call": None}) is None
