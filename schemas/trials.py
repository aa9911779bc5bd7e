"""Wire shapes of checklists tried out, and of what changed between versions."""

from typing import Any

import marshmallow as ma
import orjson
from marshmallow import fields, validate

from schemas.base import QueryWhole, Shape, Text, Whole
from server.domain.items import MOST_PHOTOS
from server.domain.trials import Answers

_MOST = 1000


def _by_item(values: fields.Field[Any], **metadata: Any) -> fields.Dict:
    return fields.Dict(
        keys=Text(most=64),
        values=values,
        load_default=dict,
        validate=validate.Length(max=_MOST),
        metadata=metadata,
    )


class TrialNewSchema(Shape):
    """Answers to try, by item key."""

    values = _by_item(
        fields.Raw(allow_none=True, metadata={"example": True}),
        description="Answers as on the wire, not as JSON text.",
        example={"greeted": True},
    )
    notes = _by_item(Text(least=0, most=10_000), example={"greeted": "At once."})
    photos = _by_item(
        Whole(least=0, most=MOST_PHOTOS), description="How many.", example={"window": 1}
    )

    @ma.validates("values")
    def without_nul(self, values: dict[str, Any], data_key: str) -> None:
        """As everywhere: what could not be kept is not tried."""
        wrong = {
            key: ["Must not contain the NUL character."]
            for key, value in values.items()
            if b"\\u0000" in orjson.dumps(value)
        }
        if wrong:
            raise ma.ValidationError(wrong)

    @ma.post_load
    def as_answers(self, data: dict[str, Any], **_: Any) -> Answers:
        """The domain's own."""
        return Answers(**data)


class TrialSchema(ma.Schema):
    """What a visit with these answers would come to."""

    seen = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Keys of the items that the shopper sees.",
            "example": ["greeted"],
        },
    )
    missing = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Required items without all that they ask for."},
    )
    unfit = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Answers that do not fit, or are of no item.",
            "example": [],
        },
    )
    scores = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "Points, 0-100, by measure.", "example": {"visit": 82.5}},
    )
    coverage = fields.Float(
        required=True,
        metadata={"description": "Share of the checklist's weight, 0-1.", "example": 1.0},
    )
    critical_failed = fields.List(fields.String(), required=True, metadata={"example": []})


class WeightingSchema(ma.Schema):
    """What a version counts for what, if everything applies."""

    shares = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Float()),
        required=True,
        metadata={
            "description": "By dimension and value, the share of the visit's score, 0-1.",
            "example": {"domain": {"service": 0.62, "shopping": 0.25, "usability": 0.13}},
        },
    )


class ChangesQuery(Shape):
    """From which version on."""

    since = QueryWhole(least=1, most=1_000_000_000, required=True)


class ChecklistDifferenceSchema(ma.Schema):
    """Something that changed."""

    kind = fields.String(
        required=True,
        metadata={"enum": ["added", "removed", "changed", "moved"], "example": "changed"},
    )
    what = fields.String(required=True, metadata={"enum": ["document", "section", "item"]})
    key = fields.String(required=True, allow_none=True, metadata={"example": "greeted"})
    fields_ = fields.List(
        fields.String(),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"example": ["weight"]},
    )


class ChecklistChangesSchema(ma.Schema):
    """What changed from one version to another."""

    items = fields.List(fields.Nested(ChecklistDifferenceSchema), required=True)
