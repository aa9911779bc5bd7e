"""Reading a request's body: whole or not at all, bounded, and as JSON that every part can hold."""

import zlib
from typing import Any
from urllib.parse import parse_qsl

import flask
import orjson

from server import config
from server.errors import InvalidTokenRequest, MalformedRequest, TooLarge, UnsupportedMediaType

_BLOCK = 64 * 1024
_LARGEST_FORM = 64 * 1024
_CHUNK = "chunked"


def whole(limit: int | None = None) -> bytes:
    """The body's bytes, gunzipped if so encoded. A cut body is refused: under gunicorn
    `request.get_data()` would give what came of it without an error. TooLarge beyond `limit`
    (bytes, after decoding; default: the settings')."""
    limit = limit or config.settings().max_body
    declared = flask.request.content_length
    if declared is not None and declared > limit:
        raise _too_large(limit)
    data = _read(limit)
    if declared is not None and len(data) != declared:
        raise MalformedRequest(
            f"Content-Length says {declared} bytes and {len(data)} arrived: send it again."
        )
    return _decoded(data, limit)


def json() -> Any:
    """The body as JSON. UnsupportedMediaType, MalformedRequest."""
    if not flask.request.is_json:
        kind = flask.request.mimetype or "none"
        raise UnsupportedMediaType(f"Send application/json, not {kind}.")
    return parse(whole())


def form() -> dict[str, str]:
    """The body as an OAuth form (RFC 6749, 3.2): a parameter without a value counts as left out.
    InvalidTokenRequest, also for a parameter that is there twice."""
    if flask.request.mimetype != "application/x-www-form-urlencoded":
        raise InvalidTokenRequest("Send application/x-www-form-urlencoded.")
    try:
        pairs = parse_qsl(whole(_LARGEST_FORM).decode(), errors="strict", max_num_fields=100)
    except ValueError as error:
        raise InvalidTokenRequest("The form is not UTF-8, or has too many fields.") from error
    except (MalformedRequest, UnsupportedMediaType) as error:
        raise InvalidTokenRequest(error.detail) from error
    if len(dict(pairs)) < len(pairs):
        raise InvalidTokenRequest("A parameter is there twice.")
    return dict(pairs)


def parse(data: bytes) -> Any:
    """JSON text to Python. Refuses NaN, lone surrogates and nesting beyond 1,024 levels."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(f"The body is not JSON: {error}.") from error


def _read(limit: int) -> bytes:
    parts, size = [], 0
    while block := flask.request.stream.read(_BLOCK):
        parts.append(block)
        size += len(block)
        if size > limit:
            raise _too_large(limit)
    return b"".join(parts)


def _decoded(data: bytes, limit: int) -> bytes:
    encoding = flask.request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return data
    if encoding != "gzip":
        raise UnsupportedMediaType(f"Content-Encoding {encoding} is not read: use gzip or none.")
    return _gunzipped(data, limit)


def _gunzipped(data: bytes, limit: int) -> bytes:
    """Bounded, so that a small bomb does not become a large one."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(data, limit + 1)
    except zlib.error as error:
        raise MalformedRequest(f"The body is not gzip: {error}.") from error
    if len(plain) > limit:
        raise _too_large(limit)
    if not unzip.eof:
        raise MalformedRequest("The gzip body is cut short: send it again.")
    return plain


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes: send it in smaller parts.")
