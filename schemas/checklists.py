"""Wire shapes of checklists and their versions."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Answer, Change, Moment, Shape, Text, page_of
from schemas.documents import DelaySchema, Document, Draft
from schemas.problems import FieldErrorSchema


class ChecklistSummarySchema(Answer):
    """A checklist in a list."""

    title = fields.String(required=True)
    published_number = fields.Integer(
        required=True, metadata={"description": "The last published version; 0 before the first."}
    )
    archived_at = Moment(required=True, allow_none=True)


class ChecklistSchema(ChecklistSummarySchema):
    """A checklist with its draft."""

    draft = Draft(required=True)
    problems = fields.List(
        fields.Nested(FieldErrorSchema),
        required=True,
        metadata={"description": "What keeps the draft from being published."},
    )
    warnings = fields.List(
        fields.Nested(FieldErrorSchema),
        required=True,
        metadata={
            "description": "What to think over before publishing: touchpoints of which no item "
            "asks how they felt."
        },
    )


class ChecklistNewSchema(Shape):
    """A checklist to be begun."""

    title = Text(most=200, required=True)
    draft = Draft(required=True)


class ChecklistChangeSchema(Change):
    """Fields of a checklist to change; a draft is replaced whole."""

    title = Text(most=200)
    draft = Draft()


class ChecklistVersionSummarySchema(ma.Schema):
    """A published version in a list."""

    id = fields.String(required=True, metadata={"description": "What waves and assignments name."})
    checklist_id = fields.String(required=True)
    number = fields.Integer(required=True, metadata={"description": "From 1, without gaps."})
    title = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    published_at = Moment(required=True)
    closing_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "Since when it starts no reports; null while it does."},
    )


class LaterPartSchema(ma.Schema):
    """A part of the visit that comes later, as an assignment of its own."""

    id = fields.String(
        required=True, metadata={"description": "What its assignments name as their checklist."}
    )
    delay = fields.Nested(DelaySchema, required=True)
    sections = fields.List(
        fields.String(), required=True, metadata={"description": "Keys.", "example": ["use"]}
    )


class ChecklistVersionSchema(ChecklistVersionSummarySchema):
    """A published version. It never changes, but that it may be closed and opened again."""

    document = Document(required=True)
    parts = fields.List(
        fields.Nested(LaterPartSchema),
        required=True,
        metadata={"description": "Those that come later, in their order."},
    )


ChecklistPageSchema = page_of(ChecklistSummarySchema, "Checklist")
ChecklistVersionPageSchema = page_of(ChecklistVersionSummarySchema, "ChecklistVersion")
