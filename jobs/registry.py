"""What follows from which event: one table, in the order of urgency.

A handler is given the event, within the transaction that marks it done, so what it writes to the
database happens exactly once; what it does elsewhere may happen again. It reads what it works on
afresh: by the time it runs, the event may be old news. Handlers of kinds in OWN_TRANSACTIONS are
called outside of any, and may run twice.
"""

from collections.abc import Callable

from server import queue
from server.models import Event
from server.services import assignments, feeds, photos, scores

Handler = Callable[[Event], object]


def of_subject(verb: Callable[[str], object]) -> Handler:
    """The handler that calls `verb` with the id of what the event is about."""
    return lambda event: verb(event.subject_id)


HANDLERS: dict[str, tuple[Handler, ...]] = {
    "revision.frozen": (of_subject(scores.score),),
    "revision.approved": (of_subject(scores.count),),
    "revision.withdrawn": (of_subject(scores.discount),),
    "photo.waiting": (of_subject(photos.settle),),
    "photo.stored": (of_subject(scores.score_for_photo),),
    "store.changed": (lambda event: feeds.fan_out("stores", event.subject_id),),
    "promise.changed": (lambda event: feeds.fan_out("promises", event.subject_id),),
    "wave.changed": (of_subject(assignments.retell),),
}

OWN_TRANSACTIONS = frozenset({"photo.waiting", "store.changed", "promise.changed", "wave.changed"})
"""Kinds that copy photos or touch thousands of feeds: one transaction around it would keep phones
waiting for its locks, and on SQLite everybody."""


def queues() -> list[str]:
    """The RQ queues of all kinds, the most urgent first; a worker listens to them."""
    return list(dict.fromkeys(queue.name_of(kind) for kind in HANDLERS))
