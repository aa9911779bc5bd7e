"""Wire shapes of the token endpoint: forms in, JSON out (RFC 6749, RFC 7009)."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Text, matching

GRANT_TYPES = ("password", "refresh_token", "client_credentials")
_NEEDED = {
    "password": ("username", "password", "device_id"),
    "refresh_token": ("refresh_token",),
}


class Form(ma.Schema):
    """Base of the forms: parameters that we do not know are ignored (RFC 6749, 3.2)."""

    class Meta:
        unknown = ma.EXCLUDE


class TokenRequestSchema(Form):
    """A request for tokens; which parameters it needs, its grant_type says."""

    grant_type = Text(
        most=80,
        required=True,
        metadata={
            "enum": list(GRANT_TYPES),
            "description": "password needs username, password and device_id; "
            "refresh_token needs refresh_token; client_credentials needs HTTP Basic "
            "authentication, or client_id and client_secret.",
        },
    )
    username = Text(most=254, metadata={"description": "The e-mail address."})
    password = Text(most=1000, metadata={"format": "password"})
    device_id = Text(
        most=100,
        also=[matching(r"[A-Za-z0-9_.-]+")],
        metadata={"description": "Minted by the app, once per local database."},
    )
    device_name = Text(
        most=200,
        metadata={
            "description": "What its owner would call it; else what it was called, or its id."
        },
    )
    refresh_token = Text(most=1000)
    client_id = Text(most=160)
    client_secret = Text(most=1000, metadata={"format": "password"})

    @ma.validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        """The grant type's own parameters are there."""
        needed = _NEEDED.get(data["grant_type"], ())
        missing = {name: ["Missing."] for name in needed if name not in data}
        if missing:
            raise ma.ValidationError(missing)


class TokenSchema(ma.Schema):
    """Tokens."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(
        required=True, metadata={"description": "Seconds that the access token lives."}
    )
    refresh_token = fields.String(
        metadata={"description": "Not for clients. Use it once; repeat it if no answer came."}
    )

    @ma.post_dump
    def without_nothing(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """A client gets no refresh token, not a null one."""
        return {name: value for name, value in data.items() if value is not None}


class RevocationRequestSchema(Form):
    """The refresh token of the login to end."""

    token = Text(most=1000, required=True)
    token_type_hint = Text(most=80)


class RevocationSchema(ma.Schema):
    """Nothing to say: the token is good no more, or never was."""
