"""A circuit breaker (Nygard, "Release It!"): when a store is silent, its callers do not wait in a
row. Else a handful of uploads would hold every thread of the API, and reports would wait too."""

from datetime import datetime, timedelta
from threading import Lock
from types import TracebackType

from server import clock
from server.errors import Unavailable

_PAUSE = timedelta(seconds=10)


class Breaker:
    """Use as `with breaker:` around each call. An Unavailable opens it: for the pause all others
    are refused at once. Then one call tries, and the rest follow when it succeeds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open_until: datetime | None = None

    def __enter__(self) -> None:
        now = clock.now()
        with self._lock:
            if self._open_until is None:
                return
            if now < self._open_until:
                raise Unavailable("The photo storage did not answer just now: try again later.")
            self._open_until = now + _PAUSE

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._open_until = clock.now() + _PAUSE if isinstance(error, Unavailable) else None
