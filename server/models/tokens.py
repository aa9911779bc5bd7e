"""Refresh tokens, kept as hashes. A successor is derived from its predecessor and the server's
secret, so the same old token gives the same successor for as long as that is unused."""

from server.db import Table, UtcField
from server.models.base import Id


class RefreshToken(Table):
    """One link of a family's chain. `hash` is SHA-256 of the token, hex."""

    hash = Id(primary_key=True)
    family_id = Id(index=True)
    account_id = Id(index=True)
    device_id = Id()
    created_at = UtcField()
    expires_at = UtcField()
    used_at = UtcField(null=True)
    revoked_at = UtcField(null=True)
