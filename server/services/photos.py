"""Photos as rows: who may see one, and the link to its bytes.

Until metadata is stripped, only its shopper and the brand's reviewers and managers read a photo.
"""

from server import storage
from server.domain import pictures
from server.domain.actor import Actor
from server.domain.permissions import Permission, allowing
from server.errors import Conflict, NotFound
from server.models import Photo, PhotoContent


def read(actor: Actor, photo_id: str) -> Photo:
    """A photo's row. NotFound for everyone who may not see the photo, whoever they are."""
    photo: Photo | None = Photo.get_or_none(Photo.id == photo_id, Photo.deleted_at.is_null())
    if photo is None or not _may_see(actor, photo):
        raise NotFound(f"There is no photo {photo_id!r}, or it is not yours to see.")
    return photo


def link(actor: Actor, photo_id: str) -> str:
    """A URL of the photo's bytes, good for five minutes. NotFound, Conflict while they lack."""
    read(actor, photo_id)
    content: PhotoContent | None = PhotoContent.get_or_none(
        PhotoContent.photo_id == photo_id, ~PhotoContent.waiting
    )
    if content is None:
        raise Conflict("The bytes of this photo have not arrived yet: try again when it is stored.")
    kind = content.content_type or pictures.UNKNOWN
    return storage.current().link(
        content.object_key, filename=pictures.filename(photo_id, kind), content_type=kind
    )


def _may_see(actor: Actor, photo: Photo) -> bool:
    own = actor.account_id is not None and actor.account_id == photo.shopper_id
    return own or bool(allowing(actor.grants_in(photo.brand_id), Permission.PHOTOS_READ))
