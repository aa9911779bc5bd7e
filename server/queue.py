"""The queue: wakes the job of an event kind. It never holds the truth, which is the outbox."""

import logging

import redis
import rq

from server import config

DRAIN = "jobs.drain.drain"
"""The job that does all undone events of a kind; enqueued by its name."""

_WAKE_SECONDS = 30
_FAILURE_SECONDS = 24 * 3600
_connection: redis.Redis | None = None
_log = logging.getLogger(__name__)


def connection() -> redis.Redis:
    """The process's connection (pool) to Redis."""
    global _connection
    if _connection is None:
        _connection = redis.Redis.from_url(
            config.settings().redis_url, socket_timeout=5, socket_connect_timeout=2
        )
    return _connection


def forget_connection() -> None:
    """Close the connection; the next use opens one by the settings of then."""
    global _connection
    if _connection is not None:
        _connection.close()
    _connection = None


def wake(kind: str) -> None:
    """Enqueue the job that drains `kind`, unless one is waiting already. Never raises: with Redis
    down the event stays undone, and the sweep finds it."""
    try:
        if connection().set(waiting_key(kind), "1", nx=True, ex=_WAKE_SECONDS):
            rq.Queue(name_of(kind), connection=connection()).enqueue(
                DRAIN, kind, retry=rq.Retry(max=3), result_ttl=0, failure_ttl=_FAILURE_SECONDS
            )
    except redis.RedisError as error:
        _log.warning("queue unreachable, %s waits for the sweep: %s", kind, error)


def begun(kind: str) -> None:
    """Say that a drain of `kind` has begun: events from now on need another. Never raises."""
    try:
        connection().delete(waiting_key(kind))
    except redis.RedisError as error:
        _log.warning("queue unreachable while %s is drained: %s", kind, error)


def name_of(kind: str) -> str:
    """The RQ queue of an event kind: its noun, "revision" for "revision.frozen"."""
    return kind.split(".")[0]


def waiting_key(kind: str) -> str:
    """The Redis key that says a drain of `kind` is enqueued and has not begun."""
    return f"promessa:waiting:{kind}"
