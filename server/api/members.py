"""/v1/brands/{brand}/members"""

from typing import Any

from schemas.base import Listing
from schemas.me import DevicesSchema
from schemas.members import (
    MemberChangeSchema,
    MemberNewSchema,
    MemberPageSchema,
    MemberSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict, Duplicate
from server.services import devices, members

blp = Blueprint(
    "members",
    __name__,
    url_prefix="/v1/brands/<brand_id>/members",
    description="Who is what in the brand, and on which devices.",
)


@blp.operation("GET", "", query=Listing, returns=MemberPageSchema, personal=True)
def list_members(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's members."""
    return members.listed(actor, brand_id, **query)


@blp.operation(
    "POST", "", body=MemberNewSchema, returns=MemberSchema, status=201, raises=(Duplicate,)
)
def create_member(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Let a person in, with one role.

    Who is new gets an account, with the name and the password that are given. Who is in the brand
    gets a further role: leave out name and password, which stay as they are. An e-mail whose
    account belongs to other brands is a `duplicate`, and nothing of it is told.
    """
    return members.create(actor, brand_id, **body)


@blp.operation("GET", "/<membership_id>", returns=MemberSchema, personal=True)
def read_member(actor: Actor, brand_id: str, membership_id: str) -> Any:
    """Read a membership."""
    return members.read(actor, brand_id, membership_id)


@blp.operation(
    "PATCH",
    "/<membership_id>",
    body=MemberChangeSchema,
    returns=MemberSchema,
    edits=True,
    raises=(Conflict,),
)
def change_member(
    actor: Actor, brand_id: str, membership_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a role's bound, or suspend it."""
    return members.change(actor, brand_id, membership_id, if_match, body)


@blp.operation("DELETE", "/<membership_id>", returns=MemberSchema, edits=True, raises=(Conflict,))
def archive_member(actor: Actor, brand_id: str, membership_id: str, if_match: int) -> Any:
    """Take a role away; reports and figures keep it."""
    return members.archive(actor, brand_id, membership_id, if_match)


@blp.operation("GET", "/<membership_id>/devices", returns=DevicesSchema, personal=True)
def list_member_devices(actor: Actor, brand_id: str, membership_id: str) -> Any:
    """List a member's devices, if the member belongs to no brand but one's own."""
    return {"items": devices.of_member(actor, brand_id, membership_id)}


@blp.operation("DELETE", "/<membership_id>/devices/<device_id>", status=204)
def revoke_member_device(actor: Actor, brand_id: str, membership_id: str, device_id: str) -> Any:
    """Log a member's device out, if the member belongs to no brand but one's own."""
    devices.revoke_of_member(actor, brand_id, membership_id, device_id)
