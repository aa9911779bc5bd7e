"""Which reviewer has which revision in hand, so that two do not work on the same. A claim lapses by
itself: nobody has to be found to give it back."""

from datetime import datetime, timedelta
from typing import Any

from server import clock
from server.db import atomic, insert
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import RevisionStatus
from server.errors import Conflict
from server.models import Claim, Revision
from server.services import events
from server.services.access import require
from server.services.reports import hold, revision_of

LASTS = timedelta(minutes=30)

_AT_ONCE = 200


def take(actor: Actor, brand_id: str, report_id: str, number: int) -> Claim:
    """Take a submitted revision in hand, or hold it for longer. Conflict where it is decided, or in
    another's hand. In the locked feed, as a decision is, so that of the two one sees the other."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    with atomic():
        hold(actor, brand_id, report_id)
        revision = revision_of(actor, brand_id, report_id, number)
        if revision.status != RevisionStatus.SUBMITTED:
            raise Conflict(f"Revision {number} is {revision.status} already.")
        refuse_anothers(revision, actor.name)
        now = clock.now()
        values = {
            "revision_id": revision.id,
            "brand_id": brand_id,
            "reviewer_id": actor.name,
            "claimed_at": now,
            "until": now + LASTS,
        }
        changed = ("reviewer_id", "claimed_at", "until")
        insert(Claim, [values], key=("revision_id",), update=changed)
        return Claim(**values)


def release(actor: Actor, brand_id: str, report_id: str, number: int) -> None:
    """Give a revision out of hand. Giving back what one has not changes nothing."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    revision = revision_of(actor, brand_id, report_id, number)
    with atomic():
        mine = (Claim.revision_id == revision.id) & (Claim.reviewer_id == actor.name)
        free(mine)


def end_lapsed() -> int:
    """Forget claims that lapsed; how many. For the chores; may run twice."""
    with atomic():
        lapsed = Claim.select(Claim.revision_id).where(Claim.until <= clock.now())
        some = [claim.revision_id for claim in lapsed.order_by(Claim.until).limit(_AT_ONCE)]
        return free(Claim.revision_id.in_(some) & (Claim.until <= clock.now()))


def free(condition: Any) -> int:
    """Within a transaction, forget such claims though nothing was decided; how many. The brand's
    rule may have waited for that: each leaves an event."""
    freed = Claim.delete().where(condition).returning(Claim.revision_id, Claim.brand_id).execute()
    rows = [(claim.revision_id, claim.brand_id) for claim in freed]
    for revision_id, brand_id in rows:
        events.emit("claim.ended", revision_id, brand_id)
    return len(rows)


def held(revision_id: str) -> bool:
    """Whether anybody has the revision in hand."""
    return bool(Claim.select().where(_live(revision_id)).exists())


def refuse_anothers(revision: Revision, name: str) -> None:
    """Conflict where somebody else has the revision in hand."""
    claim = Claim.get_or_none(_live(revision.id), Claim.reviewer_id != name)
    if claim is not None:
        until: datetime = claim.until
        raise Conflict(
            f"Another reviewer has revision {revision.number} in hand until {until.isoformat()}: "
            "wait until then, or ask them to give it back.",
            reviewer_id=claim.reviewer_id,
        )


def end(revision: Revision) -> None:
    """Within a transaction: the revision was decided on, nobody has it in hand any more."""
    Claim.delete().where(Claim.revision_id == revision.id).execute()


def _live(revision_id: str) -> Any:
    return (Claim.revision_id == revision_id) & (Claim.until > clock.now())
