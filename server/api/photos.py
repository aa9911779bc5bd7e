"""/v1/photos: a photo's bytes in, and a short-lived link to them out."""

from typing import Any

import flask

from schemas.photos import PhotoContentSchema, PhotoSchema
from server import errors, storage
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import photo_contents, photos

blp = Blueprint("photos", __name__, description="Photos' bytes; their rows arrive by /v1/sync.")

_CHUNKS = 64 * 1024
_DIGEST = {
    "name": "Repr-Digest",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "example": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "description": "SHA-256 of the bytes, RFC 9530.",
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "application/octet-stream")


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
        errors.DigestMismatch,
        errors.TooManyRequests,
    ),
    doc={
        "parameters": [_DIGEST],
        "requestBody": {"required": True, "content": dict.fromkeys(_IMAGE_TYPES, _BYTES)},
        "responses": {
            "200": {
                "description": "These bytes were verified before.",
                "content": {"application/json": {"schema": PhotoContentSchema}},
            }
        },
    },
)
def put_photo_content(actor: Actor, photo_id: str) -> Any:
    """Send a photo's bytes, whole.

    Idempotent: send it again whenever the answer was lost. The bytes may come before the photo's
    row; they then wait up to 30 days for it. What arrives is verified against the digest, and
    verified bytes are never overwritten.
    """
    content, new = photo_contents.put(
        actor,
        photo_id,
        flask.request.stream,
        length=flask.request.content_length,
        sha256=photo_contents.sha256_of(flask.request.headers.get("Repr-Digest")),
    )
    return content, 201 if new else 200


@blp.operation("GET", "/v1/photos/<photo_id>", returns=PhotoSchema, raises=(errors.NotFound,))
def read_photo(actor: Actor, photo_id: str) -> Any:
    """Read what is known of a photo: its shopper, or a reviewer or manager of its brand."""
    return photos.read(actor, photo_id)


@blp.operation(
    "GET",
    "/v1/photos/<photo_id>/content",
    status=302,
    raises=(errors.NotFound, errors.Conflict),
    doc={
        "responses": {
            "302": {
                "description": "The bytes are at Location, for five minutes.",
                "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
            }
        }
    },
)
def read_photo_content(actor: Actor, photo_id: str) -> Any:
    """Get a link to a photo's bytes."""
    return flask.redirect(photos.link(actor, photo_id))


@blp.operation(
    "GET",
    "/v1/objects/<token>",
    public=True,
    raises=(errors.NotFound,),
    doc={"responses": {"200": {"description": "The bytes.", "content": {"*/*": _BYTES}}}},
)
def download_object(token: str) -> Any:
    """Download what a link of `/v1/photos/{photo_id}/content` names.

    The token is the permission: signed, and good for five minutes. Always an attachment, never
    shown in place.
    """
    driver = storage.current()
    if not isinstance(driver, storage.FolderStorage):
        raise errors.NotFound("Photos are kept in another store, whose links lead there.")
    file, filename, content_type = driver.opened(token)
    response = flask.send_file(
        file, mimetype=content_type, as_attachment=True, download_name=filename, max_age=0
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
