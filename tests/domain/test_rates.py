"""server.domain.rates and server.domain.shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from server.domain import rates
from server.domain.rates import Beta
from server.domain.shares import nps, wilson
from tests.domain import oracles

COUNTS = st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_rat_tumours() -> None:
    """Gelman et al. 2013, §5.3, by maximum likelihood: α 2.3048, β 14.0797."""
    rows = oracles.read("rat_tumor")
    passed, n = ([int(row[name]) for row in rows] for name in ("y", "n"))
    found = rates.fit(passed, n)
    assert found.alpha == pytest.approx(2.3048, abs=1e-4)
    assert found.beta == pytest.approx(14.0797, abs=1e-3)
    told = rates.posterior(found, [4, 0], [14, 0])
    assert told.rate[0] == pytest.approx((4 + 2.3048) / (14 + 2.3048 + 14.0797), abs=1e-4)
    assert told.rate[1] == told.raw[1] == found.mean
    assert told.low[0] < told.rate[0] < told.high[0]


def test_counts_that_differ_by_chance_only_have_no_spread() -> None:
    assert rates.fit([5] * 20, [10] * 20) == Beta(None, None, 0.5)
    assert rates.fit([1, 0, 1], [1, 1, 1]) == Beta(None, None, 2 / 3)
    assert rates.fit([0, 0], [4, 9]) == Beta(None, None, 0.0)
    assert rates.fit([4, 9], [4, 9]) == Beta(None, None, 1.0)
    assert rates.fit([3], [4]) == Beta(None, None, 0.75)
    assert rates.fit([], []) == rates.fit([0], [0]) == Beta(None, None, None)
    told = rates.posterior(rates.fit([1, 0, 1], [1, 1, 1]), [1, 0, 1], [1, 1, 1])
    assert told.rate == pytest.approx(2 / 3)


def test_a_handful_that_all_passed_or_none_makes_nobody_sure() -> None:
    passed, n = [0, 5, 0], [5, 5, 5]
    found = rates.fit(passed, n)
    assert found.alpha is not None
    assert found.alpha < 0.001
    told = rates.posterior(found, passed, n)
    assert told.high[0] == pytest.approx(0.434, abs=0.001)
    assert told.low[1] == pytest.approx(0.566, abs=0.001)
    assert (told.low <= told.rate).all()
    assert (told.rate <= told.high).all()


def test_more_passed_than_there_were_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and n"):
        rates.fit([5], [4])


@settings(max_examples=40)
@given(st.lists(COUNTS, min_size=1, max_size=12))
def test_a_shrunk_rate_lies_between_its_own_and_the_mean(counts: list[tuple[int, int]]) -> None:
    passed, n = zip(*counts, strict=True)
    found = rates.fit(passed, n)
    told = rates.posterior(found, passed, n)
    assert found.mean is not None
    for raw, rate, low, high in zip(told.raw, told.rate, told.low, told.high, strict=True):
        assert min(raw, found.mean) - 1e-9 <= rate <= max(raw, found.mean) + 1e-9
        assert 0 <= low <= rate <= high <= 1
        assert low < high


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_published_intervals(passed: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Stat. Med. 17:857, table I, method 3."""
    share = wilson(passed, n)
    assert share is not None
    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_statsmodels_has_the_same_interval(counts: tuple[int, int]) -> None:
    share = wilson(*counts)
    assert share is not None
    theirs = proportion_confint(*counts, method="wilson")
    assert (share.low, share.high) == pytest.approx(theirs, abs=1e-9)


def test_net_promoters() -> None:
    """5 promoters, 3 passives, 2 detractors: p = 5.75/13, d = 2.75/13, 30, and 23.08 ± 42.13."""
    told = nps(5, 3, 2)
    assert told is not None
    assert told.value == 30
    assert (told.low, told.high) == pytest.approx((-19.05, 65.20), abs=0.01)


def test_net_promoters_cover_at_their_level() -> None:
    random = np.random.default_rng(1)
    covered = []
    for promoters, passives, detractors in random.multinomial(12, [0.5, 0.3, 0.2], 4_000):
        told = nps(int(promoters), int(passives), int(detractors))
        assert told is not None
        covered.append(told.low <= 30 <= told.high)
    assert 0.93 < np.mean(covered) < 0.99


def test_no_answers_have_no_share() -> None:
    assert wilson(0, 0) is None
    assert nps(0, 0, 0) is None
