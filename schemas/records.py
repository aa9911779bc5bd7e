"""Wire shapes of records: the audit log, consents, disclosures, staff, editions."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import (
    Answer,
    Change,
    Choice,
    Flag,
    Moment,
    Paging,
    Shape,
    Text,
    matching,
    page_of,
)
from server.domain.redaction import Field

_SLUG = r"[a-z][a-z0-9_]{0,39}"


class AuditListing(Paging):
    """Query of the audit log."""

    by = Text(most=160, load_default=None, metadata={"description": "An account's or client's id."})
    operation = Text(
        most=80, load_default=None, metadata={"description": "An operationId of this document."}
    )
    report = Text(most=160, load_default=None, metadata={"description": "A report's id."})


class AuditEntrySchema(ma.Schema):
    """One answered request that read personal data, or changed something."""

    at = Moment(required=True)
    actor = fields.String(required=True)
    operation = fields.String(required=True)
    things = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    request_id = fields.String(required=True)


class ConsentListing(Paging):
    """Query of the brand's consents."""

    account = Text(most=160, load_default=None)


class ConsentNewSchema(Shape):
    """What one was told and agrees to, or no longer does."""

    kind = Text(
        most=40,
        required=True,
        also=[matching(_SLUG)],
        metadata={"description": "Such as privacy_notice, terms, photos."},
    )
    document_version = Text(
        most=80, required=True, metadata={"description": "Which version of that text."}
    )
    agreed = Flag(load_default=True)


class ConsentSchema(ma.Schema):
    """A person's word; the last one of a kind holds."""

    id = fields.String(required=True)
    brand_id = fields.String(required=True)
    account_id = fields.String(required=True)
    kind = fields.String(required=True)
    document_version = fields.String(required=True)
    agreed = fields.Boolean(required=True)
    at = Moment(required=True)


class ConsentsSchema(ma.Schema):
    """All of one's words."""

    items = fields.List(fields.Nested(ConsentSchema), required=True)


class Day(fields.Date):
    """YYYY-MM-DD."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)


class DisclosureNewSchema(Shape):
    """That the staff of a store, or of all (null), were told that visits take place."""

    store_id = Text(most=160, load_default=None, allow_none=True)
    told_on = Day(required=True)
    objective = Text(most=2000, required=True)
    legal_basis = Text(most=2000, required=True)


class DisclosureSchema(ma.Schema):
    """What staff were told, and when."""

    id = fields.String(required=True)
    store_id = fields.String(required=True, allow_none=True)
    told_on = fields.String(required=True, metadata={"format": "date"})
    objective = fields.String(required=True)
    legal_basis = fields.String(required=True)


class StaffMemberNewSchema(Shape):
    """Somebody who works in the store."""

    name = Text(most=200, required=True)
    role = Text(most=100, required=True, metadata={"description": "What is read for the name."})


class StaffMemberChangeSchema(Change):
    """Fields of a member of the staff to change."""

    name = Text(most=200)
    role = Text(most=100)


class StaffMemberSchema(Answer):
    """Somebody who works in the store. Kept to take names out of texts, and for nothing else."""

    store_id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)


class SpanSchema(ma.Schema):
    """Where a name stands in the text: characters from `start` to before `end`."""

    start = fields.Integer(required=True)
    end = fields.Integer(required=True)
    role = fields.String(required=True)


class RedactionSchema(ma.Schema):
    """A text of the shopper's, the names in it, and it without them."""

    item_key = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, metadata={"enum": [*Field]})
    text = fields.String(required=True)
    spans = fields.List(fields.Nested(SpanSchema), required=True)
    redacted = fields.String(required=True)


class RedactionsSchema(ma.Schema):
    """All texts of a revision."""

    items = fields.List(fields.Nested(RedactionSchema), required=True)


class EditNewSchema(Shape):
    """One text as stores are to read it."""

    item_key = Text(most=160, required=True, allow_none=True)
    field = Choice(Field, required=True)
    text = Text(least=0, most=20_000, required=True)


class EditionNewSchema(Shape):
    """The next edition of some of a revision's texts."""

    edits = fields.List(
        fields.Nested(EditNewSchema), required=True, validate=validate.Length(min=1, max=500)
    )


class EditionSchema(ma.Schema):
    """One text in one edition; the last of each text is what stores read."""

    number = fields.Integer(required=True)
    item_key = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, metadata={"enum": [*Field]})
    text = fields.String(required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class EditionsSchema(ma.Schema):
    """All editions of a revision's texts, oldest first."""

    items = fields.List(fields.Nested(EditionSchema), required=True)


AuditEntryPageSchema = page_of(AuditEntrySchema, "AuditEntry")
ConsentPageSchema = page_of(ConsentSchema, "Consent")
DisclosurePageSchema = page_of(DisclosureSchema, "Disclosure")
StaffMemberPageSchema = page_of(StaffMemberSchema, "StaffMember")
