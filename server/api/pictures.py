"""/v1/photos/{photo}/versions and /v1/photos/{photo}/marks: pictures, for those who review."""

from typing import Any

import flask

from schemas.photos import PhotoMarksNewSchema, PhotoMarksSchema
from server.api.blueprint import Blueprint
from server.api.photos import LOCATION
from server.domain.actor import Actor
from server.errors import Conflict, NotFound
from server.services import pictures

blp = Blueprint(
    "pictures",
    __name__,
    url_prefix="/v1/photos/<photo_id>",
    description="What was made of photos' bytes, and the marks of what stores must not see.",
)


@blp.operation(
    "GET",
    "/versions/<version>",
    raises=(NotFound, Conflict),
    doc={"responses": {"302": LOCATION}},
    personal=True,
)
def read_photo_version(actor: Actor, photo_id: str, version: str) -> Any:
    """Get a link to a version of a photo as an upright JPEG without metadata.

    `thumbnail` has 320 pixels, `web` 1600 on the longer side; `shared` is `web` as stores see it.
    For its shopper, reviewers and programme managers.
    """
    return flask.redirect(pictures.link(actor, photo_id, version))


@blp.operation(
    "GET", "/marks", returns=PhotoMarksSchema, raises=(NotFound, Conflict), personal=True
)
def read_photo_marks(actor: Actor, photo_id: str) -> Any:
    """Read the marks of what stores must not see."""
    return pictures.read(actor, photo_id)


@blp.operation(
    "PUT",
    "/marks",
    body=PhotoMarksNewSchema,
    returns=PhotoMarksSchema,
    edits=True,
    raises=(NotFound, Conflict),
    personal=True,
)
def replace_photo_marks(actor: Actor, photo_id: str, body: dict[str, Any], if_match: int) -> Any:
    """Replace the marks; what stores see is drawn anew, and the former drawing deleted."""
    return pictures.mark(actor, photo_id, if_match, body["marks"])
