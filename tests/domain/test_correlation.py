"""server.domain.correlation, against numbers that others published."""

import pytest

from server.domain.correlation import correlation

ANSCOMBE = [
    (10, 8.04), (8, 6.95), (13, 7.58), (9, 8.81), (11, 8.33), (14, 9.96), (6, 7.24), (4, 4.26),
    (12, 10.84), (7, 4.82), (5, 5.68),
]  # fmt: skip


def test_anscombe_s_first_set() -> None:
    """Anscombe 1973: r = .816. Fisher's interval of it: tanh(artanh(.8164) ± 1.96/√8)."""
    found = correlation(ANSCOMBE)
    assert found is not None
    assert (found.r, found.n) == (pytest.approx(0.8164, abs=1e-4), 11)
    assert (found.low, found.high) == (
        pytest.approx(0.4244, abs=1e-3),
        pytest.approx(0.9507, abs=1e-3),
    )


def test_what_cannot_be_told_is_not_said() -> None:
    assert correlation([]) is None
    assert correlation(ANSCOMBE[:3]) is None
    assert correlation([(1.0, 5.0), (2.0, 5.0), (3.0, 5.0), (4.0, 5.0)]) is None


def test_a_line_is_a_line() -> None:
    found = correlation([(x, -2.0 * x) for x in range(5)])
    assert found is not None
    assert (found.r, found.low, found.high) == (-1.0, -1.0, -1.0)
