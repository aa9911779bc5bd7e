"""Which reviewer has which revision in hand, so that two do not work on the same. A claim lapses by
itself: nobody has to be found to give it back."""

from datetime import datetime, timedelta

from server import clock
from server.db import atomic, insert
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import RevisionStatus
from server.errors import Conflict
from server.models import Claim, Revision
from server.services.access import require
from server.services.reports import hold, revision_of

LASTS = timedelta(minutes=30)


def take(actor: Actor, brand_id: str, report_id: str, number: int) -> Claim:
    """Take a submitted revision in hand, or hold it for longer. Conflict where it is decided, or in
    another's hand. In the locked feed, as a decision is, so that of the two one sees the other."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    with atomic():
        hold(brand_id, report_id)
        revision = revision_of(brand_id, report_id, number)
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
    revision = revision_of(brand_id, report_id, number)
    with atomic():
        mine = (Claim.revision_id == revision.id) & (Claim.reviewer_id == actor.name)
        Claim.delete().where(mine).execute()


def refuse_anothers(revision: Revision, name: str) -> None:
    """Conflict where somebody else has the revision in hand."""
    live = (Claim.revision_id == revision.id) & (Claim.until > clock.now())
    claim = Claim.get_or_none(live, Claim.reviewer_id != name)
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
