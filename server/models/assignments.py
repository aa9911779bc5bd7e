"""Assignments: one shopper is to visit one store once."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Editable, Id


class Assignment(Editable):
    """`status` is of `server.domain.states.AssignmentStatus`; `attempt` counts visits (a re-shop
    is 2); `part_of` is the assignment of the visit's first part, where this is a later one;
    `persona_id` is who the shopper plays; `fee` is in minor units of `currency` (ISO 4217);
    `closed_at` is when it left the open states."""

    wave_id = Id(index=True)
    store_id = Id(index=True)
    shopper_id = Id(index=True)
    checklist_version_id = Id()
    attempt = peewee.IntegerField(default=1)
    part_of = Id(null=True, index=True)
    status = peewee.TextField()
    scenario = peewee.TextField(null=True)
    persona_id = Id(null=True)
    opens_at = UtcField()
    closes_at = UtcField()
    fee = peewee.IntegerField(null=True)
    currency = peewee.TextField(null=True)
    closed_at = UtcField(null=True)

    class Meta:
        indexes = ((("status", "closes_at"), False),)


class AssignmentResponse(Table):
    """The shopper's answer to an offer, written by the phone; `id` is the assignment's, `document`
    `server.domain.merging`'s."""

    id = Id(primary_key=True)
    shopper_id = Id(index=True)
    response = peewee.TextField(null=True)
    reason = peewee.TextField(null=True)
    responded_at = UtcField(null=True)
    document = JsonField(null=True)
    updated_at = UtcField()
