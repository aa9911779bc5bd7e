"""Refresh tokens: a chain per login, in which each token gives its successor (docs/sync.md,
"Tokens and lost responses"; RFC 9700, 4.14.2).

A successor is HMAC-SHA256 of its predecessor under the server's secret. So the server keeps hashes
only, and still gives the same answer again when the first was lost: an old token is good until
its successor has been used. After that its use means that two hold the chain, and all of it ends.

The first token's row is the family: its hash is every link's `family_id`, and its `revoked_at`
ends them all. One row says so, hence no link that is being born at that moment can slip through.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import peewee

from server import clock, config
from server.db import atomic
from server.models import RefreshToken

LIFETIME = timedelta(days=180)
REMEMBERED = timedelta(days=30)
"""How long a spent link is kept so that its reuse is seen."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a refresh token stands for. `token` is the one to use next, `family_id` the login's."""

    account_id: str
    device_id: str
    token: str
    family_id: str


def begin(account_id: str, device_id: str) -> Session:
    """The first token of a new family, in the caller's transaction."""
    token = secrets.token_urlsafe(32)
    _insert(_hash(token), _hash(token), account_id, device_id)
    return Session(account_id, device_id, token, _hash(token))


def advance(token: str) -> Session | None:
    """The session with the token's successor, in the caller's transaction, which must commit even
    on None: a reuse has then revoked the family. Twice the same token gives the same successor."""
    successor = _successor(token)
    links = _links(token, successor)
    link, following = links.get(_hash(token)), links.get(_hash(successor))
    if link is None or _family_revoked(link):
        return None
    if following is not None and following.used_at is not None:
        revoke_family(link.family_id)
        return None
    if (following or link).expires_at <= clock.now():
        return None
    if following is None:
        _insert(_hash(successor), link.family_id, link.account_id, link.device_id)
        _spend(link)
    return Session(link.account_id, link.device_id, successor, link.family_id)


def revoke(token: str) -> None:
    """End the token's family; nothing for a token that is not ours (RFC 7009, 2.2)."""
    link = RefreshToken.get_or_none(RefreshToken.hash == _hash(token))
    if link is not None:
        revoke_family(link.family_id)


def revoke_family(family_id: str) -> None:
    """End a family by its first row."""
    _revoke(RefreshToken.hash == family_id)


def revoke_device(account_id: str, device_id: str) -> None:
    """End all families of one device."""
    _revoke((RefreshToken.account_id == account_id) & (RefreshToken.device_id == device_id))


def revoke_others(account_id: str, device_id: str | None) -> None:
    """End all families of the account but those of one device."""
    others = RefreshToken.account_id == account_id
    if device_id is not None:
        others &= RefreshToken.device_id != device_id
    _revoke(others)


def forget() -> int:
    """Delete what no answer depends on any more, and say how many rows: links whose successor
    was used long ago, and families of which nothing lives. For the daily sweep."""
    now = clock.now()
    of_family = RefreshToken.alias()
    newest_use = of_family.select(peewee.fn.MAX(of_family.used_at)).where(
        of_family.family_id == RefreshToken.family_id
    )
    spent = RefreshToken.delete().where(
        RefreshToken.hash != RefreshToken.family_id,
        RefreshToken.used_at < now - REMEMBERED,
        RefreshToken.used_at < newest_use,
    )
    living = of_family.select(of_family.family_id).where(of_family.expires_at > now)
    dead = RefreshToken.delete().where(RefreshToken.family_id.not_in(living))
    with atomic():
        return int(spent.execute()) + int(dead.execute())


def _revoke(condition: Any) -> None:
    RefreshToken.update(revoked_at=clock.now()).where(
        condition,
        RefreshToken.hash == RefreshToken.family_id,
        RefreshToken.revoked_at.is_null(),
    ).execute()


def _links(*tokens: str) -> dict[str, RefreshToken]:
    hashes = [_hash(token) for token in tokens]
    return {link.hash: link for link in RefreshToken.select().where(RefreshToken.hash.in_(hashes))}


def _family_revoked(link: RefreshToken) -> bool:
    first = link if link.hash == link.family_id else RefreshToken.get_by_id(link.family_id)
    return first.revoked_at is not None


def _insert(token_hash: str, family_id: str, account_id: str, device_id: str) -> None:
    """Nothing if another request has just written the same link."""
    now = clock.now()
    RefreshToken.insert(
        hash=token_hash,
        family_id=family_id,
        account_id=account_id,
        device_id=device_id,
        created_at=now,
        expires_at=now + LIFETIME,
    ).on_conflict_ignore().execute()


def _spend(link: RefreshToken) -> None:
    RefreshToken.update(used_at=clock.now()).where(
        RefreshToken.hash == link.hash, RefreshToken.used_at.is_null()
    ).execute()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _successor(token: str) -> str:
    secret = config.settings().secret_key.encode()
    message = b"refresh-token:" + token.encode("utf-8", "surrogatepass")
    digest = hmac.digest(secret, message, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
