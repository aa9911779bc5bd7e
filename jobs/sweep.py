"""Making good what a crash, a lost queue or the passing of time left: safe to run twice at once."""

import logging
from collections.abc import Callable
from typing import Any

from jobs import registry
from server import clock, queue
from server.db import connected
from server.models import Event
from server.services import (
    assignments,
    claims,
    developing,
    events,
    figures,
    fits,
    histories,
    inspections,
    photos,
    publishing,
    refresh_tokens,
    restored_photos,
    retention,
    reviews,
    uploads,
)

CHORES: dict[str, Callable[[], object]] = {
    "expire assignments that nobody began": assignments.expire,
    "note returned reports that are overdue": reviews.find_overdue,
    "forget claims that lapsed": claims.end_lapsed,
    "have revisions looked at that never were": inspections.call_overlooked,
    "find photos that a restored database forgot": restored_photos.find,
    "forget uploads that expired": uploads.collect,
    "forget photos that no row came for": photos.discard_waiting,
    "forget pictures of deleted photos": developing.forget_deleted,
    "delete photos that nothing names": photos.collect_blobs,
    "remove what was kept long enough": retention.apply,
    "call for variances to be fitted again": fits.call_due,
    "forget rankings that newer ones stand for": publishing.thin_out,
    "forget done events": events.forget_done,
    "trim the history of old visits": histories.trim,
    "forget refresh tokens that ended": refresh_tokens.forget,
}
"""What is done now and then, by what it does; each in its own transactions."""

_log = logging.getLogger(__name__)


def wake_due() -> list[str]:
    """Wake the job of every kind that has undone events that are due, and name these kinds."""
    with connected():
        figures.call_due()
        undone: Any = Event.select(Event.kind).where(
            Event.done_at.is_null(), Event.due_at <= clock.now()
        )
        due = {kind for (kind,) in undone.distinct().tuples()}
    kinds = [kind for kind in registry.HANDLERS if kind in due]
    for kind in kinds:
        queue.wake(kind)
    return kinds


def do_chores() -> None:
    """Do every chore; one that fails is logged and stops no other."""
    for name, chore in CHORES.items():
        try:
            with connected():
                result = chore()
        except Exception:  # it comes round again
            _log.exception("could not %s", name)
        else:
            _log.info("%s: %s", name, result)
