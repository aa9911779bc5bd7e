"""/v1/brands/{brand}/promises"""

from typing import Any

from schemas.base import Listing
from schemas.promises import (
    PromiseChangeSchema,
    PromiseNewSchema,
    PromisePageSchema,
    PromiseSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import promises

blp = Blueprint(
    "promises",
    __name__,
    url_prefix="/v1/brands/<brand_id>/promises",
    description="What the brand promises, spoken or not.",
)


@blp.operation("GET", "", query=Listing, returns=PromisePageSchema)
def list_promises(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's promises."""
    return promises.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=PromiseNewSchema, returns=PromiseSchema, status=201)
def create_promise(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Make a promise."""
    return promises.create(actor, brand_id, body)


@blp.operation("GET", "/<promise_id>", returns=PromiseSchema)
def read_promise(actor: Actor, brand_id: str, promise_id: str) -> Any:
    """Read a promise."""
    return promises.read(actor, brand_id, promise_id)


@blp.operation(
    "PATCH", "/<promise_id>", body=PromiseChangeSchema, returns=PromiseSchema, edits=True
)
def change_promise(
    actor: Actor, brand_id: str, promise_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a promise."""
    return promises.change(actor, brand_id, promise_id, if_match, body)


@blp.operation("DELETE", "/<promise_id>", returns=PromiseSchema, edits=True)
def archive_promise(actor: Actor, brand_id: str, promise_id: str, if_match: int) -> Any:
    """Archive a promise; old figures keep it."""
    return promises.archive(actor, brand_id, promise_id, if_match)
