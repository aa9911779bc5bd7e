"""Photos whose bytes a restored database does not know. Their phones have deleted the files: they
were told that the photos are stored. The storage has them still, under keys that name the content.

A phone that was asked to send again what it holds declares its photos anew. Their bytes are then
read from the storage and taken in as if the phone had sent them, hash and all. That the shopper was
asked is the condition: otherwise a known digest would stand for sending the bytes.
"""

from typing import Any

from server import storage
from server.domain.states import PhotoState
from server.errors import Problem
from server.models import Notice, Photo, PhotoContent
from server.services import blobs, photos
from server.services.pulls import RESEND

_AT_ONCE = 500
_BLOCK = 256 * 1024


def find() -> int:
    """Take in the bytes that are there; how many photos. Those that are not may still come."""
    return sum(_found(photo) for photo in list(_sought()))


def _sought() -> Any:
    asked = Notice.select(Notice.shopper_id).where(Notice.code == RESEND)
    there = PhotoContent.select(PhotoContent.photo_id)
    return (
        Photo.select()
        .where(
            Photo.state == str(PhotoState.DECLARED),
            Photo.sha256.is_null(False),
            Photo.deleted_at.is_null(),
            Photo.shopper_id.in_(asked),
            Photo.id.not_in(there),
        )
        .order_by(Photo.updated_at.desc())
        .limit(_AT_ONCE)
    )


def _found(photo: Photo) -> bool:
    """With their brand, or where they waited for their row."""
    return any(_taken_in(photo, brand_id) for brand_id in (photo.brand_id, None))


def _taken_in(photo: Photo, brand_id: str | None) -> bool:
    digest = photo.sha256 or ""
    key = blobs.key(digest, brand_id=brand_id, shopper_id=photo.shopper_id)
    try:
        with storage.current().open(key) as file:
            blocks = iter(lambda: file.read(_BLOCK), b"")
            photos.take_in(photo.shopper_id, photo.id, blocks, sha256=digest)
    except Problem:  # not there, changed meanwhile, or the storage is busy: it comes round again
        return False
    return True
