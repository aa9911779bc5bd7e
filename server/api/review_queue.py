"""/v1/brands/{brand}/review-queue, and who has which revision in hand"""

from typing import Any

from schemas.review_queue import (
    ClaimSchema,
    ReviewQueueCountsSchema,
    ReviewQueueFilters,
    ReviewQueueListing,
    ReviewQueuePageSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict
from server.services import claims, review_queue

blp = Blueprint(
    "review_queue",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="What waits for a reviewer's word, and what is odd about it.",
)
_CLAIM = "/reports/<report_id>/revisions/<int:number>/claim"


@blp.operation(
    "GET", "/review-queue", query=ReviewQueueListing, returns=ReviewQueuePageSchema, personal=True
)
def list_review_queue(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the submitted revisions that nobody has decided on, with their flags."""
    return review_queue.listed(actor, brand_id, **query)


@blp.operation(
    "GET", "/review-queue/counts", query=ReviewQueueFilters, returns=ReviewQueueCountsSchema
)
def count_review_queue(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Count what waits, by flag too."""
    return review_queue.counted(actor, brand_id, **query)


@blp.operation("POST", _CLAIM, returns=ClaimSchema, status=201, raises=(Conflict,))
def claim_revision(actor: Actor, brand_id: str, report_id: str, number: int) -> Any:
    """Take a submitted revision in hand for half an hour, or for half an hour more. Meanwhile
    nobody else decides on it."""
    return claims.take(actor, brand_id, report_id, number)


@blp.operation("DELETE", _CLAIM, status=204)
def release_revision(actor: Actor, brand_id: str, report_id: str, number: int) -> Any:
    """Give a revision out of hand."""
    claims.release(actor, brand_id, report_id, number)
