"""The bytes of photos: received, verified, kept once, and joined with the row that declares them.

Row and bytes come in either order. Bytes whose row is known go to the brand's blob of that content;
bytes before their row wait in a place of their own, within a quota, for at most 30 days.
"""

import base64
import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, BinaryIO, Protocol, cast

from server import clock, config, storage
from server.db import atomic
from server.domain import pictures
from server.domain.actor import Actor, Role
from server.domain.states import PhotoState
from server.errors import (
    Conflict,
    DigestMismatch,
    Forbidden,
    MalformedRequest,
    NotFound,
    TooLarge,
    TooManyRequests,
)
from server.models import Blob, Photo, PhotoContent
from server.services import events, feeds

WAITING_LIFETIME = timedelta(days=30)
WAITING_PHOTOS = 200
WAITING_BYTES = 2 * 1024**3
_BLOCK = 64 * 1024
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


class Readable(Protocol):
    """Anything that gives its bytes block by block, such as a request's stream."""

    def read(self, size: int = ..., /) -> bytes:
        """At most `size` bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Received:
    """Verified bytes in a temporary file, at its beginning."""

    file: BinaryIO
    size: int
    sha256: str
    content_type: str


def put(
    actor: Actor, photo_id: str, stream: Readable, *, length: int | None, sha256: str
) -> tuple[PhotoContent, bool]:
    """Keep the bytes of a photo; its content and whether they are new. The same bytes again are
    welcome. NotFound for another shopper's photo, Conflict for other bytes than were verified,
    DigestMismatch, TooLarge, MalformedRequest for a body that was cut or empty."""
    shopper_id = _shopper(actor)
    photo = _photo(photo_id, shopper_id)
    with receive(stream, length=length, sha256=sha256) as received:
        known = _known(photo_id, shopper_id, received)
        if known is not None:
            return known, False
        _check_declared(photo, received)
        if photo is None:
            _check_quota(shopper_id, received.size)
        key = _store(photo, shopper_id, photo_id, received)
        return _keep(photo_id, shopper_id, received, key)


@contextmanager
def receive(stream: Readable, *, length: int | None, sha256: str) -> Iterator[Received]:
    """Spool the stream in small blocks, so that memory stays flat, and verify size and digest."""
    limit = config.settings().max_photo
    if length is not None and length > limit:
        raise _too_large(limit)
    with tempfile.TemporaryFile() as file:
        size, found, head = _spool(stream, file, limit)
        _check_whole(size, length)
        if found != sha256:
            raise DigestMismatch(
                f"The {size} bytes that came have another SHA-256 than declared: send them again."
            )
        file.seek(0)
        yield Received(cast(BinaryIO, file), size, sha256, pictures.kind(head))


def settle(photo_id: str) -> None:
    """Join waiting bytes with the row that came after them: the photo is stored, or rejected where
    the row declares another hash. May run twice."""
    with atomic():
        content = PhotoContent.get_or_none(PhotoContent.photo_id == photo_id)
        photo = Photo.get_or_none(Photo.id == photo_id, Photo.deleted_at.is_null())
        if content is None or photo is None or not content.waiting:
            return
        if photo.sha256 not in (None, content.sha256):
            _reject(photo, content)
            return
        key = blob_key(photo.brand_id, content.sha256)
        _note_object(key, content.sha256, content.bytes)
        storage.current().copy(content.object_key, key)
        content.object_key, content.waiting = key, False
        content.save(only=["object_key", "waiting"])
        _mark_stored(photo)


def discard_waiting() -> int:
    """Forget bytes that no row came for in 30 days; how many. Their objects go with the blobs."""
    long_ago = clock.now() - WAITING_LIFETIME
    query = PhotoContent.delete().where(
        PhotoContent.waiting == True,  # noqa: E712  SQL, not Python
        PhotoContent.created_at < long_ago,
    )
    with atomic():
        return int(query.execute())


def collect_blobs(limit: int = 200) -> int:
    """Delete objects that nothing has named for 30 days; how many. The object goes while its row's
    delete is not committed, so an upload of the same content waits, and then puts it anew."""
    long_ago = clock.now() - WAITING_LIFETIME
    named = PhotoContent.select(PhotoContent.object_key)
    unnamed = (Blob.created_at < long_ago) & Blob.object_key.not_in(named)
    keys = [row.object_key for row in Blob.select(Blob.object_key).where(unnamed).limit(limit)]
    collected = 0
    for key in keys:
        with atomic():
            if Blob.delete().where(Blob.object_key == key, unnamed).execute():
                storage.current().delete(key)
                collected += 1
    return collected


def blob_key(brand_id: str, sha256: str) -> str:
    """Where the brand keeps that content."""
    return f"{brand_id}/{sha256[:2]}/{sha256}"


def sha256_of(repr_digest: str | None) -> str:
    """The hex SHA-256 of a Repr-Digest header (RFC 9530). MalformedRequest says how to send it."""
    match = re.search(r"(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):", repr_digest or "")
    if match is None:
        raise MalformedRequest(
            "Send the SHA-256 of the bytes as `Repr-Digest: sha-256=:BASE64:` (RFC 9530)."
        )
    return base64.b64decode(match[1]).hex()


def _spool(stream: Readable, file: IO[bytes], limit: int) -> tuple[int, str, bytes]:
    """Size, hex SHA-256 and first bytes of what came."""
    digest, size, head = hashlib.sha256(), 0, b""
    while block := stream.read(_BLOCK):
        digest.update(block)
        file.write(block)
        size += len(block)
        head += block[: max(0, pictures.SNIFFED - len(head))]
        if size > limit:
            raise _too_large(limit)
    return size, digest.hexdigest(), head


def _shopper(actor: Actor) -> str:
    if actor.account_id is None or all(grant.role != Role.SHOPPER for grant in actor.grants):
        raise Forbidden("Only a shopper uploads photos.")
    return actor.account_id


def _photo(photo_id: str, shopper_id: str) -> Photo | None:
    if not _ID.fullmatch(photo_id):
        raise NotFound("A photo's id is 1–100 of A–Z a–z 0–9 _ . - and begins with none of _ . -")
    photo: Photo | None = Photo.get_or_none(Photo.id == photo_id)
    if photo is not None and (photo.shopper_id != shopper_id or photo.deleted_at is not None):
        raise _not_yours(photo_id)
    return photo


def _known(photo_id: str, shopper_id: str, received: Received) -> PhotoContent | None:
    content: PhotoContent | None = PhotoContent.get_or_none(PhotoContent.photo_id == photo_id)
    if content is None:
        return None
    if content.shopper_id != shopper_id:
        raise _not_yours(photo_id)
    if content.sha256 != received.sha256:
        raise Conflict(
            "Other bytes are verified under this photo's id, and are never overwritten: give the "
            "new photo an id of its own."
        )
    return content


def _check_whole(size: int, length: int | None) -> None:
    if length is not None and size != length:
        raise MalformedRequest(
            f"Content-Length says {length} bytes and {size} arrived: send the photo again."
        )
    if size == 0:
        raise MalformedRequest("The body is empty: a photo has at least one byte.")


def _check_declared(photo: Photo | None, received: Received) -> None:
    if photo is not None and photo.sha256 not in (None, received.sha256):
        raise DigestMismatch(
            "The photo's row declares another SHA-256: send the bytes that it declares, or push "
            "the row anew."
        )


def _check_quota(shopper_id: str, size: int) -> None:
    waiting = PhotoContent.select(PhotoContent.bytes).where(
        PhotoContent.shopper_id == shopper_id,
        PhotoContent.waiting == True,  # noqa: E712  SQL, not Python
    )
    sizes = [row.bytes for row in waiting]
    if len(sizes) >= WAITING_PHOTOS or sum(sizes) + size > WAITING_BYTES:
        raise TooManyRequests(
            f"{len(sizes)} photos wait for their rows already: push the rows, then send the rest.",
            retry_after=60,
        )


def _store(photo: Photo | None, shopper_id: str, photo_id: str, received: Received) -> str:
    """Make the object durable, and only then let any row speak of it as verified."""
    if photo is None:
        key = f"waiting/{shopper_id}/{photo_id}/{received.sha256}"
    else:
        key = blob_key(photo.brand_id, received.sha256)
    with atomic():
        _note_object(key, received.sha256, received.size)
    storage.current().put(key, received.file, size=received.size, sha256=received.sha256)
    return key


def _note_object(key: str, sha256: str, size: int) -> None:
    Blob.insert(object_key=key, sha256=sha256, bytes=size, created_at=clock.now()).on_conflict(
        conflict_target=[Blob.object_key], preserve=[Blob.created_at]
    ).execute()


def _keep(
    photo_id: str, shopper_id: str, received: Received, key: str
) -> tuple[PhotoContent, bool]:
    """The rows, under the shopper's feed lock: a push that brings the photo's row holds it too, so
    one of the two sees the other."""
    with atomic():
        feeds.lock([shopper_id])
        known = _known(photo_id, shopper_id, received)
        if known is not None:
            return known, False
        photo = _photo(photo_id, shopper_id)
        waiting = key.startswith("waiting/")
        content = PhotoContent.create(
            photo_id=photo_id,
            shopper_id=shopper_id,
            sha256=received.sha256,
            bytes=received.size,
            content_type=received.content_type,
            object_key=key,
            waiting=waiting,
            created_at=clock.now(),
        )
        if photo is not None and waiting:
            events.emit("photo.waiting", photo_id, photo.brand_id)
        elif photo is not None:
            _check_declared(photo, received)
            _mark_stored(photo)
        return content, True


def _mark_stored(photo: Photo) -> None:
    _mark(photo, PhotoState.STORED, None)
    events.emit("photo.stored", photo.id, photo.brand_id)


def _reject(photo: Photo, content: PhotoContent) -> None:
    content.delete_instance()
    _mark(photo, PhotoState.REJECTED, "the bytes have another SHA-256 than the row declares")


def _mark(photo: Photo, state: PhotoState, reason: str | None) -> None:
    photo.state, photo.reason, photo.updated_at = str(state), reason, clock.now()
    photo.save(only=["state", "reason", "updated_at"])
    feeds.touch({photo.shopper_id: [("photos", photo.id)]})


def _not_yours(photo_id: str) -> NotFound:
    return NotFound(f"There is no photo {photo_id!r}, or it is not yours.")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"A photo may have {limit} bytes at most: send a smaller one.")
