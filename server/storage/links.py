"""Signed tokens for the folder's own links (HMAC, RFC 2104, with SHA-256)."""

import base64
import binascii
import hmac
from collections.abc import Sequence

import orjson

from server import clock
from server.errors import NotFound


class Signer:
    """Signs and opens tokens with a key of its own, derived from the server's secret, so that no
    other signature of ours passes for one of these."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = hmac.digest(secret.encode(), purpose.encode(), "sha256")

    def token(self, words: Sequence[str], *, seconds: int) -> str:
        """A token, fit for a URL, that holds `words` for that long."""
        payload = orjson.dumps([clock.to_ms(clock.now()) + seconds * 1000, *words])
        return f"{_text(payload)}.{_text(self._signature(payload))}"

    def words(self, token: str) -> list[str]:
        """The words of a token. NotFound: forged, or too old."""
        try:
            payload, signature = (_bytes(part) for part in token.split("."))
        except ValueError as error:
            raise _forged() from error
        if not hmac.compare_digest(signature, self._signature(payload)):
            raise _forged()
        until, *words = orjson.loads(payload)
        if clock.to_ms(clock.now()) >= until:
            raise NotFound("This link has expired: ask for the photo's content again.")
        return words

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """ValueError unless `text` is just what `_text` makes: a token has one spelling."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if _text(data) != text:
        raise ValueError(text)
    return data


def _forged() -> NotFound:
    return NotFound("This link is not one of ours.")
