"""Wire shapes of messages between a report's shopper and the brand's reviewers."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Moment, Paging, Shape, Text, matching, page_of
from server.domain.states import Author


class MessageNewSchema(Shape):
    """A message to the other side. Sent twice under the same id, it is one."""

    id = Text(
        least=8,
        most=64,
        load_default=None,
        also=[matching(r"[A-Za-z0-9_-]{8,64}")],
        metadata={"description": "A UUID of the writer's, for who may have to send it again."},
    )
    text = Text(most=5000, required=True)


class MessageSchema(ma.Schema):
    """A message. Shoppers are told that a reviewer wrote it, not which."""

    id = fields.String(required=True)
    report_id = fields.String(required=True)
    author = Choice(Author, required=True)
    author_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Null to the shopper."}
    )
    text = fields.String(required=True)
    sent_at = Moment(
        required=True, allow_none=True, metadata={"description": "By the phone's clock."}
    )
    created_at = Moment(required=True)


class MessageListing(Paging):
    """Query of the brand's messages."""

    author = Choice(Author, load_default=None)


MessagePageSchema = page_of(MessageSchema, "Message")
