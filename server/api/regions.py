"""/v1/brands/{brand}/regions"""

from typing import Any

from schemas.regions import (
    RegionChangeSchema,
    RegionListing,
    RegionNewSchema,
    RegionPageSchema,
    RegionSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict, Duplicate
from server.services import regions

blp = Blueprint(
    "regions",
    __name__,
    url_prefix="/v1/brands/<brand_id>/regions",
    description="The tree of regions that stores hang on. A regional manager sees a subtree.",
)


@blp.operation("GET", "", query=RegionListing, returns=RegionPageSchema)
def list_regions(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the regions that you may see."""
    return regions.listed(actor, brand_id, **query)


@blp.operation(
    "POST", "", body=RegionNewSchema, returns=RegionSchema, status=201, raises=(Duplicate,)
)
def create_region(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Make a region under another, or a root."""
    return regions.create(actor, brand_id, body)


@blp.operation("GET", "/<region_id>", returns=RegionSchema)
def read_region(actor: Actor, brand_id: str, region_id: str) -> Any:
    """Read a region."""
    return regions.read(actor, brand_id, region_id)


@blp.operation(
    "PATCH",
    "/<region_id>",
    body=RegionChangeSchema,
    returns=RegionSchema,
    edits=True,
    raises=(Conflict, Duplicate),
)
def change_region(
    actor: Actor, brand_id: str, region_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Rename a region, or move it with all that is below it."""
    return regions.change(actor, brand_id, region_id, if_match, body)


@blp.operation("DELETE", "/<region_id>", returns=RegionSchema, edits=True, raises=(Conflict,))
def archive_region(actor: Actor, brand_id: str, region_id: str, if_match: int) -> Any:
    """Archive a region that holds no live store or region."""
    return regions.archive(actor, brand_id, region_id, if_match)
