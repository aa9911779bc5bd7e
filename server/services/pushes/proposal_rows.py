"""Pushed proposals of touchpoints that the map does not have."""

from server import clock
from server.db import chunks, columns
from server.domain import wire
from server.domain.wire import Row
from server.models import TouchpointProposal
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
        if _write_into(work, proposal, row) or known is None:
            changed[row.id] = work.proposals[row.id] = proposal
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
    )


def _write_into(work: Work, proposal: TouchpointProposal, row: Row) -> bool:
    values = {name: row.values[name] for name in _COLUMNS if name in row.values}
    if values.get("proposed_at") is not None:
        values["proposed_at"] = clock.from_ms(values["proposed_at"])
    different = {name: value for name, value in values.items() if value != getattr(proposal, name)}
    for name, value in different.items():
        setattr(proposal, name, value)
    proposal.updated_at = work.now
    return bool(different)


def _upsert(proposals: list[TouchpointProposal]) -> None:
    table = TouchpointProposal
    kept = [table._meta.fields[name] for name in (*_COLUMNS, "updated_at")]
    for part in chunks(proposals):
        table.insert_many(columns(one) for one in part).on_conflict(
            conflict_target=[table.id], preserve=kept
        ).execute()
