"""The outbox: write an event with what it tells of, and wake its job once that is committed."""

from datetime import timedelta
from typing import Any

from server import clock, queue
from server.db import after_commit, atomic, chunks, insert
from server.models import Event

_BLOCK = 500


def emit(kind: str, subject_id: str, brand_id: str | None = None, **detail: Any) -> None:
    """Write one event in the present transaction; see `emit_many`."""
    emit_many(kind, [subject_id], brand_id, **detail)


def emit_many(
    kind: str, subject_ids: list[str], brand_id: str | None = None, **detail: Any
) -> None:
    """Write an event per subject, in one statement, and wake the kind's job after the commit.
    The rows are the truth: a wake-up that is lost is made good by the sweep."""
    if not subject_ids:
        return
    now = clock.now()
    rows = [
        {
            "kind": kind,
            "subject_id": subject_id,
            "brand_id": brand_id,
            "detail": detail or None,
            "created_at": now,
            "due_at": now,
            "attempts": 0,
        }
        for subject_id in subject_ids
    ]
    for part in chunks(rows):
        insert(Event, part)
    after_commit(lambda: queue.wake(kind))


def forget_done(age: timedelta = timedelta(days=30)) -> int:
    """Delete events that were done longer than `age` ago, a block a transaction; how many."""
    old = Event.select(Event.id).where(Event.done_at < clock.now() - age)
    forgotten = 0
    while True:
        with atomic():
            ids = [event.id for event in old.order_by(Event.id).limit(_BLOCK)]
            forgotten += Event.delete().where(Event.id.in_(ids)).execute()
        if len(ids) < _BLOCK:
            return forgotten
