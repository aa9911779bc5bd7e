"""Wire shapes of checklist templates."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Shape, Text
from schemas.documents import Texts


class TemplateSummarySchema(ma.Schema):
    """A template in a list."""

    name = fields.String(required=True, metadata={"example": "restaurant"})
    version = fields.Integer(required=True)
    title = Texts(required=True)
    n_items = fields.Integer(required=True, metadata={"example": 33})


class TemplateSchema(TemplateSummarySchema):
    """A template; its sections name promises and touchpoints by its own keys."""

    promises = fields.Raw(required=True, metadata={"type": "object", "example": {}})
    touchpoints = fields.Raw(required=True, metadata={"type": "object", "example": {}})
    sections = fields.List(
        fields.Raw(metadata={"type": "object"}), required=True, metadata={"example": []}
    )


class TemplateListSchema(ma.Schema):
    """All templates."""

    items = fields.List(fields.Nested(TemplateSummarySchema), required=True)


class TemplateAdoptionSchema(Shape):
    """Which template to begin with."""

    template = Text(most=100, required=True, metadata={"example": "restaurant"})
