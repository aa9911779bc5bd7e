"""Wire shapes of reports, their revisions and reviews."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment, Paging, Shape, Text, page_of
from schemas.photos import PhotoFlagSchema
from schemas.ratings import RatingSchema
from schemas.review_queue import ReportFlagSchema
from server import clock
from server.domain.states import PhotoState, RevisionStatus

STATUSES = ("draft", *RevisionStatus)


class PhoneMoment(Moment):
    """A phone's time, kept in milliseconds, shown as the others."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **more: Any) -> Any:
        moment = None if value is None else clock.from_ms(value)
        return super()._serialize(moment, attr, obj, **more)


def _phone_moment() -> PhoneMoment:
    return PhoneMoment(
        required=True, allow_none=True, metadata={"description": "By the phone's clock."}
    )


def _optional(field: type[fields.Field[Any]], description: str = "") -> fields.Field[Any]:
    metadata = {"description": description} if description else {}
    return field(required=True, allow_none=True, metadata=metadata)


class ReportFieldsSchema(ma.Schema):
    """A report's own fields; null where the phone has sent none."""

    started_at = _phone_moment()
    ended_at = _phone_moment()
    latitude = _optional(fields.Float)
    longitude = _optional(fields.Float)
    accuracy_m = _optional(fields.Float, "Metres.")
    summary = _optional(fields.String)
    answer_count = _optional(fields.Integer)
    photo_count = _optional(fields.Integer)
    submitted_at = _phone_moment()


class ReportAnswerSchema(ma.Schema):
    """An answer to an item, whether it fits or not."""

    value = fields.Raw(required=True, allow_none=True, metadata={"description": "Any JSON."})
    note = _optional(fields.String)
    answered_at = _phone_moment()


class ReportContentSchema(ma.Schema):
    """What a report says."""

    fields_ = fields.Nested(
        ReportFieldsSchema, required=True, data_key="fields", attribute="fields"
    )
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(ReportAnswerSchema),
        required=True,
        metadata={"description": "By item key."},
    )
    photos = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": 'Photo ids by item key; "" for those of no item.'},
    )


class LateEditSchema(ma.Schema):
    """What a phone sent for a revision that was frozen already."""

    key = fields.String(
        required=True, metadata={"description": "The item; empty for the report's own fields."}
    )
    name = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    revision = fields.Integer(required=True)
    updated_at = _phone_moment()


class ConflictSchema(ma.Schema):
    """What one device of the shopper had written and another's later edit replaced."""

    key = fields.String(
        required=True, metadata={"description": "The item; empty for the report's own fields."}
    )
    name = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    updated_at = _phone_moment()


class RevisionSummarySchema(ma.Schema):
    """A frozen revision without its content."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    status = fields.String(required=True)
    missing = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Required items without a fitting answer."},
    )
    late = fields.Boolean(required=True)
    frozen_at = Moment(required=True)
    decided_at = Moment(required=True, allow_none=True)


class RevisionSchema(RevisionSummarySchema):
    """A frozen revision; it never changes but for its status."""

    report_id = fields.String(required=True)
    content = fields.Nested(ReportContentSchema, required=True, attribute="document")


class ReviewItemSchema(Shape):
    """A word on one item."""

    item_key = Text(most=64, required=True)
    message = Text(most=2000, required=True)


class ReviewNewSchema(Shape):
    """A reviewer's word. `due_at` is until when a returned report may come again."""

    message = Text(most=5000, load_default=None, allow_none=True)
    items = fields.List(fields.Nested(ReviewItemSchema), load_default=list)
    due_at = Moment(load_default=None, allow_none=True)


class ApprovalNewSchema(ReviewNewSchema):
    """A reviewer's approval. `missing` names the photos without which it is approved: exactly those
    that the revision declares and that are not verified."""

    missing = fields.List(Text(most=160), load_default=list)


class ReviewReasonSchema(ReviewNewSchema):
    """A reviewer's word that tells the shopper why."""

    message = Text(most=5000, required=True)


class ReviewSchema(ma.Schema):
    """A reviewer's word on one revision, or the brand's rule (no reviewer)."""

    id = fields.String(required=True)
    report_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    outcome = fields.String(
        required=True, metadata={"description": "approved, returned, rejected or withdrawn."}
    )
    reviewer_id = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Nested(ReviewItemSchema), required=True)
    missing = fields.Function(
        lambda review: review.missing or [],
        required=True,
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "Photos without which it was approved.",
        },
    )
    due_at = Moment(required=True, allow_none=True)
    overdue_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When it was noted that `due_at` had passed without a revision."},
    )
    created_at = Moment(required=True)


class ReportSchema(ma.Schema):
    """A visit's report."""

    id = fields.String(required=True)
    assignment_id = fields.String(required=True)
    wave_id = fields.String(required=True)
    part_of = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The first part's assignment, of a later part of a visit."},
    )
    store_id = fields.String(required=True)
    shopper_id = fields.String(required=True)
    attempt = fields.Integer(required=True)
    checklist_id = fields.String(
        required=True,
        attribute="checklist_version_id",
        metadata={"description": "The checklist version that it answers."},
    )
    status = fields.String(
        required=True,
        metadata={"description": "draft, or what its last revision is.", "enum": list(STATUSES)},
    )
    revision = fields.Integer(
        required=True, metadata={"description": "The last frozen one; 0 before the first."}
    )
    locked = fields.Function(
        lambda report: report.locked_revision is not None,
        required=True,
        metadata={"type": "boolean", "description": "Frozen, and not returned."},
    )
    late = fields.Boolean(required=True)
    submitted_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class ReportPictureSchema(ma.Schema):
    """What became of a photo of the report."""

    photo_id = fields.String(required=True)
    item_key = fields.String(required=True, allow_none=True)
    state = Choice(PhotoState, required=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was rejected."}
    )
    flags = fields.List(
        fields.Nested(PhotoFlagSchema),
        required=True,
        allow_none=True,
        metadata={"description": "Null until its picture has been developed."},
    )


class ReportDetailSchema(ma.Schema):
    """A report with all that is known of it."""

    report = fields.Nested(ReportSchema, required=True)
    content = fields.Nested(ReportContentSchema, required=True)
    late_edits = fields.List(fields.Nested(LateEditSchema), required=True)
    conflicts = fields.List(fields.Nested(ConflictSchema), required=True)
    revisions = fields.List(fields.Nested(RevisionSummarySchema), required=True)
    reviews = fields.List(fields.Nested(ReviewSchema), required=True)
    pictures = fields.List(
        fields.Nested(ReportPictureSchema),
        required=True,
        allow_none=True,
        metadata={"description": "What became of its photos; null for who may not see photos."},
    )
    flags = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(ReportFlagSchema)),
        required=True,
        allow_none=True,
        metadata={"description": "By revision's id; null for who does not review."},
    )
    ratings = fields.List(
        fields.Nested(RatingSchema),
        required=True,
        allow_none=True,
        metadata={"description": "Of the shopper's work; null for who does not review."},
    )


class ReportListing(Paging):
    """Query of the list of reports."""

    status = Choice(STATUSES, load_default=None)
    store = Text(most=160, load_default=None)
    wave = Text(most=160, load_default=None)
    late = fields.Boolean(load_default=None)
    overdue = fields.Boolean(
        load_default=None, metadata={"description": "Returned, and not mended in time."}
    )


ReportPageSchema = page_of(ReportSchema, "Report")
