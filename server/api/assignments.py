"""/v1/brands/{brand}/assignments"""

from typing import Any

from schemas.assignments import (
    AssignmentChangeSchema,
    AssignmentListingSchema,
    AssignmentPageSchema,
    AssignmentSchema,
    AssignmentsNewSchema,
    AssignmentsSchema,
    ReassignmentSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict
from server.services import assignments

blp = Blueprint(
    "assignments",
    __name__,
    url_prefix="/v1/brands/<brand_id>/assignments",
    description="Who visits which store, when and with which checklist. Managers of stores and "
    "regions never see them: they name the shopper.",
)


@blp.operation(
    "GET", "", query=AssignmentListingSchema, returns=AssignmentPageSchema, personal=True
)
def list_assignments(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's assignments."""
    return assignments.listed(actor, brand_id, **query)


@blp.operation(
    "POST",
    "",
    body=AssignmentsNewSchema,
    returns=AssignmentsSchema,
    status=201,
    raises=(Conflict,),
)
def create_assignments(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Offer visits of one wave to shoppers: up to 1,000, all or none."""
    return {"items": assignments.create(actor, brand_id, **body)}


@blp.operation("GET", "/<assignment_id>", returns=AssignmentSchema, personal=True)
def read_assignment(actor: Actor, brand_id: str, assignment_id: str) -> Any:
    """Read an assignment."""
    return assignments.read(actor, brand_id, assignment_id)


@blp.operation(
    "PATCH",
    "/<assignment_id>",
    body=AssignmentChangeSchema,
    returns=AssignmentSchema,
    edits=True,
    raises=(Conflict,),
)
def change_assignment(
    actor: Actor, brand_id: str, assignment_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change window, fee or scenario of an open assignment."""
    return assignments.change(actor, brand_id, assignment_id, if_match, body)


@blp.operation(
    "POST", "/<assignment_id>/cancellation", returns=AssignmentSchema, raises=(Conflict,)
)
def cancel_assignment(actor: Actor, brand_id: str, assignment_id: str) -> Any:
    """Cancel an assignment that nothing was submitted for. The phone's work is kept."""
    return assignments.cancel(actor, brand_id, assignment_id)


@blp.operation(
    "POST",
    "/<assignment_id>/reassignment",
    body=ReassignmentSchema,
    returns=AssignmentSchema,
    status=201,
    raises=(Conflict,),
)
def reassign_assignment(
    actor: Actor, brand_id: str, assignment_id: str, body: dict[str, Any]
) -> Any:
    """Offer the visit to another shopper, as a new assignment; the old one is cancelled."""
    return assignments.reassign(actor, brand_id, assignment_id, **body)
