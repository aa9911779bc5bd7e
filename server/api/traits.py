"""What shoppers say of themselves, and who suits a persona."""

from typing import Any

from schemas.personas import SuitedListing, SuitedShoppersSchema, TraitsSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import traits

blp = Blueprint(
    "traits",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="What shoppers say of themselves, and who suits a persona.",
)


@blp.operation("GET", "/my-traits", returns=TraitsSchema)
def read_my_traits(actor: Actor, brand_id: str) -> Any:
    """Read what one said of oneself to the brand."""
    return traits.mine(actor, brand_id)


@blp.operation("PUT", "/my-traits", body=TraitsSchema, returns=TraitsSchema)
def say_my_traits(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Say of oneself what one likes to, in the place of what one said before."""
    return traits.say(actor, brand_id, body)


@blp.operation("DELETE", "/my-traits", status=204)
def unsay_my_traits(actor: Actor, brand_id: str) -> Any:
    """Take back all that one said of oneself."""
    traits.unsay(actor, brand_id)


@blp.operation(
    "GET",
    "/personas/<persona_id>/shoppers",
    query=SuitedListing,
    returns=SuitedShoppersSchema,
    personal=True,
)
def list_suited_shoppers(
    actor: Actor, brand_id: str, persona_id: str, query: dict[str, Any]
) -> Any:
    """List the shoppers whom nothing that they said keeps from playing a persona."""
    return {"items": traits.suited(actor, brand_id, persona_id, **query)}
