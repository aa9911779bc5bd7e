"""Fields that all figures have."""

from typing import Any

import marshmallow as ma
from marshmallow import fields


def score() -> fields.Float:
    """A plain mean of visits, in points."""
    return fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Plain mean of the visits, in points.", "example": 84.25},
    )


def interval() -> fields.List[Any]:
    """Student's interval of a plain mean."""
    return fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={
            "description": "Student's 95 % interval of the mean; null of one visit, and of equal "
            "ones.",
            "example": [79.0, 89.5],
        },
    )


def adjusted() -> fields.Float:
    """An adjusted mean of visits, in points."""
    return fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "In points, adjusted as in the ranking; null of no visits.",
            "example": 81.5,
        },
    )


def adjusted_ends() -> fields.List[Any]:
    """The interval of an adjusted mean."""
    return fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={
            "description": "95 % interval of the score; null where all visits are equal.",
            "example": [74.0, 89.0],
        },
    )


def n() -> fields.Integer:
    """How many visits tell of it."""
    return fields.Integer(required=True, metadata={"description": "Visits that tell of it."})


def depends_on() -> fields.List[Any]:
    """What a promise was scored as depending on."""
    return fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Promises, of the latest version visited that had any.",
            "example": ["0199b7a0c0de700080000000000000fe"],
        },
    )


def of() -> fields.Integer:
    """How many visits could have kept what a promise depends on."""
    return fields.Integer(
        required=True,
        allow_none=True,
        dump_default=None,
        metadata={
            "description": "Visits that tell of the promise, by versions that had the dependency: "
            "n of these kept it. Null where some were scored before this was counted."
        },
    )


def month() -> fields.String:
    """YYYY-MM."""
    return fields.String(required=True, metadata={"example": "2026-09"})


def method() -> fields.String:
    """The version of the method of visits' scores."""
    return fields.String(
        required=True,
        metadata={"description": "Of the visits' scores: docs/scoring.md.", "example": "1"},
    )


def coherence(description: str) -> fields.Float:
    """How alike a promise is kept."""
    return fields.Float(
        required=True, allow_none=True, metadata={"description": description, "example": 0.81}
    )


def some(schema: type[ma.Schema]) -> fields.List[Any]:
    """A list of these."""
    return fields.List(fields.Nested(schema), required=True)


def ends(example: list[float]) -> fields.List[Any]:
    """The lower and the upper end."""
    return fields.List(fields.Float(), required=True, metadata={"example": example})
