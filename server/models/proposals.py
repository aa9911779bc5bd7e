"""Touchpoints that shoppers met and the map does not have."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class TouchpointProposal(Table):
    """`id` is the phone's, and so are the texts; `stage` and `channel` are what the shopper wrote.
    `decision` is of `server.domain.states.ProposalDecision` once somebody who draws the map has
    decided, with a `message` for the shopper; `touchpoint_id` is what it became part of.
    `document` is `server.domain.merging`'s, of what phones wrote."""

    id = Id(primary_key=True)
    shopper_id = Id(index=True)
    assignment_id = Id()
    brand_id = Id(index=True)
    title = peewee.TextField(null=True)
    description = peewee.TextField(null=True)
    stage = peewee.TextField(null=True)
    channel = peewee.TextField(null=True)
    proposed_at = UtcField(null=True)
    document = JsonField(null=True)
    updated_at = UtcField()
    decision = peewee.TextField(null=True)
    touchpoint_id = Id(null=True)
    message = peewee.TextField(null=True)
    decided_by = Id(null=True)
    decided_at = UtcField(null=True)
