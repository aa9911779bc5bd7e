"""Wire shapes of proposed touchpoints."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Moment, Paging, Shape, Text, page_of
from schemas.touchpoints import TouchpointNewSchema


class ProposalSchema(ma.Schema):
    """A touchpoint that a shopper met and the map does not have."""

    id = fields.String(required=True, metadata={"description": "The phone's."})
    assignment_id = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    description = fields.String(required=True, allow_none=True)
    stage = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    proposed_at = Moment(required=True, allow_none=True)
    decision = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "accepted or declined; null while it waits."},
    )
    touchpoint_id = fields.String(
        required=True, allow_none=True, metadata={"description": "What it became part of."}
    )
    message = fields.String(
        required=True, allow_none=True, metadata={"description": "What its shopper was told."}
    )
    decided_at = Moment(required=True, allow_none=True)


class ProposalListing(Paging):
    """Which proposals are wanted."""

    decided = fields.Boolean(metadata={"description": "false: those that wait for a decision."})


class ProposalAcceptanceSchema(Shape):
    """What it becomes: part of the touchpoint `touchpoint_id`, or the new `touchpoint`."""

    touchpoint_id = Text(most=160)
    touchpoint = fields.Nested(TouchpointNewSchema)
    message = Text(most=1000, metadata={"description": "For the shopper."})

    @ma.validates_schema
    def one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        """An old touchpoint or a new one."""
        if ("touchpoint_id" in data) == ("touchpoint" in data):
            raise ma.ValidationError("Give either touchpoint_id or touchpoint.", "touchpoint_id")


class ProposalDeclineSchema(Shape):
    """Why the map stays as it is."""

    message = Text(most=1000, metadata={"description": "For the shopper."})


ProposalPageSchema = page_of(ProposalSchema, "Proposal")
