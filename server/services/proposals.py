"""What is done with the touchpoints that shoppers propose: they become part of the map, or not, and
the shopper hears of it."""

from typing import Any

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import ProposalDecision
from server.errors import Conflict, NotFound
from server.models import Touchpoint, TouchpointProposal
from server.services import editing, feeds, notices, touchpoints
from server.services.access import require
from server.services.paging import Page, page


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, decided: bool | None = None
) -> Page:
    """A page of the brand's proposals, by id; those that wait for a decision, or that had one."""
    require(actor, brand_id, Permission.REPORTS_READ)
    query = TouchpointProposal.select().where(TouchpointProposal.brand_id == brand_id)
    if decided is not None:
        query = query.where(TouchpointProposal.decision.is_null(not decided))
    return page(query, TouchpointProposal.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, proposal_id: str) -> TouchpointProposal:
    """One proposal."""
    require(actor, brand_id, Permission.REPORTS_READ)
    return _find(brand_id, proposal_id)


def accept(
    actor: Actor,
    brand_id: str,
    proposal_id: str,
    *,
    touchpoint_id: str | None = None,
    touchpoint: dict[str, Any] | None = None,
    message: str | None = None,
) -> TouchpointProposal:
    """Merge the proposal into the touchpoint of that id, or map a new one of those fields.
    NotFound, Conflict where it was decided before."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        if touchpoint is not None:
            touchpoints.check_weight(touchpoint, "/touchpoint")
            found = editing.create(Touchpoint, brand_id, **touchpoint)
        else:
            found = editing.find(Touchpoint, brand_id, touchpoint_id or "")
        words = message or f"Your touchpoint is on the map now: {found.name}."
        decision = ProposalDecision.ACCEPTED
        return _decide(actor, brand_id, proposal_id, decision, words, found.id)


def decline(
    actor: Actor, brand_id: str, proposal_id: str, *, message: str | None = None
) -> TouchpointProposal:
    """Leave the map as it is. Conflict where it was decided before."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        words = message or "Thank you: the map stays as it is."
        return _decide(actor, brand_id, proposal_id, ProposalDecision.DECLINED, words, None)


def _decide(
    actor: Actor,
    brand_id: str,
    proposal_id: str,
    decision: ProposalDecision,
    message: str,
    touchpoint_id: str | None,
) -> TouchpointProposal:
    table = TouchpointProposal
    proposal = _find(brand_id, proposal_id)
    decided = table.update(
        decision=str(decision),
        message=message,
        touchpoint_id=touchpoint_id,
        decided_by=actor.account_id or actor.client_id,
        decided_at=clock.now(),
    ).where(table.id == proposal.id, table.decision.is_null())
    if not decided.execute():
        raise Conflict(f"This proposal was {proposal.decision or 'decided'} already.")
    record = f"touchpoint_proposals/{proposal.id}"
    word = notices.notify(proposal.shopper_id, record, f"proposal-{decision}", message)
    feeds.touch({proposal.shopper_id: [word]})
    return _find(brand_id, proposal_id)


def _find(brand_id: str, proposal_id: str) -> TouchpointProposal:
    found: TouchpointProposal | None = TouchpointProposal.get_or_none(
        TouchpointProposal.id == proposal_id, TouchpointProposal.brand_id == brand_id
    )
    if found is None:
        raise NotFound(f"There is no proposal {proposal_id!r}, or it is not yours to see.")
    return found
