"""/v1/brands/{brand}/stores/{store}/photos: what a store sees of its visits."""

from typing import Any

import flask

from schemas.photos import SharedPhotoListing, SharedPhotoPageSchema
from server.api.blueprint import Blueprint
from server.api.photos import LOCATION
from server.domain.actor import Actor
from server.services import shared_photos

blp = Blueprint(
    "shared_photos",
    __name__,
    url_prefix="/v1/brands/<brand_id>/stores/<store_id>/photos",
    description="Photos of approved visits, without faces, metadata, shopper or day.",
)


@blp.operation("GET", "", query=SharedPhotoListing, returns=SharedPhotoPageSchema)
def list_shared_photos(actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]) -> Any:
    """List what the store sees of its visits' photos, in no order that tells anything."""
    return shared_photos.listed(actor, brand_id, store_id, **query)


@blp.operation("GET", "/<shared_id>/content", doc={"responses": {"302": LOCATION}})
def read_shared_photo(actor: Actor, brand_id: str, store_id: str, shared_id: str) -> Any:
    """Get a link to such a photo, good for five minutes."""
    return flask.redirect(shared_photos.link(actor, brand_id, store_id, shared_id))
