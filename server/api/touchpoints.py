"""/v1/brands/{brand}/touchpoints"""

from typing import Any

from schemas.base import Listing
from schemas.touchpoints import (
    TouchpointChangeSchema,
    TouchpointNewSchema,
    TouchpointPageSchema,
    TouchpointSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import touchpoints

blp = Blueprint(
    "touchpoints",
    __name__,
    url_prefix="/v1/brands/<brand_id>/touchpoints",
    description="Where the customer meets the brand, placed on the journey.",
)


@blp.operation("GET", "", query=Listing, returns=TouchpointPageSchema)
def list_touchpoints(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's touchpoints."""
    return touchpoints.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=TouchpointNewSchema, returns=TouchpointSchema, status=201)
def create_touchpoint(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Map a touchpoint."""
    return touchpoints.create(actor, brand_id, body)


@blp.operation("GET", "/<touchpoint_id>", returns=TouchpointSchema)
def read_touchpoint(actor: Actor, brand_id: str, touchpoint_id: str) -> Any:
    """Read a touchpoint."""
    return touchpoints.read(actor, brand_id, touchpoint_id)


@blp.operation(
    "PATCH", "/<touchpoint_id>", body=TouchpointChangeSchema, returns=TouchpointSchema, edits=True
)
def change_touchpoint(
    actor: Actor, brand_id: str, touchpoint_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a touchpoint; published checklists keep it as it was."""
    return touchpoints.change(actor, brand_id, touchpoint_id, if_match, body)


@blp.operation("DELETE", "/<touchpoint_id>", returns=TouchpointSchema, edits=True)
def archive_touchpoint(actor: Actor, brand_id: str, touchpoint_id: str, if_match: int) -> Any:
    """Archive a touchpoint; old figures keep it."""
    return touchpoints.archive(actor, brand_id, touchpoint_id, if_match)
