"""/v1/uploads: photos' bytes over lines that break, as tus 1.0 has it."""

from typing import Any

import flask
from werkzeug.http import http_date

from schemas.uploads import UploadSchema
from server import config, errors
from server.api import body
from server.api.blueprint import Blueprint
from server.api.tus import PATH
from server.domain import uploads as words
from server.domain.actor import Actor
from server.domain.uploads import Checksum
from server.services import uploads
from server.services.uploads import Progress

blp = Blueprint(
    "uploads", __name__, description="Photos' bytes over lines that break, by the protocol tus 1.0."
)

_TEXT = {"type": "string"}
_COUNT = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_BYTES = {"schema": {"type": "string", "format": "binary"}}


def _header(name: str, said: str, example: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": said,
        "schema": (schema or _TEXT) | {"example": example},
        **more,
    }


_VERSION = _header(
    "Tus-Resumable", "The protocol's version.", words.VERSION, {"const": "1.0.0"}, required=True
)
_OFFSET = _header("Upload-Offset", "Where these bytes begin.", "0", _COUNT, required=True)
_LENGTH = _header("Upload-Length", "The photo's size in bytes.", "10251", _COUNT, required=True)
_METADATA = _header(
    "Upload-Metadata",
    "Pairs of a key and its value in base64, between commas: `photo_id` and `sha256` (64 "
    "hexadecimal digits) must be there, others are given back by HEAD.",
    "photo_id cC0x,sha256 ZTNiMGM0NDI5OGZjMWMxNDlhZmJmNGM4OTk2ZmI5MjQyN2FlNDFlNDY0OWI5MzRjYTQ5NTk5M"
    "WI3ODUyYjg1NQ==",
    required=True,
)
_CHECKSUM = _header(
    "Upload-Checksum",
    "sha1 or sha256 of this request's bytes: the algorithm, a space, the digest in base64.",
    "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
)
_OVERRIDE = _header(
    "X-HTTP-Method-Override", "The method that is meant, where a client cannot send it.", "PATCH"
)
_TUS = {"Tus-Resumable": {"required": True, "schema": _TEXT}}
_AT = _TUS | {
    "Upload-Offset": {"required": True, "schema": _TEXT, "description": "Bytes that are kept."},
    "Upload-Expires": {"schema": _TEXT, "description": "Absent once it is whole."},
}
_POSTED = _AT | {"Location": {"required": True, "schema": _TEXT}}
_ASKED = _AT | {
    "Upload-Length": {"required": True, "schema": _TEXT},
    "Upload-Metadata": {"required": True, "schema": _TEXT},
}
_OFFERED = _TUS | {
    name: {"required": True, "schema": _TEXT}
    for name in ("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
}
_REFUSALS = (
    errors.MalformedRequest,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.OtherTusVersion,
    errors.Locked,
)
_OF_BYTES = (
    *_REFUSALS,
    errors.TooLarge,
    errors.UnsupportedMediaType,
    errors.ChecksumMismatch,
    errors.TooManyRequests,
)


@blp.operation("OPTIONS", PATH, public=True, status=204, headers=_OFFERED)
def describe_uploads() -> Any:
    """Say which parts of tus are spoken here."""
    return _offer("OPTIONS, POST")


@blp.operation("OPTIONS", f"{PATH}/<photo_id>", public=True, status=204, headers=_OFFERED)
def describe_upload(photo_id: str) -> Any:
    """Say which parts of tus are spoken here, at the URL of an upload."""
    return _offer("DELETE, HEAD, OPTIONS, PATCH")


@blp.operation(
    "POST",
    PATH,
    returns=UploadSchema,
    status=201,
    headers=_POSTED,
    raises=_OF_BYTES,
    doc={
        "parameters": [_VERSION, _LENGTH, _METADATA, _CHECKSUM],
        "requestBody": {"content": {words.MEDIA_TYPE: _BYTES}},
    },
)
def create_upload(actor: Actor) -> Any:
    """Announce a photo's upload, and send its first bytes if you like.

    There is one upload per photo: announcing it again gives the same, with where it is, and takes
    no bytes then. Another hash or length than before begins anew. The bytes may come before the
    photo's row; unfinished uploads count as long as they will be among what may wait (200 photos
    and 2 GiB).
    """
    _check_version()
    length, metadata = _length(), flask.request.headers.get("Upload-Metadata", "")
    declared, checksum = words.declared(metadata), _checksum()
    with_bytes = bool(flask.request.content_length) or "Transfer-Encoding" in flask.request.headers
    if with_bytes:
        _check_type()
    progress = uploads.create(actor, declared, length, metadata)
    if with_bytes and progress.offset == 0:
        progress = _append(actor, declared.photo_id, 0, checksum)
    return progress, 201, _where(progress) | {"Location": f"{PATH}/{progress.photo_id}"}


@blp.operation(
    "HEAD",
    f"{PATH}/<photo_id>",
    raises=(errors.Forbidden, errors.NotFound, errors.OtherTusVersion),
    doc={
        "parameters": [_VERSION],
        "responses": {"200": {"description": "How far it is.", "headers": _ASKED}},
    },
)
def read_upload(actor: Actor, photo_id: str) -> Any:
    """Ask how far an upload is.

    Upload-Offset is Upload-Length only when the whole was verified and is safe: then, and not
    before, it is sent. Also answers for photos whose bytes came by PUT.
    """
    _check_version()
    progress = uploads.read(actor, photo_id)
    said = {"Upload-Length": str(progress.length), "Upload-Metadata": progress.metadata}
    return flask.Response(status=200, headers=_where(progress) | said)


@blp.operation(
    "PATCH",
    f"{PATH}/<photo_id>",
    status=204,
    headers=_AT,
    raises=_OF_BYTES,
    doc={
        "parameters": [_VERSION, _OFFSET, _CHECKSUM],
        "requestBody": {"required": True, "content": {words.MEDIA_TYPE: _BYTES}},
    },
)
def append_to_upload(actor: Actor, photo_id: str) -> Any:
    """Send the bytes that follow.

    What arrived before a line broke counts: ask how far it is, and go on there. The answer's
    Upload-Offset may be less than what was sent, too. The last byte verifies the whole; where its
    hash is another, all is forgotten and the upload is at 0 again (460).
    """
    _check_version()
    _check_type()
    offset = words.whole_number("Upload-Offset", flask.request.headers.get("Upload-Offset"))
    progress = _append(actor, photo_id, offset, _checksum())
    return flask.Response(status=204, headers=_where(progress))


@blp.operation(
    "DELETE",
    f"{PATH}/<photo_id>",
    status=204,
    headers=_TUS,
    raises=_REFUSALS,
    doc={"parameters": [_VERSION]},
)
def delete_upload(actor: Actor, photo_id: str) -> Any:
    """Forget an unfinished upload and what came of it."""
    _check_version()
    uploads.terminate(actor, photo_id)
    return flask.Response(status=204)


def _append(actor: Actor, photo_id: str, offset: int, checksum: Checksum | None) -> Progress:
    """Take in the body. Another request that writes is waited for as long as the lease of one that
    died may last: most often it sends the same bytes. Who sends none asks, and is answered at
    once."""
    announced = flask.request.content_length
    return uploads.append(
        actor,
        photo_id,
        offset,
        body.arriving(),
        announced=announced,
        checksum=checksum,
        patient=announced != 0,
    )


def _offer(methods: str) -> flask.Response:
    said = {
        "Allow": methods,
        "Tus-Version": words.VERSION,
        "Tus-Extension": ",".join(words.EXTENSIONS),
        "Tus-Max-Size": str(config.settings().max_photo),
        "Tus-Checksum-Algorithm": ",".join(words.ALGORITHMS),
    }
    return flask.Response(status=204, headers=said)


def _where(progress: Progress) -> dict[str, str]:
    said = {"Upload-Offset": str(progress.offset)}
    if progress.expires_at is not None:
        said["Upload-Expires"] = http_date(progress.expires_at)
    return said


def _check_version() -> None:
    version = flask.request.headers.get("Tus-Resumable")
    if version != words.VERSION:
        raise errors.OtherTusVersion(f"Send Tus-Resumable: {words.VERSION}, not {version!r}.")


def _check_type() -> None:
    body.check_plain()
    if flask.request.mimetype != words.MEDIA_TYPE:
        raise errors.UnsupportedMediaType(
            f"Send {words.MEDIA_TYPE}, not {flask.request.mimetype or 'none'}."
        )


def _length() -> int:
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if name in flask.request.headers:
            raise errors.MalformedRequest(f"{name} is not spoken here: send a photo whole.")
    length = words.whole_number("Upload-Length", flask.request.headers.get("Upload-Length"))
    largest = config.settings().max_photo
    if length == 0:
        raise errors.MalformedRequest("A photo has at least one byte.")
    if length > largest:
        raise errors.TooLarge(f"A photo may have {largest} bytes at most.")
    return length


def _checksum() -> Checksum | None:
    header = flask.request.headers.get("Upload-Checksum")
    return None if header is None else words.checksum(header)
