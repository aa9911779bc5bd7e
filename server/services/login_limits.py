"""How often somebody may try to log in. argon2 makes a try slow, this makes tries few.

Three counts, each in a moving window, with LOGIN_RATE at 10 per minute:

- Per account *and* address, every try: 10 per minute. Whoever hammers an account from elsewhere
  uses up their own count, never the shopper's.
- Per address, failed tries on any accounts: 100 per minute, so that one address does not walk
  through a list of people, and an office behind one address still comes to work.
- Per account, failed tries from everywhere: beyond 100 per minute the account counts as under
  attack, and each address has one try a minute. Many addresses guess ten times slower, and the
  rightful owner, at an address of their own, is still let in at the first try. Nothing that a
  stranger does closes an account; and refreshing a token, all that a phone in the field does, is
  not counted at all.

An IPv6 address counts as its /64, which one subscriber has whole. The counts are in Redis; while
it does not answer, each process counts for itself.
"""

import ipaddress
import logging
import time
from collections.abc import Callable
from functools import cache

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from server import config, queue
from server.errors import TooManyRequests

_CROWD = 10
"""An address or an account in all may fail this many times as often as one address at one."""

_RETRY_SECONDS = 10.0
_log = logging.getLogger(__name__)


def admit(address: str, account: str) -> None:
    """Count a try of `account` (any stable name of it) from `address`. TooManyRequests."""
    _counters().run(lambda limiter: _admit(limiter, _network(address), account))


def count_failure(address: str, account: str) -> None:
    """The try that was admitted failed."""

    def count(limiter: MovingWindowRateLimiter) -> None:
        limiter.hit(_crowd(), "failures-from", _network(address))
        limiter.hit(_crowd(), "failures-at", account)

    _counters().run(count)


def reset() -> None:
    """Forget this process's counts and its connection, for a process that was forked and for
    tests."""
    _counters.cache_clear()


def _admit(limiter: MovingWindowRateLimiter, network: str, account: str) -> None:
    _unless_spent(limiter, _crowd(), "failures-from", network)
    if not limiter.test(_crowd(), "failures-at", account):
        _take(limiter, _single(), "attacked", account, network)
    _take(limiter, _rate(), "tries", account, network)


def _unless_spent(limiter: MovingWindowRateLimiter, limit: RateLimitItem, *key: str) -> None:
    if not limiter.test(limit, *key):
        raise _refusal(limiter, limit, *key)


def _take(limiter: MovingWindowRateLimiter, limit: RateLimitItem, *key: str) -> None:
    if not limiter.hit(limit, *key):
        raise _refusal(limiter, limit, *key)


def _refusal(limiter: MovingWindowRateLimiter, limit: RateLimitItem, *key: str) -> TooManyRequests:
    free_at = limiter.get_window_stats(limit, *key).reset_time
    seconds = max(1, int(free_at - time.time()) + 1)
    return TooManyRequests(
        f"Too many tries to log in: wait {seconds} seconds.", retry_after=seconds
    )


def _rate() -> RateLimitItem:
    return parse(config.settings().login_rate)


def _crowd() -> RateLimitItem:
    rate = _rate()
    return type(rate)(rate.amount * _CROWD, rate.multiples)


def _single() -> RateLimitItem:
    rate = _rate()
    return type(rate)(1, rate.multiples)


def _network(address: str) -> str:
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(host, ipaddress.IPv6Address) and host.ipv4_mapped is None:
        return str(ipaddress.ip_network((host, 64), strict=False))
    return str(host.ipv4_mapped or host) if isinstance(host, ipaddress.IPv6Address) else str(host)


class _Counters:
    """Counts in Redis, and in memory for a while after Redis failed to answer."""

    def __init__(self, shared: RedisStorage) -> None:
        self.shared = MovingWindowRateLimiter(shared)
        self.own = MovingWindowRateLimiter(MemoryStorage())
        self.down_until = 0.0

    def run(self, task: Callable[[MovingWindowRateLimiter], None]) -> None:
        if time.monotonic() >= self.down_until:
            try:
                return task(self.shared)
            except StorageError as error:
                _log.warning("login limits are counted in this process alone: %s", error)
                self.down_until = time.monotonic() + _RETRY_SECONDS
        return task(self.own)


@cache
def _counters() -> _Counters:
    pool = queue.connection().connection_pool
    return _Counters(RedisStorage("redis://", connection_pool=pool, wrap_exceptions=True))
