"""/v1/photos: photos' bytes in, and short-lived links to them out. Their rows arrive by sync."""

from typing import Any

import flask

from schemas.photos import PhotoContentSchema, PhotoSchema
from server import config, errors, storage
from server.api import body, digests
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import photos

blp = Blueprint("photos", __name__, description="Photos' bytes; their rows arrive by /v1/sync.")

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_TYPES = ("image/jpeg", "image/png", "image/heic", "image/webp", "application/octet-stream")
_REPR_DIGEST = {
    "name": "Repr-Digest",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "example": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "description": "The SHA-256 of the bytes (RFC 9530). Other algorithms beside it are ignored.",
}
_RANGE = {
    "name": "Range",
    "in": "header",
    "schema": {"type": "string"},
    "description": "One range of bytes, to go on after a line that broke (RFC 9110).",
}
LOCATION = {
    "description": "The bytes are at Location for five minutes, as an attachment.",
    "headers": {
        "Location": {"required": True, "schema": {"type": "string", "format": "uri"}},
    },
}


@blp.operation(
    "PUT",
    "/v1/photos/<photo_id>/content",
    returns=PhotoContentSchema,
    status=201,
    raises=(
        errors.MalformedRequest,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.TooLarge,
        errors.UnsupportedMediaType,
        errors.DigestMismatch,
        errors.TooManyRequests,
    ),
    doc={
        "parameters": [_REPR_DIGEST],
        "requestBody": {"required": True, "content": dict.fromkeys(_TYPES, _BYTES)},
        "responses": {
            "200": {
                "description": "These bytes were verified before; the answer is the same.",
                "content": {"application/json": {"schema": PhotoContentSchema}},
            }
        },
    },
)
def put_photo_content(actor: Actor, photo_id: str) -> Any:
    """Send a photo's bytes, whole.

    Send them again whenever the answer was lost: the same bytes are welcome twice, other bytes
    never overwrite verified ones. They may come before the photo's row, and then wait for it up to
    30 days; at most 200 photos and 2 GiB of a shopper may wait.
    """
    sha256 = digests.sha256_of(flask.request.headers.get("Repr-Digest"))
    body.check_plain()
    blocks = body.blocks(config.settings().max_photo)
    length = flask.request.content_length
    photo, new = photos.put(actor, photo_id, blocks, sha256=sha256, length=length)
    return photo, 201 if new else 200


@blp.operation(
    "GET", "/v1/photos/<photo_id>", returns=PhotoSchema, raises=(errors.NotFound,), personal=True
)
def read_photo(actor: Actor, photo_id: str) -> Any:
    """Read what is known of a photo: for its shopper, and reviewers and managers of its brand."""
    return photos.read(actor, photo_id)


@blp.operation(
    "GET",
    "/v1/photos/<photo_id>/content",
    raises=(errors.NotFound, errors.Conflict),
    doc={"responses": {"302": LOCATION}},
    personal=True,
)
def read_photo_content(actor: Actor, photo_id: str) -> Any:
    """Get a link to a photo's bytes, good for five minutes."""
    return flask.redirect(photos.link(actor, photo_id))


@blp.operation(
    "GET",
    "/v1/objects/<token>",
    public=True,
    raises=(errors.NotFound, errors.RangeNotSatisfiable),
    doc={
        "parameters": [_RANGE],
        "responses": {
            "200": {"description": "The bytes.", "content": dict.fromkeys(_TYPES, _BYTES)},
            "206": {
                "description": "A range of them.",
                "content": dict.fromkeys(_TYPES, _BYTES),
            },
        },
    },
)
def download_object(token: str) -> Any:
    """Download what a link of `/v1/photos/{photo_id}/content` leads to.

    The token is the permission: signed, and good for five minutes. Always an attachment.
    """
    found = storage.linked(token)
    answer = flask.send_file(
        found.path,
        mimetype=found.content_type,
        as_attachment=True,
        download_name=found.filename,
        etag=False,
        max_age=0,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
