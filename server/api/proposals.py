"""/v1/brands/{brand}/touchpoint-proposals: touchpoints that shoppers met and the map lacks."""

from typing import Any

from schemas.proposals import (
    ProposalAcceptanceSchema,
    ProposalDeclineSchema,
    ProposalListing,
    ProposalPageSchema,
    ProposalSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict
from server.services import proposals

blp = Blueprint(
    "proposals",
    __name__,
    url_prefix="/v1/brands/<brand_id>/touchpoint-proposals",
    description="Touchpoints that shoppers met and the map does not have.",
)


@blp.operation("GET", "", query=ProposalListing, returns=ProposalPageSchema, personal=True)
def list_proposals(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's proposed touchpoints."""
    return proposals.listed(actor, brand_id, **query)


@blp.operation("GET", "/<proposal_id>", returns=ProposalSchema, personal=True)
def read_proposal(actor: Actor, brand_id: str, proposal_id: str) -> Any:
    """Read a proposed touchpoint."""
    return proposals.read(actor, brand_id, proposal_id)


@blp.operation(
    "POST",
    "/<proposal_id>/acceptance",
    body=ProposalAcceptanceSchema,
    returns=ProposalSchema,
    status=201,
    raises=(Conflict,),
)
def accept_proposal(actor: Actor, brand_id: str, proposal_id: str, body: dict[str, Any]) -> Any:
    """Merge a proposed touchpoint into the map; its shopper is told."""
    return proposals.accept(actor, brand_id, proposal_id, **body)


@blp.operation(
    "POST",
    "/<proposal_id>/decline",
    body=ProposalDeclineSchema,
    returns=ProposalSchema,
    status=201,
    raises=(Conflict,),
)
def decline_proposal(actor: Actor, brand_id: str, proposal_id: str, body: dict[str, Any]) -> Any:
    """Leave the map as it is; the shopper is told."""
    return proposals.decline(actor, brand_id, proposal_id, **body)
