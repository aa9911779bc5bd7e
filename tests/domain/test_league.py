"""server.domain.league: figures as they are published."""

import numpy as np
import pytest

from server.domain import cells, league
from server.domain.estimates import Estimates, estimate
from server.domain.mixed_model import Fit, Variances


def told(scores: list[float], store: list[int], shopper: list[int], v: Variances) -> Estimates:
    made = cells.of_visits(np.array(store), np.array(shopper), scores)
    return estimate(made, Fit(50.0, v, len(scores), max(store) + 1, max(shopper) + 1))


@pytest.mark.parametrize("of_stores", [400.0, 0.0])
def test_intervals_hold_what_is_shown_and_have_width(of_stores: float) -> None:
    """A strict shopper gave one store 100 and others nearly nothing: its mean is beyond 100."""
    made = told(
        [100, 5, 0, 98, 2, 95], [0, 1, 2, 3, 2, 4], [0, 0, 0, 1, 1, 1], Variances(of_stores, 900, 4)
    )
    beyond = (made.adjusted_mean, made.unshrunk_mean)
    assert max(column.max() for column in beyond) > 100
    levels = league.levels(made, np.arange(5))
    for level in levels:
        low, high = level["interval95"]
        assert 0 <= low <= level["adjusted_mean"] <= high <= 100
        assert low < high
    head = league.mean(made, np.arange(5))
    assert head["mean"] == pytest.approx(
        np.mean([level["adjusted_mean"] for level in levels]), abs=0.001
    )


def test_the_interval_of_a_mean_beyond_the_scale_is_laid_about_its_end() -> None:
    assert league.interval(136.5, 10) == [80.4, 100]
    assert league.interval(-3, 10) == [0, 19.6]
    assert league.interval(50, 10) == [30.4, 69.6]


def test_where_all_visits_are_equal_no_mean_has_an_error() -> None:
    made = told([75, 75], [0, 1], [0, 1], Variances(0, 0, 0))
    assert league.mean(made, np.arange(2)) == {
        "mean": 75, "mean_se": None, "mean_own_se": None, "raw_mean": 75,
    }  # fmt: skip
