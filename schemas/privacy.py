"""Wire shapes of what the law asks for: erasures, and what is held about a person."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Moment, Shape, Whole, page_of
from server.domain.retention import LONGEST, SHORTEST, Kind


class ErasureSchema(ma.Schema):
    """That a person was erased from the brand. Who it was is not kept once it is done."""

    id = fields.String(required=True)
    membership_id = fields.String(required=True)
    status = fields.String(required=True, metadata={"enum": ["under_way", "done"]})
    requested_by = fields.String(required=True)
    requested_at = Moment(required=True)
    done_at = Moment(required=True, allow_none=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        allow_none=True,
        metadata={"description": "Rows overwritten or deleted, by kind; null until it is done."},
    )


class PersonalDataSchema(ma.Schema):
    """All rows that are held about a person, by kind. Times are ISO 8601, within documents
    milliseconds since 1970."""

    held = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Dict(keys=fields.String())), required=True
    )


def _days(**options: Any) -> Whole:
    return Whole(least=SHORTEST, most=LONGEST, allow_none=True, **options)


class RetentionNewSchema(Shape):
    """For how many days what is kept; null, or left out, for good. Counted from the close of the
    visit's assignment; for shoppers from the day on which they left, for staff lists from the last
    change, for the audit log from the request."""

    photos = _days(load_default=None)
    exif = _days(load_default=None)
    verbatims = _days(load_default=None)
    times = _days(load_default=None)
    shoppers = _days(load_default=None)
    staff = _days(load_default=None)
    audit = _days(load_default=None)


class RetentionSchema(ma.Schema):
    """The brand's rules."""

    photos = fields.Integer(required=True, allow_none=True)
    exif = fields.Integer(required=True, allow_none=True)
    verbatims = fields.Integer(required=True, allow_none=True)
    times = fields.Integer(required=True, allow_none=True)
    shoppers = fields.Integer(required=True, allow_none=True)
    staff = fields.Integer(required=True, allow_none=True)
    audit = fields.Integer(required=True, allow_none=True)


class RemovalSchema(ma.Schema):
    """What a rule removed: what was older than `before`."""

    kind = fields.String(required=True, metadata={"enum": [*Kind]})
    days = fields.Integer(required=True)
    before = Moment(required=True)
    count = fields.Integer(required=True)
    removed_at = Moment(required=True)


RemovalPageSchema = page_of(RemovalSchema, "Removal")
ErasurePageSchema = page_of(ErasureSchema, "Erasure")
