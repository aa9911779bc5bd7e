"""/v1/brands/{brand}/messages, and those of one report"""

from typing import Any

from schemas.base import Paging
from schemas.messages import MessageListing, MessageNewSchema, MessagePageSchema, MessageSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict, Duplicate
from server.services import messages

blp = Blueprint(
    "messages",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="Words between a report's shopper and its reviewers.",
)
_OF_REPORT = "/reports/<report_id>/messages"


@blp.operation("GET", "/messages", query=MessageListing, returns=MessagePageSchema, personal=True)
def list_messages(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's messages, oldest first; keep `next_cursor` to ask for what is new."""
    return messages.listed(actor, brand_id, **query)


@blp.operation("GET", _OF_REPORT, query=Paging, returns=MessagePageSchema, personal=True)
def list_report_messages(actor: Actor, brand_id: str, report_id: str, query: dict[str, Any]) -> Any:
    """List a report's messages, for its shopper and the brand's reviewers."""
    return messages.of_report(actor, brand_id, report_id, **query)


@blp.operation(
    "POST",
    _OF_REPORT,
    body=MessageNewSchema,
    returns=MessageSchema,
    status=201,
    raises=(Conflict, Duplicate),
)
def send_message(actor: Actor, brand_id: str, report_id: str, body: dict[str, Any]) -> Any:
    """Write to the report's shopper, or as its shopper to the reviewers."""
    return messages.send(actor, brand_id, report_id, body["id"], body["text"])
