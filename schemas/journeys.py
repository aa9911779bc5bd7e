"""Wire shapes of the journey as visits found it."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.figures import method as _method
from schemas.figures import n as _n
from schemas.figures import score as _score
from schemas.figures import some as _some
from schemas.insights import MendSchema, VisitsSchema


def _said(description: str) -> Any:
    return fields.String(required=True, allow_none=True, metadata={"description": description})


def _weight() -> fields.Float:
    told = {"description": "The map's, of a moment of truth alone.", "example": 2.0}
    return fields.Float(required=True, allow_none=True, metadata=told)


def _count(description: str, example: int) -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": description, "example": example})


class ExpectationSchema(ma.Schema):
    """What customers expect, and how often it was below, met or above it (correspondence)."""

    said = _said("The map's words.")
    below = _count("Answers.", 2)
    met = _count("Answers.", 9)
    exceeded = _count("Answers.", 4)


class WeaknessSchema(ma.Schema):
    """Where it fails them, and the items that cost most here."""

    said = _said("The map's words.")
    items = fields.List(fields.Nested(MendSchema), required=True)


class OpportunitySchema(ma.Schema):
    """What could be made of it, and how many opportunities were missed."""

    said = _said("The map's words.")
    missed = _count("Visits that saw one missed.", 3)
    asked = _count("Visits that looked.", 15)


class JourneyTouchpointSchema(ma.Schema):
    """A touchpoint, as it is on the map and as visits found it."""

    touchpoint_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"example": "The welcome"})
    stage = fields.String(required=True)
    channel = fields.String(required=True)
    moment_of_truth = fields.Boolean(required=True)
    weight = _weight()
    score = fields.Float(required=True, allow_none=True, metadata={"example": 84.25})
    interval95 = fields.List(
        fields.Float(), required=True, allow_none=True, metadata={"example": [79.0, 89.5]}
    )
    n = _count("Visits that tell of it.", 15)
    expectation = fields.Nested(ExpectationSchema, required=True)
    weakness = fields.Nested(WeaknessSchema, required=True)
    opportunity = fields.Nested(OpportunitySchema, required=True)


class JourneySchema(ma.Schema):
    """The touchpoints along the stages, the moments of truth of each stage first."""

    items = fields.List(fields.Nested(JourneyTouchpointSchema), required=True)


class ToldSchema(ma.Schema):
    """How many items of the checklists in use ask of it, and how many visits tell of it."""

    n_items = fields.Integer(
        required=True, metadata={"description": "0: no checklist in use asks.", "example": 4}
    )
    n = _n()
    score = _score()
    last_month = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null: no visit tells of it.", "example": "2026-09"},
    )


class StageCoverageSchema(ToldSchema):
    """A stage of the journey."""

    stage = fields.String(required=True)


class TouchpointCoverageSchema(ToldSchema):
    """A touchpoint of the map."""

    touchpoint_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"example": "The welcome"})
    stage = fields.String(required=True)
    moment_of_truth = fields.Boolean(required=True)
    weight = _weight()


class PromiseCoverageSchema(ToldSchema):
    """A promise of the brand."""

    promise_id = fields.String(required=True)
    adjective = fields.String(required=True)


class CoverageSchema(VisitsSchema):
    """What of the journey is asked, and what of it visits tell of."""

    stages = _some(StageCoverageSchema)
    touchpoints = _some(TouchpointCoverageSchema)
    promises = _some(PromiseCoverageSchema)
    method_version = _method()
