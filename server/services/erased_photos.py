"""The photos of a person who is erased: every object that nothing else names is deleted at once,
the originals and what was made of them; the rows stay as numbers that were counted."""

from contextlib import suppress
from typing import Any

from server import clock
from server.db import atomic
from server.domain.states import PhotoState
from server.errors import Unavailable
from server.models import (
    Erasure,
    Event,
    Photo,
    PhotoContent,
    Picture,
    Rendering,
    Upload,
    UploadRange,
)
from server.services import blobs, developing, feeds, upload_ranges

_AT_ONCE = 100


def erase(erasure: Erasure) -> int:
    """Overwrite the person's photos in the brand, some a transaction; how many."""
    erased = 0
    while count := _some(erasure):
        erased += count
    return erased


def erase_uploads(erasure: Erasure, *, whole: bool) -> int:
    """Forget what began to arrive for the brand's photos, or (`whole`) for any; how many."""
    mine = Upload.shopper_id == erasure.account_id
    if not whole:
        ours = Photo.select(Photo.id).where(Photo.shopper_id == erasure.pseudonym)
        mine &= Upload.photo_id.in_(ours)
    with atomic():
        uploads = list(Upload.select(Upload.id).where(mine))
        dropped: list[UploadRange] = []
        for upload in uploads:
            dropped += upload_ranges.drop(upload.id)
        Upload.delete().where(Upload.id.in_([upload.id for upload in uploads])).execute()
        waiting = _waiting(erasure) if whole else []
    upload_ranges.forget(dropped)
    delete(waiting)
    return len(uploads)


def _some(erasure: Erasure) -> int:
    account_id = erasure.account_id
    mine = (Photo.shopper_id == account_id) & (Photo.brand_id == erasure.brand_id)
    with atomic():
        seqs = {account_id: feeds.lock([account_id])[account_id].seq}
        rows: Any = Photo.select(Photo.id).where(mine).order_by(Photo.id).limit(_AT_ONCE)
        ids = [photo.id for photo in rows]
        keys = forget(ids)
        now = clock.now()
        Photo.update(
            shopper_id=erasure.pseudonym,
            sha256=None,
            taken_at=None,
            latitude=None,
            longitude=None,
            document=None,
            reason=None,
            state=str(PhotoState.REJECTED),
            deleted_at=now,
            updated_at=now,
        ).where(Photo.id.in_(ids)).execute()
        Event.update(error=None).where(Event.subject_id.in_(ids)).execute()
        feeds.record(seqs, {account_id: [("photos", each) for each in ids]}, deleted=True)
    delete(keys)
    return len(ids)


def forget(photo_ids: list[str]) -> list[str]:
    """Within a transaction, forget the bytes and pictures of these photos; the keys of the objects
    that they named, which from here on are the collector's if nothing else names them."""
    bytes_of: Any = PhotoContent.select(PhotoContent.object_key).where(
        PhotoContent.photo_id.in_(photo_ids)
    )
    drawn: Any = Rendering.select(Rendering.object_key).where(Rendering.photo_id.in_(photo_ids))
    keys = list(dict.fromkeys(key for (key,) in [*bytes_of.tuples(), *drawn.tuples()]))
    developing.forget(list(Picture.select().where(Picture.id.in_(photo_ids))))
    PhotoContent.delete().where(PhotoContent.photo_id.in_(photo_ids)).execute()
    blobs.abandon(keys)
    return keys


def _waiting(erasure: Erasure) -> list[str]:
    rows: Any = PhotoContent.select(PhotoContent.photo_id).where(
        PhotoContent.shopper_id == erasure.account_id
    )
    return forget([photo_id for (photo_id,) in rows.tuples()])


def delete(keys: list[str]) -> None:
    """Now; what the storage does not let go of is deleted with the next chores."""
    with suppress(Unavailable):
        for key in keys:
            blobs.forget(key)
