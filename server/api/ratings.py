"""Ratings of shoppers' work: the brand writes and reads them, the shopper reads their own."""

from typing import Any

from schemas.ratings import (
    OwnRatingsSchema,
    RatingNewSchema,
    RatingSchema,
    ShopperRatingListing,
    ShopperRatingPageSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Forbidden
from server.services import ratings

blp = Blueprint("ratings", __name__, url_prefix="/v1", description="How good shoppers' work was.")
_BRAND = "/brands/<brand_id>"


@blp.operation(
    "PUT",
    f"{_BRAND}/reports/<report_id>/revisions/<int:number>/rating",
    body=RatingNewSchema,
    returns=RatingSchema,
)
def rate_revision(
    actor: Actor, brand_id: str, report_id: str, number: int, body: dict[str, Any]
) -> Any:
    """Rate the shopper's work on a revision, or rate it anew. The shopper reads it, without who
    said so; no store ever does."""
    return ratings.put(actor, brand_id, report_id, number, **body)


@blp.operation(
    "GET",
    f"{_BRAND}/shopper-ratings",
    query=ShopperRatingListing,
    returns=ShopperRatingPageSchema,
    personal=True,
)
def list_shopper_ratings(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the mean rating of each shopper's work."""
    return ratings.by_shopper(actor, brand_id, **query)


@blp.operation("GET", "/me/ratings", returns=OwnRatingsSchema, raises=(Forbidden,))
def list_my_ratings(actor: Actor) -> Any:
    """List the ratings of one's own work, and their mean."""
    return ratings.mine(actor)
