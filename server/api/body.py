"""Reading a request's body: whole or not at all, bounded, and as JSON that every part can hold."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import flask
import orjson
from werkzeug.exceptions import HTTPException

from server import config, slots
from server.errors import InvalidTokenRequest, MalformedRequest, TooLarge, UnsupportedMediaType

_BLOCK = 64 * 1024
_LARGEST_FORM = 64 * 1024


def whole(limit: int | None = None) -> bytes:
    """The body's bytes, gunzipped if so encoded. A cut body is refused: under gunicorn
    `request.get_data()` would give what came of it without an error. TooLarge beyond `limit`
    (bytes, after decoding; default: the settings')."""
    limit = limit or config.settings().max_body
    with slots.collecting():
        data = b"".join(blocks(limit))
    return _decoded(data, limit)


def blocks(limit: int) -> Iterator[bytes]:
    """The body's bytes as they come in. MalformedRequest, after the last block, where fewer came
    than Content-Length says. TooLarge beyond `limit` bytes."""
    declared, size = flask.request.content_length, 0
    if declared is not None and declared > limit:
        raise _too_large(limit)
    while block := _read():
        size += len(block)
        if size > limit:
            raise _too_large(limit)
        yield block
    if declared is not None and size != declared:
        raise _cut(f"Content-Length says {declared} bytes and {size} arrived")


def arriving() -> Iterator[bytes]:
    """The body's bytes as far as they come in, whatever came at a time: what arrived before the
    line broke, or fell silent, counts."""
    with suppress(Exception):  # each server has its own for a line that broke
        while block := flask.request.stream.read(_BLOCK):
            yield block


def check_plain() -> None:
    """Refuse a body that is encoded or a part of something, where its bytes are to be kept as they
    are. UnsupportedMediaType, MalformedRequest."""
    encoding = flask.request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise UnsupportedMediaType(f"Content-Encoding {encoding} is not read here: send it plain.")
    if "Content-Range" in flask.request.headers:
        raise MalformedRequest("Send it whole: Content-Range is not read here.")


def json() -> Any:
    """The body as JSON. UnsupportedMediaType, MalformedRequest."""
    if not flask.request.is_json:
        kind = flask.request.mimetype or "none"
        raise UnsupportedMediaType(f"Send application/json, not {kind}.")
    return parse(whole())


def csv() -> bytes:
    """The body of a CSV file, as it is: its encoding is guessed. UnsupportedMediaType."""
    if flask.request.mimetype != "text/csv":
        raise UnsupportedMediaType("Send the file as text/csv.")
    return whole()


def csv_file(description: str, example: str) -> dict[str, Any]:
    """How OpenAPI documents such a body."""
    content = {"schema": {"type": "string", "format": "binary"}, "example": example}
    return {"required": True, "description": description, "content": {"text/csv": content}}


def form() -> dict[str, str]:
    """The body as an OAuth form (RFC 6749, 3.2): a parameter without a value counts as left out.
    InvalidTokenRequest, also for a parameter that is there twice."""
    if flask.request.mimetype != "application/x-www-form-urlencoded":
        raise InvalidTokenRequest("Send application/x-www-form-urlencoded.")
    if flask.request.content_length is None:
        # It would be read for as long as its sender likes, who need not have logged in.
        raise InvalidTokenRequest("Say the form's Content-Length.")
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


def _read() -> bytes:
    try:
        return flask.request.stream.read(_BLOCK)
    except HTTPException:
        raise
    except Exception as error:  # each server has its own for a line that broke
        raise _cut("The line broke while the body came in") from error


def _cut(what: str) -> MalformedRequest:
    return MalformedRequest(f"{what}: send it again.")


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
