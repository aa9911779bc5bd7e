"""/v1/brands/{brand}/stores/{store}/staff"""

from typing import Any

from schemas.base import Paging
from schemas.records import (
    StaffMemberChangeSchema,
    StaffMemberNewSchema,
    StaffMemberPageSchema,
    StaffMemberSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict
from server.services import staff

blp = Blueprint(
    "staff",
    __name__,
    url_prefix="/v1/brands/<brand_id>/stores/<store_id>/staff",
    description="Who works in a store: to take names out of what stores read.",
)


@blp.operation("GET", "", query=Paging, returns=StaffMemberPageSchema, personal=True)
def list_staff(actor: Actor, brand_id: str, store_id: str, query: dict[str, Any]) -> Any:
    """List a store's staff."""
    return staff.listed(actor, brand_id, store_id, **query)


@blp.operation(
    "POST",
    "",
    body=StaffMemberNewSchema,
    returns=StaffMemberSchema,
    status=201,
    raises=(Conflict,),
)
def create_staff_member(actor: Actor, brand_id: str, store_id: str, body: dict[str, Any]) -> Any:
    """Add somebody to a store's staff."""
    return staff.create(actor, brand_id, store_id, body)


@blp.operation(
    "PATCH", "/<staff_id>", body=StaffMemberChangeSchema, returns=StaffMemberSchema, edits=True
)
def change_staff_member(
    actor: Actor, brand_id: str, store_id: str, staff_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a name or a role."""
    return staff.change(actor, brand_id, store_id, staff_id, if_match, body)


@blp.operation("DELETE", "/<staff_id>", status=204, edits=True)
def delete_staff_member(
    actor: Actor, brand_id: str, store_id: str, staff_id: str, if_match: int
) -> Any:
    """Forget somebody: nothing of them is kept."""
    staff.delete(actor, brand_id, store_id, staff_id, if_match)
