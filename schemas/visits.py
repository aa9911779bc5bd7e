"""Wire shapes of visits as a whole: with all their parts, and as their store is told of them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment, Shape, Text, matching
from server.domain.visits import PartState

_MONTH = {"description": "YYYY-MM, in the store's time zone.", "example": "2026-09"}
_POINTS = {"description": "0 to 100.", "example": 72.5}
_COVERAGE = {
    "description": "The share of the checklist's weight that was answered.",
    "example": 0.92,
}
_INCOMPLETE = {
    "description": "Whether a part that it called for is not in its score; null of scores from "
    "before this was kept.",
    "example": False,
}


def _if_any(field: type[fields.Field[Any]], description: str) -> fields.Field[Any]:
    return field(required=True, allow_none=True, metadata={"description": description})


class VisitSectionSchema(ma.Schema):
    """A section of the checklist."""

    key = fields.String(required=True, metadata={"example": "use"})
    title = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"example": {"it": "Uso", "en": "Use"}},
    )


class VisitPartSchema(ma.Schema):
    """A part of a visit, as far as it has come."""

    number = fields.Integer(
        required=True, metadata={"description": "0 is what is asked at once.", "example": 0}
    )
    checklist_id = fields.String(
        required=True,
        attribute="checklist_version_id",
        metadata={"description": "The part's own checklist version."},
    )
    sections = fields.List(fields.Nested(VisitSectionSchema), required=True)
    state = Choice(PartState, required=True, metadata={"example": "approved"})
    assignment_id = _if_any(fields.String, "Null where the part has not been given.")
    opens_at = _if_any(Moment, "From when it can be answered.")
    due_at = _if_any(Moment, "The end of its window; of a return with a deadline that one.")
    report_id = _if_any(fields.String, "Null before anything came.")
    revision = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The last frozen one; 0 before the first.", "example": 1},
    )
    late = fields.Boolean(required=True, metadata={"description": "What came, came late."})
    score = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of its last revision by itself, whether it counts or not.",
            "example": 72.5,
        },
    )


class VisitSchema(ma.Schema):
    """A visit with all its parts. Its figures are of the approved parts, null before it counts."""

    assignment_id = fields.String(
        required=True, attribute="assignment.id", metadata={"description": "The first part's."}
    )
    wave_id = fields.String(required=True, attribute="assignment.wave_id")
    store_id = fields.String(required=True, attribute="assignment.store_id")
    shopper_id = fields.String(required=True, attribute="assignment.shopper_id")
    attempt = fields.Integer(required=True, attribute="assignment.attempt")
    month = fields.String(required=True, allow_none=True, metadata=_MONTH)
    score = fields.Float(required=True, allow_none=True, metadata=_POINTS)
    coverage = fields.Float(required=True, allow_none=True, metadata=_COVERAGE)
    incomplete = fields.Boolean(required=True, allow_none=True, metadata=_INCOMPLETE)
    parts = fields.List(fields.Nested(VisitPartSchema), required=True)


class StoreVisitListing(Shape):
    """Query of the list of a store's visits."""

    month = Text(
        most=7,
        load_default=None,
        also=(matching(r"[0-9]{4}-(0[1-9]|1[0-2])"),),
        metadata={"description": "YYYY-MM."},
    )


class StoreVisitSchema(ma.Schema):
    """An approved visit as its store is told of it: without shopper, day or id."""

    month = fields.String(required=True, metadata=_MONTH)
    week = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "ISO week; null where the brand shows months.", "example": None},
    )
    score = fields.Float(required=True, allow_none=True, metadata=_POINTS)
    coverage = fields.Float(required=True, metadata=_COVERAGE)
    incomplete = fields.Boolean(required=True, allow_none=True, metadata=_INCOMPLETE)
    parts = fields.List(
        fields.List(fields.Nested(VisitSectionSchema)),
        required=True,
        metadata={"description": "The sections of each part that is in the score."},
    )


class StoreVisitsSchema(ma.Schema):
    """A store's visits, latest month first; within a month, or week, by their scores."""

    items = fields.List(fields.Nested(StoreVisitSchema), required=True)
