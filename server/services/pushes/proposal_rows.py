"""Pushed proposals of touchpoints that the map does not have."""

from server.db import chunks, columns
from server.domain import wire
from server.domain.wire import Row
from server.models import TouchpointProposal
from server.services.pushes import plain_rows
from server.services.pushes.work import Work

_COLUMNS = ("title", "description", "stage", "channel", "proposed_at")


def take(work: Work) -> None:
    """Keep the proposals, for whoever draws the map."""
    changed: dict[str, TouchpointProposal] = {}
    for row in work.changes["touchpoint_proposals"].rows:
        known = work.proposals.get(row.id)
        proposal = _mine(work, row, known)
        if proposal is None:
            work.reject("touchpoint_proposals", row.id)
            continue
        work.complain("touchpoint_proposals", row)
        locked = None if proposal.decision is None else 0
        outcome = plain_rows.merge(work, row, proposal, _COLUMNS, locked=locked)
        work.tell("touchpoint_proposals", row.id, outcome, "It was decided on already")
        changed[row.id] = work.proposals[row.id] = proposal
        if outcome.touched or known is None:
            work.touched.append(("touchpoint_proposals", row.id))
    _upsert(list(changed.values()))


def _mine(work: Work, row: Row, known: TouchpointProposal | None) -> TouchpointProposal | None:
    if known is not None:
        return known if known.shopper_id == work.shopper_id else None
    assignment = work.assignments.get(row.values.get("assignment_id") or "")
    if assignment is None or not wire.good_id(row.id):
        return None
    return TouchpointProposal(
        id=row.id,
        shopper_id=work.shopper_id,
        assignment_id=assignment.id,
        brand_id=assignment.brand_id,
        updated_at=work.now,
    )


def _upsert(proposals: list[TouchpointProposal]) -> None:
    table = TouchpointProposal
    kept = [table._meta.fields[name] for name in (*_COLUMNS, "document", "updated_at")]
    for part in chunks(proposals):
        table.insert_many(columns(one) for one in part).on_conflict(
            conflict_target=[table.id], preserve=kept
        ).execute()
