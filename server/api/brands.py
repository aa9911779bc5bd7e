"""/v1/brands"""

from typing import Any

from schemas.base import Paging
from schemas.brands import BrandChangeSchema, BrandPageSchema, BrandSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import brands

blp = Blueprint("brands", __name__, url_prefix="/v1/brands", description="The tenants.")


@blp.operation("GET", "", query=Paging, returns=BrandPageSchema)
def list_brands(actor: Actor, query: dict[str, Any]) -> Any:
    """List the brands that one belongs to."""
    return brands.listed(actor, **query)


@blp.operation("GET", "/<brand_id>", returns=BrandSchema)
def read_brand(actor: Actor, brand_id: str) -> Any:
    """Read a brand."""
    return brands.read(actor, brand_id)


@blp.operation("PATCH", "/<brand_id>", body=BrandChangeSchema, returns=BrandSchema, edits=True)
def change_brand(actor: Actor, brand_id: str, body: dict[str, Any], if_match: int) -> Any:
    """Change a brand."""
    return brands.change(actor, brand_id, if_match, body)
