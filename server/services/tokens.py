"""Access tokens: short-lived JWTs (RFC 9068's claims in spirit) that name account and device."""

from datetime import timedelta
from typing import Any

import peewee
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from server import clock, config
from server.db import database, kept
from server.domain.actor import Actor, Grant, Role
from server.errors import Unauthenticated
from server.models import Client, Device, Membership, RefreshToken

ACCESS_LIFETIME = timedelta(minutes=15)
_ALGORITHM = "HS256"
_TYPE = "at+jwt"
"""Says that a JWT is an access token and not another thing that we sign (RFC 9068, 2.1)."""


def issue_access(
    *,
    account_id: str | None = None,
    device_id: str | None = None,
    family_id: str | None = None,
    client_id: str | None = None,
) -> str:
    """A signed access token for a person's device, which ends with the refresh tokens of that
    family; or for an integrator's client."""
    now = clock.now()
    claims: dict[str, Any] = {
        "sub": account_id or client_id,
        "dev": device_id,
        "fam": family_id,
        "cli": client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFETIME).timestamp()),
    }
    return jwt.encode({"alg": _ALGORITHM, "typ": _TYPE}, claims, _key(), algorithms=[_ALGORITHM])


def actor_of(access_token: str) -> Actor:
    """The actor behind a token, with the grants of this moment. Unauthenticated."""
    claims = _claims(access_token)
    if claims["cli"]:
        return _client_actor(claims["cli"])
    return _account_actor(claims["sub"], claims["dev"], claims.get("fam"))


def _key() -> OctKey:
    return OctKey.import_key(config.settings().secret_key)


def _claims(access_token: str) -> dict[str, Any]:
    try:
        token = jwt.decode(access_token, _key(), algorithms=[_ALGORITHM])
        claims: dict[str, Any] = token.claims
        if token.header["typ"] != _TYPE:
            raise ValueError(token.header["typ"])
        expired = claims["exp"] <= clock.now().timestamp()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unauthenticated("The access token is not one of ours: log in again.") from error
    if expired:
        raise Unauthenticated("The access token has expired: refresh it.")
    return claims


_GRANT = (
    Membership.brand_id,
    Membership.role,
    Membership.region_id,
    Membership.store_id,
    Membership.suspended,
)


def _account_actor(account_id: str, device_id: str, family_id: str | None) -> Actor:
    """One query: the device's row is the left side, so an account without a role still acts."""
    values = (family_id, account_id, device_id)
    rows = database.execute_sql(kept(_grants), values).fetchall()
    if not rows or rows[0][:2] != (None, None):
        raise Unauthenticated("This device was logged out: log in again.")
    return Actor(
        account_id=account_id,
        device_id=device_id,
        client_id=None,
        grants=tuple(_grant(*row[2:]) for row in rows if row[2] is not None),
    )


def _grants() -> Any:
    return (
        Device.select(Device.revoked_at, RefreshToken.revoked_at, *_GRANT)
        .join(
            Membership,
            peewee.JOIN.LEFT_OUTER,
            on=(Membership.account_id == Device.account_id) & Membership.archived_at.is_null(),
        )
        .join_from(Device, RefreshToken, peewee.JOIN.LEFT_OUTER, on=RefreshToken.hash == "")
        .where(Device.account_id == "", Device.device_id == "")
    )


def _grant(
    brand_id: str, role: str, region_id: str | None, store_id: str | None, suspended: bool | int
) -> Grant:
    return Grant(brand_id, Role(role), region_id, store_id, bool(suspended))


def _client_actor(client_id: str) -> Actor:
    client = Client.get_or_none(Client.id == client_id, Client.revoked_at.is_null())
    if client is None:
        raise Unauthenticated("This client has been revoked.")
    grant = Grant(client.brand_id, Role.INTEGRATOR)
    return Actor(account_id=None, device_id=None, client_id=client_id, grants=(grant,))
