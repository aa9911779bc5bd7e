"""/v1/auth: tokens (RFC 6749) and their revocation (RFC 7009)."""

from typing import Any

import flask

from schemas.auth import (
    RevocationRequestSchema,
    RevocationSchema,
    TokenRequestSchema,
    TokenSchema,
)
from server.api.blueprint import Blueprint
from server.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidTokenRequest,
    TooManyRequests,
    UnsupportedGrantType,
)
from server.services import auth

blp = Blueprint(
    "auth",
    __name__,
    url_prefix="/v1/auth",
    description="OAuth 2: tokens for people's devices and for integrators' clients.",
)


@blp.operation(
    "POST",
    "/token",
    form=TokenRequestSchema,
    returns=TokenSchema,
    raises=(InvalidGrant, InvalidClient, UnsupportedGrantType, TooManyRequests),
    public=True,
    doc={"security": [{}, {"client": []}]},
)
def create_token(form: dict[str, Any]) -> Any:
    """Issue tokens.

    A refresh token is good for 180 days, and each use gives the next one. If the answer is lost,
    send the same token again: until its successor has been used it gives that same successor.
    After that its use ends the login on this device.
    """
    issue = _GRANTS.get(form["grant_type"])
    if issue is None:
        raise UnsupportedGrantType(f"grant_type must be one of {', '.join(_GRANTS)}.")
    return issue(form)


@blp.operation(
    "POST",
    "/revoke",
    form=RevocationRequestSchema,
    returns=RevocationSchema,
    public=True,
)
def revoke_token(form: dict[str, Any]) -> Any:
    """Log out: end the login that a refresh token belongs to."""
    auth.revoke(form["token"])
    return {}


def _password(form: dict[str, Any]) -> auth.Tokens:
    return auth.by_password(
        address=flask.request.remote_addr or "",
        email=form["username"],
        password=form["password"],
        device_id=form["device_id"],
        device_name=form.get("device_name"),
    )


def _refresh_token(form: dict[str, Any]) -> auth.Tokens:
    return auth.by_refresh_token(form["refresh_token"])


def _client_credentials(form: dict[str, Any]) -> auth.Tokens:
    basic = flask.request.authorization
    in_form = "client_id" in form or "client_secret" in form
    if basic is not None and basic.type == "basic":
        if in_form:
            raise InvalidTokenRequest("Authenticate the client in one way, not in two.")
        return auth.by_client_credentials(basic.username or "", basic.password or "")
    if not in_form:
        raise InvalidClient("Authenticate the client: HTTP Basic, or client_id and client_secret.")
    return auth.by_client_credentials(form.get("client_id", ""), form.get("client_secret", ""))


_GRANTS = {
    "password": _password,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
}
