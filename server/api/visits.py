"""/v1/brands/{brand}/visits: a visit with all its parts, and a store's visits as it knows them."""

from typing import Any

from schemas.visits import StoreVisitListing, StoreVisitsSchema, VisitSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import visits

blp = Blueprint(
    "visits",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="Visits as a whole, whose later parts come days after the first.",
)


@blp.operation("GET", "/visits/<assignment_id>", returns=VisitSchema, personal=True)
def read_visit(actor: Actor, brand_id: str, assignment_id: str) -> Any:
    """Read a visit with all its parts, by the assignment of any of them."""
    return visits.read(actor, brand_id, assignment_id)


@blp.operation(
    "GET", "/stores/<store_id>/visits", query=StoreVisitListing, returns=StoreVisitsSchema
)
def list_store_visits(actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]) -> Any:
    """List the approved visits of a store, the latest 100, as the store may know them."""
    return {"items": visits.of_store(actor, brand_id, store_id, **query)}
