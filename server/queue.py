"""The queue: wakes the job of an event kind. It never holds the truth, which is the outbox."""

import logging
from collections.abc import Iterable

import redis
import rq

from server import clock, config

DRAIN = "jobs.drain.drain"
"""The job that does all undone events of a kind; enqueued by its name."""

_WAKE_SECONDS = 10
"""How long a kind counts as woken. Where the worker died that had taken the job, nothing wakes the
kind again before."""

_PATIENCE_SECONDS = 1
_RETRY_SECONDS = 5.0
_FAILURE_SECONDS = 24 * 3600
_connection: redis.Redis | None = None
_silent_until = 0.0
_log = logging.getLogger(__name__)


def connection() -> redis.Redis:
    """The process's connection (pool) to Redis."""
    global _connection
    if _connection is None:
        _connection = redis.Redis.from_url(
            config.settings().redis_url,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
        )
    return _connection


def forget_connection() -> None:
    """Close the connection; the next use opens one by the settings of then."""
    global _connection, _silent_until
    if _connection is not None:
        _connection.close()
    _connection, _silent_until = None, 0.0


def wake(kind: str) -> None:
    """Enqueue the job that drains `kind`, unless one is waiting already. Never raises: with Redis
    down the event stays undone, and the sweep finds it. A queue that was silent a moment ago is
    left alone for some seconds, so that one that hangs does not slow every write."""
    global _silent_until
    if clock.elapsed() < _silent_until:
        return
    try:
        if connection().set(waiting_key(kind), "1", nx=True, ex=_WAKE_SECONDS):
            rq.Queue(name_of(kind), connection=connection()).enqueue(
                DRAIN, kind, retry=rq.Retry(max=3), result_ttl=0, failure_ttl=_FAILURE_SECONDS
            )
    except redis.RedisError as error:
        _silent_until = clock.elapsed() + _RETRY_SECONDS
        _log.warning("queue unreachable, %s waits for the sweep: %s", kind, error)


def begun(kind: str) -> None:
    """Say that a drain of `kind` has begun: events from now on need another. Never raises."""
    try:
        connection().delete(waiting_key(kind))
    except redis.RedisError as error:
        _log.warning("queue unreachable while %s is drained: %s", kind, error)


def waits(names: Iterable[str]) -> bool:
    """Whether a job waits in one of these queues, as far as is known. Never raises."""
    try:
        with connection().pipeline(transaction=False) as asked:
            for name in names:
                asked.llen(rq.Queue.redis_queue_namespace_prefix + name)
            return any(asked.execute())
    except redis.RedisError:
        return True


def name_of(kind: str) -> str:
    """The RQ queue of an event kind: its noun, "revision" for "revision.frozen"."""
    return kind.split(".")[0]


def waiting_key(kind: str) -> str:
    """The Redis key that says a drain of `kind` is enqueued and has not begun."""
    return f"promessa:waiting:{kind}"
