"""/v1/brands/{brand}/clients"""

from typing import Any

from schemas.base import Listing
from schemas.clients import ClientMadeSchema, ClientNewSchema, ClientPageSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import clients

blp = Blueprint(
    "clients",
    __name__,
    url_prefix="/v1/brands/<brand_id>/clients",
    description="Integrators' programs, which log in by client credentials.",
)


@blp.operation("GET", "", query=Listing, returns=ClientPageSchema)
def list_clients(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's clients; the revoked ones with `archived`."""
    return clients.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=ClientNewSchema, returns=ClientMadeSchema, status=201)
def create_client(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Make a client. Its secret is shown in this answer only."""
    return clients.create(actor, brand_id, body["name"])


@blp.operation("DELETE", "/<client_id>", status=204)
def revoke_client(actor: Actor, brand_id: str, client_id: str) -> Any:
    """Shut a client out at once."""
    clients.revoke(actor, brand_id, client_id)
