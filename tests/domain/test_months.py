"""server.domain.months: the month that a visit counts in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from server import clock
from server.domain.months import visit_month, visit_week

FROZEN = datetime(2026, 4, 1, 12, tzinfo=UTC)


def ms(*moment: int) -> int:
    return clock.to_ms(datetime(*moment, tzinfo=UTC))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("clocks", "timezone", "expected"),
    [
        ([ms(2026, 3, 31, 21, 59)], "Europe/Rome", "2026-03"),
        ([ms(2026, 3, 31, 22, 1)], "Europe/Rome", "2026-04"),
        ([ms(2026, 3, 31, 22, 1)], None, "2026-03"),
        ([ms(2026, 3, 31, 22, 1)], "Mars/Olympus", "2026-03"),
        ([ms(2026, 3, 31, 22, 1)], "../etc/passwd", "2026-03"),
        ([None, ms(2026, 3, 2)], "UTC", "2026-03"),
        ([ms(1970, 1, 1), ms(2026, 2, 2)], "UTC", "2026-02"),
        ([ms(2026, 4, 2, 12)], "UTC", "2026-04"),
        ([ms(2026, 5, 2, 12)], "UTC", "2026-04"),
        ([ms(2026, 5, 2, 12), ms(2026, 3, 2)], "UTC", "2026-03"),
        ([10**30, -(10**30), "2026", True, 1.5], "UTC", "2026-04"),
        ([], "UTC", "2026-04"),
    ],
)
def test_the_first_clock_that_can_be_true_in_the_stores_zone(
    clocks: list[Any], timezone: str | None, expected: str
) -> None:
    assert visit_month(clocks, FROZEN, timezone) == expected


@pytest.mark.parametrize(
    ("visited", "timezone", "expected"),
    [
        (datetime(2026, 4, 12, 22, 30, tzinfo=UTC), "Europe/Rome", "2026-W16"),
        (datetime(2026, 4, 12, 22, 30, tzinfo=UTC), None, "2026-W15"),
        (datetime(2025, 12, 29, 9, tzinfo=UTC), None, "2026-W01"),
    ],
)
def test_the_week_is_the_stores_own(visited: datetime, timezone: str | None, expected: str) -> None:
    clocks = [round(visited.timestamp() * 1000)]
    assert visit_week(clocks, datetime(2026, 5, 1, tzinfo=UTC), timezone) == expected
