"""Wire shapes of drivers: what goes with an outcome, and how sure that is."""

from typing import Any

import marshmallow as ma
from marshmallow import fields


def _ends(example: list[float]) -> fields.List[Any]:
    return fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={
            "description": "95 % interval by the infinitesimal jackknife; of few visits it is too "
            "narrow.",
            "example": example,
        },
    )


class DriverValueSchema(ma.Schema):
    """A value of the dimension."""

    value = fields.String(required=True, metadata={"example": "buy"})
    name = fields.String(required=True, metadata={"example": "buy"})


class DriverSchema(DriverValueSchema):
    """A predictor and its share of R²."""

    share = fields.Float(required=True, allow_none=True, metadata={"example": 0.31})
    interval95 = _ends([0.18, 0.44])


class DriversSchema(ma.Schema):
    """How much of the outcome's variation goes with each value (LMG); not what causes what."""

    outcome = fields.String(required=True, metadata={"example": "nps"})
    by = fields.String(required=True, metadata={"example": "stage"})
    n = fields.Integer(
        required=True, metadata={"description": "Visits, or a store's months, that it rests on."}
    )
    n_incomplete = fields.Integer(
        required=True,
        metadata={"description": "Left out, as they have no score of some value.", "example": 0},
    )
    r2 = fields.Float(required=True, allow_none=True, metadata={"example": 0.62})
    r2_interval95 = _ends([0.5, 0.74])
    adjusted_r2 = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "R² less what as many predictors that say nothing would have got; below "
            "0 they did worse.",
            "example": 0.59,
        },
    )
    shares = fields.List(fields.Nested(DriverSchema), required=True)
    left_out = fields.List(fields.Nested(DriverValueSchema), required=True)
    why = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why nothing can be told, where r2 is null.", "example": None},
    )
