"""Pictures for those who review: their versions, and the marks of what stores must not see."""

from typing import Any

from server import clock, storage
from server.db import atomic, serialize
from server.domain.actor import Actor
from server.domain.permissions import Permission, allowing
from server.domain.photos import filename
from server.errors import Conflict, Invalid, NotFound
from server.models import Photo, Picture, Rendering
from server.services import editing, events, photos
from server.services.developing import SHARED, VERSIONS

_JPEG = "image/jpeg"
_ROUNDING = 1e-6


def link(actor: Actor, photo_id: str, version: str) -> str:
    """A URL of that version, good for five minutes, for whoever may see the photo. NotFound;
    Conflict while there is none."""
    photos.visible(actor, photo_id)
    if version not in VERSIONS:
        raise NotFound(f"A photo has these versions: {', '.join(VERSIONS)}.")
    found = rendering(photo_id, version)
    if found is None:
        raise Conflict("This photo has no picture yet, or its bytes are none: see its state.")
    return link_of(found, photo_id)


def rendering(photo_id: str, version: str) -> Rendering | None:
    """A version of a photo's picture, if it has been made."""
    found: Rendering | None = Rendering.get_or_none(
        Rendering.photo_id == photo_id, Rendering.version == version
    )
    return found


def link_of(found: Rendering, public_id: str) -> str:
    """A URL of that rendering, under a name that says nothing."""
    return storage.current().link(
        found.object_key,
        filename=filename(public_id, _JPEG),
        content_type=_JPEG,
        seconds=storage.LINK_SECONDS,
    )


def read(actor: Actor, photo_id: str) -> Picture:
    """The picture with its marks, for reviewers and programme managers. NotFound for all others;
    Conflict before it is developed."""
    photo, _ = photos.visible(actor, photo_id)
    if photo is None or not _reviews(actor, photo):
        raise NotFound(f"There is no photo {photo_id!r}, or it is not yours to review.")
    picture: Picture | None = Picture.get_or_none(Picture.id == photo_id)
    if picture is None:
        raise Conflict("This photo has no picture yet, or its bytes are none: see its state.")
    return picture


def mark(actor: Actor, photo_id: str, if_match: int, marks: list[dict[str, Any]]) -> Picture:
    """Replace the marks. Until it is drawn anew, stores see nothing of the picture. NotFound,
    Conflict, Invalid, PreconditionFailed."""
    picture = read(actor, photo_id)
    _check(marks)
    with atomic():
        serialize(f"picture {photo_id}")
        changes = {"marks": marks, "marked_at": clock.now()}
        picture = editing.change(picture, if_match, changes)
        former = rendering(photo_id, SHARED)
        if former is not None:
            Rendering.delete().where(
                Rendering.photo_id == photo_id, Rendering.version == SHARED
            ).execute()
        events.emit(
            "picture.marked",
            photo_id,
            picture.brand_id,
            former=former.object_key if former else None,
        )
        return picture


def _reviews(actor: Actor, photo: Photo) -> bool:
    if photo.shopper_id == actor.account_id:
        return False
    grants = actor.grants_in(photo.brand_id)
    needed = (Permission.PHOTOS_READ, Permission.REPORTS_REVIEW)
    return all(allowing(grants, permission) for permission in needed)


def _check(marks: list[dict[str, Any]]) -> None:
    wrong = [
        {"pointer": f"/marks/{at}/{size}", "detail": "Reaches beyond the picture."}
        for at, each in enumerate(marks)
        for start, size in (("x", "width"), ("y", "height"))
        if each[start] + each[size] > 1 + _ROUNDING
    ]
    if wrong:
        raise Invalid("Mend the marks named in `errors`.", errors=wrong)
