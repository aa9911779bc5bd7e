"""The only source of the time and of new ids.

Times are timezone-aware UTC datetimes cut to whole milliseconds, the resolution that the database
and the sync protocol keep, so a value read back equals the value written.
"""

import time
from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The current time, UTC, in whole milliseconds."""
    return from_ms(to_ms(datetime.now(UTC)))


def elapsed() -> float:
    """Seconds since some fixed moment, on a clock that never jumps: for durations only."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait for so long."""
    time.sleep(seconds)


def new_id() -> str:
    """A new opaque public id: a UUIDv7 (RFC 9562) as 32 hex digits, rising with time."""
    return uuid7().hex


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970-01-01 UTC (floor); `moment` must be timezone-aware."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The UTC datetime of whole milliseconds since 1970-01-01; OverflowError beyond year 9999."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
