"""Wire shapes of the review queue: what waits, its flags, and who has it in hand."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment, Paging, Shape, Text, page_of
from server.domain.report_flags import FlagCode
from server.domain.states import QueueOrder


class ReportFlagSchema(ma.Schema):
    """A hint that something is odd about a report; it refuses nothing."""

    code = Choice(FlagCode, required=True)
    message = fields.String(required=True)
    item_keys = fields.List(fields.String(), required=True)
    evidence = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "What it was concluded from; docs/review.md tells by flag."},
    )


class ClaimSchema(ma.Schema):
    """That a reviewer has a revision in hand."""

    reviewer_id = fields.String(required=True)
    claimed_at = Moment(required=True)
    until = Moment(required=True, metadata={"description": "When it lapses by itself."})


class WaitingSchema(ma.Schema):
    """A submitted revision that waits for a reviewer's word."""

    revision_id = fields.String(required=True, attribute="revision.id")
    report_id = fields.String(required=True, attribute="revision.report_id")
    number = fields.Integer(required=True, attribute="revision.number")
    store_id = fields.String(required=True, attribute="revision.store_id")
    shopper_id = fields.String(required=True, attribute="revision.shopper_id")
    wave_id = fields.String(required=True, attribute="revision.wave_id")
    checklist_id = fields.String(
        required=True,
        attribute="revision.checklist_version_id",
        metadata={"description": "The checklist version that it answers."},
    )
    missing = fields.List(fields.String(), required=True, attribute="revision.missing")
    late = fields.Boolean(required=True, attribute="revision.late")
    frozen_at = Moment(required=True, attribute="revision.frozen_at")
    inspected_at = Moment(
        required=True,
        allow_none=True,
        attribute="revision.inspected_at",
        metadata={"description": "Null until its flags were looked for."},
    )
    flags = fields.List(fields.Nested(ReportFlagSchema), required=True)
    claim = fields.Nested(ClaimSchema, required=True, allow_none=True)


class ReviewQueueFilters(Shape):
    """What of the queue is asked for."""

    flag = Choice(FlagCode, load_default=None)
    wave = Text(most=160, load_default=None)
    checklist = Text(most=160, load_default=None, metadata={"description": "A version's id."})
    store = Text(most=160, load_default=None)
    region = Text(most=160, load_default=None, metadata={"description": "With all below it."})
    shopper = Text(most=160, load_default=None)
    late = fields.Boolean(load_default=None)
    claimed = fields.Boolean(
        load_default=None, metadata={"description": "Whether somebody has it in hand."}
    )


class ReviewQueueListing(Paging, ReviewQueueFilters):
    """Query of the queue."""

    order = Choice(QueueOrder, load_default=str(QueueOrder.OLDEST))


class ReviewQueueCountsSchema(ma.Schema):
    """How much waits."""

    waiting = fields.Integer(required=True)
    late = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    uninspected = fields.Integer(
        required=True, metadata={"description": "Whose flags have not been looked for yet."}
    )
    flags = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Revisions by flag; flags that none has are not there."},
    )
    overdue = fields.Integer(
        required=True,
        metadata={"description": "Returned reports whose time to mend has passed; unfiltered."},
    )


ReviewQueuePageSchema = page_of(WaitingSchema, "ReviewQueue")
