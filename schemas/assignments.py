"""Wire shapes of assignments. Only roles that may read assignments get one, so they name the
shopper."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import Answer, Change, Choice, Flag, Moment, Paging, Shape, Text, Whole, page_of
from server.domain.states import AssignmentStatus

MOST_AT_ONCE = 1000
_LARGEST_FEE = 10_000_000


def _id(**options: Any) -> Text:
    return Text(most=160, **options)


def _scenario(**options: Any) -> Text:
    return Text(most=5000, metadata={"description": "Who the shopper plays, and why."}, **options)


def _persona(**options: Any) -> Text:
    described = {"description": "A persona of the brand's: who the shopper plays."}
    return _id(allow_none=True, metadata=described, **options)


def _fee(**options: Any) -> Whole:
    described = {"description": "In minor units of `currency`."}
    return Whole(least=0, most=_LARGEST_FEE, metadata=described, **options)


def _currency(**options: Any) -> Text:
    return Text(
        least=3,
        most=3,
        also=[validate.Regexp("[A-Z]{3}")],
        metadata={"description": "ISO 4217.", "example": "EUR"},
        **options,
    )


_EXAMPLE = {
    "store_id": "0199b7a0c0de7000800000000000000c",
    "shopper_id": "0199b7a0c0de7000800000000000000d",
    "scenario": "You look for a gift for someone who never wears perfume.",
    "closes_at": "2026-10-15T22:00:00+02:00",
    "fee": 2500,
    "currency": "EUR",
}


class AssignmentSchema(Answer):
    """An assignment as it is answered."""

    wave_id = fields.String(required=True)
    store_id = fields.String(required=True)
    shopper_id = fields.String(required=True, metadata={"description": "The shopper's account."})
    checklist_version_id = fields.String(required=True)
    attempt = fields.Integer(required=True)
    part_of = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The first part's assignment, of a later part of a visit."},
    )
    status = fields.String(
        required=True, metadata={"enum": [str(status) for status in AssignmentStatus]}
    )
    scenario = fields.String(required=True, allow_none=True)
    persona_id = fields.String(required=True, allow_none=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    fee = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)


class OfferSchema(Shape):
    """One visit to be made. What is absent is the wave's."""

    store_id = _id(required=True)
    shopper_id = _id(required=True, metadata={"description": "The shopper's account."})
    checklist_version_id = _id()
    attempt = Whole(
        least=1,
        most=100,
        load_default=1,
        metadata={"description": "Counts visits: a re-shop is 2."},
    )
    part_of = _id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The first part's assignment, to give its shopper a later part again; "
            "`checklist_version_id` is the part's."
        },
    )
    scenario = _scenario(load_default=None, allow_none=True)
    persona_id = _persona(load_default=None)
    opens_at = Moment()
    closes_at = Moment()
    fee = _fee(load_default=None, allow_none=True)
    currency = _currency(load_default=None, allow_none=True)


class AssignmentsNewSchema(Shape):
    """Visits to be made in one wave, all or none of them."""

    wave_id = _id(required=True)
    accepted = Flag(
        load_default=False,
        metadata={"description": "Agreed already: accepted at once, and not offered first."},
    )
    items = fields.List(
        fields.Nested(OfferSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_AT_ONCE),
        metadata={"example": [_EXAMPLE]},
    )


class AssignmentsSchema(ma.Schema):
    """New assignments, in the order in which they were asked for."""

    items = fields.List(fields.Nested(AssignmentSchema), required=True)


class AssignmentChangeSchema(Change):
    """Fields of an open assignment to change."""

    scenario = _scenario(allow_none=True)
    persona_id = _persona()
    opens_at = Moment()
    closes_at = Moment()
    fee = _fee(allow_none=True)
    currency = _currency(allow_none=True)


class ReassignmentSchema(Shape):
    """Who makes the visit instead, and when, if not in the same window."""

    shopper_id = _id(required=True)
    opens_at = Moment()
    closes_at = Moment()


class AssignmentListingSchema(Paging):
    """Query of the list of assignments."""

    wave_id = _id()
    store_id = _id()
    shopper_id = _id()
    part_of = _id()
    status = Choice(AssignmentStatus)


AssignmentPageSchema = page_of(AssignmentSchema, "Assignment")
