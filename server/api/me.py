"""/v1/me: the one who asks."""

from typing import Any

import flask

from schemas.me import DevicesSchema, MeSchema, PasswordChangeSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Forbidden, NotFound, TooManyRequests
from server.services import devices, me

blp = Blueprint("me", __name__, url_prefix="/v1/me", description="The one who asks.")


@blp.operation("GET", "", returns=MeSchema)
def read_me(actor: Actor) -> Any:
    """Say whose token this is, and what they are in which brand."""
    return me.read(actor)


@blp.operation(
    "POST",
    "/password",
    body=PasswordChangeSchema,
    status=204,
    raises=(Forbidden, TooManyRequests),
)
def change_password(actor: Actor, body: dict[str, Any]) -> Any:
    """Change one's password; all other devices are logged out."""
    address = flask.request.remote_addr or ""
    me.change_password(actor, address, body["current_password"], body["new_password"])


@blp.operation("GET", "/devices", returns=DevicesSchema, raises=(Forbidden,))
def list_my_devices(actor: Actor) -> Any:
    """List one's own devices."""
    return {"items": devices.mine(actor)}


@blp.operation("DELETE", "/devices/<device_id>", status=204, raises=(Forbidden, NotFound))
def revoke_my_device(actor: Actor, device_id: str) -> Any:
    """Log one of one's own devices out. What it recorded stays on it, and can be pushed after a
    new login."""
    devices.revoke_mine(actor, device_id)
