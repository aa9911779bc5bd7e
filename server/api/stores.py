"""/v1/brands/{brand}/stores"""

from typing import Any

from schemas.stores import (
    StoreChangeSchema,
    StoreListing,
    StoreNewSchema,
    StorePageSchema,
    StoreSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Duplicate
from server.services import stores

blp = Blueprint(
    "stores",
    __name__,
    url_prefix="/v1/brands/<brand_id>/stores",
    description="Where shoppers go. Managers see those of their regions, or their own.",
)


@blp.operation("GET", "", query=StoreListing, returns=StorePageSchema)
def list_stores(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the stores that you may see."""
    return stores.listed(actor, brand_id, **query)


@blp.operation(
    "POST", "", body=StoreNewSchema, returns=StoreSchema, status=201, raises=(Duplicate,)
)
def create_store(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Open a store."""
    return stores.create(actor, brand_id, body)


@blp.operation("GET", "/<store_id>", returns=StoreSchema)
def read_store(actor: Actor, brand_id: str, store_id: str) -> Any:
    """Read a store."""
    return stores.read(actor, brand_id, store_id)


@blp.operation(
    "PATCH",
    "/<store_id>",
    body=StoreChangeSchema,
    returns=StoreSchema,
    edits=True,
    raises=(Duplicate,),
)
def change_store(
    actor: Actor, brand_id: str, store_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a store; phones that hold it learn of it."""
    return stores.change(actor, brand_id, store_id, if_match, body)


@blp.operation("DELETE", "/<store_id>", returns=StoreSchema, edits=True)
def archive_store(actor: Actor, brand_id: str, store_id: str, if_match: int) -> Any:
    """Archive a store; old figures keep it."""
    return stores.archive(actor, brand_id, store_id, if_match)
