"""The month that a visit counts in, and the week that a store may be told: coarse enough to tell
nobody when the shopper came."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class TimesShown(StrEnum):
    """How exactly a brand's stores are told when a visit was. Where one person is on shift a week
    can name them; so a month is what stores see unless the brand says otherwise."""

    MONTH = "month"
    WEEK = "week"


PATTERN = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])"
"""Of a month. There is no year 0."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


def visit_month(clocks: Iterable[Any], frozen_at: datetime, timezone: str | None) -> str:
    """YYYY-MM in `timezone` (an IANA name; UTC where None or unknown) of the first of the phone's
    `clocks` (milliseconds since 1970, or None) that can be true: not before 2000, and not more
    than a day after `frozen_at`, the server's own time, which stands in where none can."""
    return month_of(_visited(clocks, frozen_at, timezone))


def visit_week(clocks: Iterable[Any], frozen_at: datetime, timezone: str | None) -> str:
    """The ISO week, as 2026-W37, of the same moment as `visit_month`'s."""
    year, week, _ = _visited(clocks, frozen_at, timezone).isocalendar()
    return f"{year:04}-W{week:02}"


def visit_moment(clocks: Iterable[Any], frozen_at: datetime) -> datetime:
    """The moment itself, as `visit_month` believes it."""
    latest = frozen_at + _AHEAD
    believed = (moment for clock in clocks if (moment := _moment(clock)) is not None)
    return next((moment for moment in believed if _FIRST <= moment <= latest), frozen_at)


def _visited(clocks: Iterable[Any], frozen_at: datetime, timezone: str | None) -> datetime:
    return visit_moment(clocks, frozen_at).astimezone(_zone(timezone))


def _moment(clock: Any) -> datetime | None:
    if not isinstance(clock, int) or isinstance(clock, bool):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=clock)
    except OverflowError:
        return None


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def month_of(moment: datetime) -> str:
    """The month that a moment lies in, by its own zone."""
    return f"{moment.year:04}-{moment.month:02}"


def apart(first: str, last: str) -> int:
    """How many months lie from one YYYY-MM to another; negative backwards."""
    return _number(last) - _number(first)


def before(month: str, count: int) -> str:
    """The month that lies so many before another; not before the year 1."""
    year, index = divmod(max(_number(month) - count, 12), 12)
    return f"{year:04}-{index + 1:02}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
