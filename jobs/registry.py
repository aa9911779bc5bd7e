"""What follows from which event: one table, in the order of urgency.

A handler is given the event, within the transaction that marks it done, so what it writes to the
database happens exactly once; what it does elsewhere may happen again. It reads what it works on
afresh: by the time it runs, the event may be old news. Handlers of kinds in OWN_TRANSACTIONS are
called outside of any, and may run twice.
"""

import itertools
from collections.abc import Callable

from server import queue
from server.models import Event
from server.services import (
    assignments,
    closings,
    developing,
    erasures,
    feeds,
    fits,
    inspections,
    photos,
    publishing,
    reviews,
    scores,
    visit_parts,
)

Handler = Callable[[Event], object]


def of_subject(verb: Callable[[str], object]) -> Handler:
    """The handler that calls `verb` with the id of what the event is about."""
    return lambda event: verb(event.subject_id)


def _score_frozen(event: Event) -> None:
    visit_parts.call(event.subject_id)
    if scores.score(event.subject_id):
        reviews.apply_rule(event.subject_id)


def _flag(event: Event) -> None:
    """The brand's rule may have waited for the flags; it never approves what has no score."""
    inspections.inspect(event.subject_id)
    ruled = (event.detail or {}).get("rule", True)
    if ruled and scores.score(event.subject_id):
        reviews.apply_rule(event.subject_id)


def _rule(event: Event) -> None:
    """The brand's rule waited for a reviewer who had the revision in hand."""
    if scores.score(event.subject_id):
        reviews.apply_rule(event.subject_id)


def _score_for_photo(event: Event) -> None:
    if revision_id := scores.score_for_photo(event.subject_id):
        reviews.apply_rule(revision_id)


def _develop(event: Event) -> None:
    developing.develop(event.subject_id, patient=event.attempts < developing.PATIENCE)


HANDLERS: dict[str, tuple[Handler, ...]] = {
    "revision.frozen": (_score_frozen, inspections.begin),
    "revision.approvable": (of_subject(reviews.approve_automatically),),
    "claim.ended": (_rule,),
    "revision.approved": (of_subject(scores.count), of_subject(visit_parts.call)),
    "revision.withdrawn": (of_subject(scores.discount),),
    "visit.changed": (of_subject(visit_parts.follow),),
    "photo.waiting": (of_subject(photos.settle),),
    "photo.stored": (_score_for_photo, developing.begin),
    "figures.changed": (of_subject(publishing.publish),),
    "report.unflagged": (_flag,),
    "store.changed": (lambda event: feeds.fan_out("stores", event.subject_id),),
    "promise.changed": (lambda event: feeds.fan_out("promises", event.subject_id),),
    "persona.changed": (lambda event: feeds.fan_out("personas", event.subject_id),),
    "checklist.changed": (of_subject(closings.tell),),
    "wave.changed": (of_subject(assignments.retell),),
    "figures.aged": (of_subject(fits.refit),),
    "person.erased": (of_subject(erasures.carry_out),),
    "picture.marked": (developing.draw,),
    "picture.undeveloped": (
        _develop,
        of_subject(inspections.begin_for_photo),
    ),
}

OWN_TRANSACTIONS = frozenset(
    {
        "revision.approvable",
        "visit.changed",
        "photo.waiting",
        "figures.changed",
        "report.unflagged",
        "figures.aged",
        "store.changed",
        "promise.changed",
        "persona.changed",
        "checklist.changed",
        "wave.changed",
        "person.erased",
        "picture.marked",
        "picture.undeveloped",
    }
)
"""Kinds that copy photos, read pictures, compare texts, lock feeds or compute for seconds: one
transaction around it would keep phones waiting for its locks, and on SQLite everybody."""

LEASED = frozenset({"picture.marked", "picture.undeveloped"})
"""Kinds whose events take long, so that each is left to one worker for a while, and between two of
them the run ends where something more urgent waits."""

CALCULATING = frozenset({"figures.changed", "figures.aged"})
"""Kinds that need scipy."""


def queues() -> list[str]:
    """The RQ queues of all kinds, the most urgent first; a worker listens to them."""
    return list(dict.fromkeys(queue.name_of(kind) for kind in HANDLERS))


def before(kind: str) -> list[str]:
    """The queues that are more urgent than the one of `kind`."""
    return list(itertools.takewhile(lambda name: name != queue.name_of(kind), queues()))
