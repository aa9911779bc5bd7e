"""The job of every event kind: do what is undone and due, many events a transaction."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import peewee

from jobs import registry
from server import clock, queue
from server.db import atomic, connected, is_postgres
from server.models import Event

BATCH = 50
"""Most events in one transaction: a commit costs more than most events."""

_BATCH_SECONDS = 0.05
_RUN_SECONDS = 5.0
_LEASE = timedelta(seconds=8)
"""How long a killed worker's event waits for another; who lives renews it long before."""

_RENEWAL_SECONDS = 2.0
_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(hours=1)
_LONGEST_ERROR = 2000
_ABORTED = (peewee.OperationalError, peewee.InterfaceError)
_log = logging.getLogger(__name__)


def drain(kind: str) -> int:
    """Handle the due events of `kind` and give how many were done. Several may run at once. Ends
    after some seconds, having woken its successor where there is more to do."""
    queue.begun(kind)
    if kind in registry.LEASED:
        return _leased_run(kind)
    until = clock.elapsed() + _RUN_SECONDS
    step = _one if kind in registry.OWN_TRANSACTIONS else _batch_again
    done, more = step(kind)
    while more and clock.elapsed() < until:
        did, more = step(kind)
        done += did
    if more:
        queue.wake(kind)
    _log.info("drained %d of %s%s", done, kind, ", more to do" if more else "")
    return done


def _batch_again(kind: str) -> tuple[int, bool]:
    """A batch; where the database aborts it (a deadlock, a lock not had, a lost connection), once
    more, and then its first event alone, so that one that always does so stops no other."""
    for _ in range(2):
        try:
            with connected(), atomic():
                return _batch(kind)
        except _ABORTED as error:
            _log.warning("a batch of %s was aborted: %s", kind, error)
    return _one(kind, around=atomic)


def _one(kind: str, around: Callable[[], Any] = nullcontext) -> tuple[int, bool]:
    """Handle the first due event within a transaction of its own, or within none; any error is
    the event's."""
    with connected():
        for event in list(_due(kind).limit(1)):
            try:
                with around():
                    for taken in _take(kind, 1):
                        event = taken
                        _handle(event)
                        _mark_done([event.id])
            except Exception as error:  # whatever a handler throws is its event's failure
                with atomic():
                    _postpone(event, error)
                return 0, True
            return 1, True
    return 0, False


def _leased_run(kind: str) -> int:
    """Handle due events one by one for some seconds, unless something more urgent waits."""
    until, before = clock.elapsed() + _RUN_SECONDS, registry.before(kind)
    done = did = _leased(kind)
    while did and clock.elapsed() < until and not queue.waits(before):
        done += (did := _leased(kind))
    return done


def _leased(kind: str) -> int:
    """Handle one due event, which meanwhile is no other worker's; whether it was done. Where there
    are more, the next run is woken before: workers that are free share them."""
    with connected():
        with atomic():
            taken = _take(kind, 2)
            mine = [event.id for event in taken[:1]]
            _lease(mine)
        if len(taken) > 1:
            queue.wake(kind)
        for event in taken[:1]:
            try:
                with _renewing(mine):
                    _handle(event)
            except Exception as error:  # whatever a handler throws is its event's failure
                with atomic():
                    _postpone(event, error)
                return 0
            with atomic():
                _mark_done([event.id])
        return len(mine)


def _lease(ids: list[int]) -> None:
    undone = Event.id.in_(ids) & Event.done_at.is_null()
    Event.update(due_at=clock.now() + _LEASE).where(undone).execute()


@contextmanager
def _renewing(ids: list[int]) -> Iterator[None]:
    """Renew the lease meanwhile, on a connection of its own. Where that comes too late, on a
    machine that is busy, two workers do the same: handlers of leased kinds may run twice."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(_RENEWAL_SECONDS):
            try:
                with connected(), atomic():
                    _lease(ids)
            except peewee.DatabaseError as error:
                _log.warning("a lease was not renewed: %s", error)

    thread = threading.Thread(target=renew, name="renewing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _batch(kind: str) -> tuple[int, bool]:
    """Handle due events until there are enough, or others have waited long enough for the locks;
    how many were done, and whether more may be due."""
    until = clock.elapsed() + _BATCH_SECONDS
    waiting = deque(_take(kind, BATCH))
    full = len(waiting) == BATCH
    done = []
    while waiting and clock.elapsed() < until:
        event = waiting.popleft()
        if _done(event):
            done.append(event.id)
    _mark_done(done)
    return len(done), full or bool(waiting)


def _done(event: Event) -> bool:
    """Handle an event in a savepoint; where that fails, put it off, and go on."""
    try:
        with atomic():
            _handle(event)
    except _ABORTED:
        raise
    except Exception as error:  # whatever a handler throws is its event's failure alone
        _postpone(event, error)
        return False
    return True


def _due(kind: str) -> Any:
    due = (Event.kind == kind) & Event.done_at.is_null() & (Event.due_at <= clock.now())
    return Event.select().where(due).order_by(Event.due_at, Event.id)


def _take(kind: str, limit: int) -> list[Event]:
    """The first due events that no other drain has taken; SQLite's transactions are serial."""
    events = _due(kind).limit(limit)
    return list(events.for_update(skip_locked=True) if is_postgres() else events)


def _handle(event: Event) -> None:
    for handler in registry.HANDLERS[event.kind]:
        handler(event)


def _mark_done(ids: list[int]) -> None:
    if ids:
        Event.update(done_at=clock.now()).where(Event.id.in_(ids)).execute()


def _postpone(event: Event, error: Exception) -> None:
    """Try again later, and later each time; never give up, since the cause may be mended."""
    _log.error("%s of %s failed", event.kind, event.subject_id, exc_info=error)
    delay = min(_FIRST_DELAY * 2 ** min(event.attempts, 20), _LONGEST_DELAY)
    Event.update(
        attempts=Event.attempts + 1,
        error=f"{type(error).__name__}: {error}".replace("\x00", "")[:_LONGEST_ERROR],
        due_at=clock.now() + delay,
    ).where(Event.id == event.id).execute()
