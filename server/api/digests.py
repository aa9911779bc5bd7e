"""Repr-Digest (RFC 9530): which bytes a request says that it sends."""

import base64
import re

from server.errors import MalformedRequest

# A member of a dictionary (RFC 8941, 3.2) whose value is a byte sequence, perhaps with parameters.
_MEMBER = re.compile(
    r"[ \t]*(?P<key>[a-z*][a-z0-9_.*-]*)=:(?P<value>[A-Za-z0-9+/]*={0,2}):[^,]*", re.ASCII
)
_BASE64_OF_SHA256 = re.compile(r"[A-Za-z0-9+/]{43}=?")


def sha256_of(repr_digest: str | None) -> str:
    """The hex SHA-256 that the header names; other algorithms beside it are ignored, and of one
    named twice the last counts. MalformedRequest says how to send it."""
    members = [_MEMBER.fullmatch(member) for member in (repr_digest or "").split(",")]
    values = [match["value"] for match in members if match and match["key"] == "sha-256"]
    if not values or not _BASE64_OF_SHA256.fullmatch(values[-1]):
        raise MalformedRequest(
            "Send the SHA-256 of the photo's bytes as `Repr-Digest: sha-256=:…:`, with the digest "
            "in base64 between the colons (RFC 9530)."
        )
    return base64.b64decode(values[-1].rstrip("=") + "=").hex()
