"""server.domain.ranking: means, standard errors and ranks."""

import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import ranking
from server.domain.ranking import Sums

SCORES = st.lists(st.integers(0, 100_000), min_size=2, max_size=40)


def sums(scores: list[int]) -> Sums:
    return sum((Sums(1, score, score**2) for score in scores), Sums())


@given(SCORES)
def test_sums_give_the_mean_and_its_standard_error(scores: list[int]) -> None:
    one = sums(scores)
    assert one.mean == Fraction(sum(scores), len(scores))
    expected = statistics.stdev(scores) / len(scores) ** 0.5
    assert one.standard_error == pytest.approx(expected, rel=1e-9)


def test_one_visit_has_no_standard_error_and_none_no_mean() -> None:
    assert sums([70_000]).standard_error is None
    assert sums([70_000, 70_000]).standard_error == 0
    assert Sums().mean is None


def test_published_points_have_three_decimals() -> None:
    assert ranking.points(Fraction(200_000, 3)) == 66.667
    assert ranking.points(None) is None
    assert ranking.gap(66.667, 80) == -13.333
    assert ranking.gap(None, 80) is None
