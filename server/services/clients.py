"""Clients: integrators' programs, each of one brand, by OAuth 2 client credentials."""

import hashlib
import hmac
import secrets

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.models import Client
from server.services import editing
from server.services.access import require
from server.services.paging import Page, page


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's clients, oldest first; the revoked ones with `archived`."""
    require(actor, brand_id, Permission.CLIENTS_WRITE)
    query = Client.select().where(Client.brand_id == brand_id)
    if not archived:
        query = query.where(Client.revoked_at.is_null())
    return page(query, Client.id, limit=limit, cursor=cursor)


def create(actor: Actor, brand_id: str, name: str) -> Client:
    """A new client. Its attribute `secret` is to be shown now and can't be had again."""
    require(actor, brand_id, Permission.CLIENTS_WRITE)
    secret = secrets.token_urlsafe(32)
    client = editing.create(Client, brand_id, name=name, secret_hash=_hash(secret))
    client.secret = secret
    return client


def revoke(actor: Actor, brand_id: str, client_id: str) -> None:
    """Shut a client out at once, its access tokens too. Twice is once."""
    require(actor, brand_id, Permission.CLIENTS_WRITE)
    with atomic():
        client = editing.find(Client, brand_id, client_id)
        if client.revoked_at is None:
            now = clock.now()
            editing.change(client, client.version, {"revoked_at": now, "archived_at": now})


def authenticate(client_id: str, secret: str) -> Client | None:
    """The client, if the secret is its and it is not revoked."""
    client: Client | None = Client.get_or_none(Client.id == client_id, Client.revoked_at.is_null())
    expected = client.secret_hash if client else _hash("")
    return client if hmac.compare_digest(expected, _hash(secret)) else None


def _hash(secret: str) -> str:
    """A plain hash does for 256 random bits, which nobody guesses."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
