"""Photos: their bytes in, whoever may see them, and bytes joined with the row that declares them.

Rows arrive by sync, bytes by their own way, in either order. Bytes whose row is known become the
brand's blob of that content. Bytes before their row wait with their shopper, within a quota, for at
most 30 days. Only its shopper and the brand's reviewers and programme managers read a photo; what
stores see is another picture (`server.services.shared_photos`).

Who writes a shopper's photos holds the shopper's feed first, as a push does: so whichever of row
and bytes comes second sees the other, and joins them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import peewee

from server import clock, storage
from server.db import atomic, by_id, columns, database, insert, kept, together
from server.domain.actor import Actor
from server.domain.permissions import Permission, allowing
from server.domain.photos import filename, served_as
from server.domain.pictures import Flag
from server.domain.states import PhotoState
from server.errors import Conflict, DigestMismatch, Forbidden, NotFound, TooManyRequests
from server.models import Photo, PhotoContent, Upload
from server.services import blobs, events, feeds, flagging, notices
from server.services.notices import Word
from server.services.spooling import Spooled, spooled

WAITING_DAYS = timedelta(days=30)
WAITING_PHOTOS = 200
WAITING_BYTES = 2 * 1024**3
"""What may wait for one shopper, in photos and in bytes."""

DELETED_DAYS = timedelta(days=30)
_COLLECTED_AT_ONCE = 500
_WAITING = "waiting"
_REJECTED = "photo-rejected"
_DIFFER = (
    "The bytes that had arrived have another SHA-256 than the photo's row says and were forgotten: "
    "send those of the row."
)
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,160}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo as its reader sees it; without a row its `state` is "waiting". `flags` are for those
    who review, None for its shopper and before the picture is developed."""

    id: str
    state: str
    reason: str | None
    report_id: str | None
    item_key: str | None
    sha256: str | None
    bytes: int | None
    content_type: str | None
    taken_at: datetime | None
    flags: list[Flag] | None = None


def put(
    actor: Actor, photo_id: str, blocks: Iterable[bytes], *, sha256: str, length: int | None
) -> tuple[Seen, bool]:
    """Take in a photo's bytes; the photo, and whether they are new. The same bytes again are
    welcome. `length` is what is announced, to refuse early. Forbidden, NotFound (another's photo),
    Conflict (other bytes are verified), DigestMismatch, TooManyRequests, MalformedRequest."""
    return take_in(shopper_of(actor), photo_id, blocks, sha256=sha256, length=length)


def take_in(
    shopper_id: str,
    photo_id: str,
    blocks: Iterable[bytes],
    *,
    sha256: str,
    length: int | None = None,
) -> tuple[Seen, bool]:
    """As `put`, of a shopper who is known."""
    photo, _ = admitted(photo_id, shopper_id, sha256, length or 0)
    with spooled(blocks, sha256) as arrived:
        brand_id = photo.brand_id if photo else None
        object_key = blobs.keep(arrived, brand_id=brand_id, shopper_id=shopper_id)
        return record(photo_id, shopper_id, arrived, object_key, waiting=photo is None)


def shopper_of(actor: Actor) -> str:
    """The shopper who the actor is. Forbidden."""
    if actor.account_id is None or not allowing(actor.grants, Permission.SYNC):
        raise Forbidden("Only shoppers send photos: you shop for no brand.")
    return actor.account_id


def admitted(
    photo_id: str, shopper_id: str, sha256: str, size: int
) -> tuple[Photo | None, PhotoContent | None]:
    """The shopper's photo and its verified bytes, each None where there is none yet, if bytes with
    that SHA-256 may come. The same problems as `put`."""
    photo = _own_photo(photo_id, shopper_id)
    known = _content(photo_id, photo, shopper_id)
    if known is not None:
        if known.sha256 != sha256:
            raise Conflict(
                "Other bytes are verified under this photo's id and are never overwritten: give "
                "the new photo an id of its own."
            )
    elif photo is None:
        check_quota(photo_id, shopper_id, size)
    elif photo.sha256 not in (None, sha256):
        raise DigestMismatch(
            "The photo's row declares another SHA-256: send the bytes that it declares, or push "
            "the row with the right one."
        )
    return photo, known


def check_quota(photo_id: str, shopper_id: str, size: int) -> None:
    """TooManyRequests where `size` bytes for that photo are more than may wait for the shopper:
    bytes without a row, and uploads that are not whole, which count as long as they will be."""
    held = [_held(PhotoContent, PhotoContent.bytes, PhotoContent.waiting, photo_id, shopper_id)]
    held.append(_held(Upload, Upload.length, Upload.finished_at.is_null(), photo_id, shopper_id))
    count, total = (sum(each) for each in zip(*held, strict=True))
    if count >= WAITING_PHOTOS or total + size > WAITING_BYTES:
        raise TooManyRequests(
            f"{count} photos of yours, {total} bytes, wait for their rows or for the rest of their "
            "bytes, and no more may: push the rows and finish the uploads, then send this one.",
            retry_after=60,
        )


def _held(table: Any, size: Any, waits: Any, photo_id: str, shopper_id: str) -> tuple[int, int]:
    """How many photos but this one wait in the table, and their bytes."""
    others = (table.shopper_id == shopper_id) & (table.photo_id != photo_id)
    columns = peewee.fn.COUNT(table.photo_id), peewee.fn.COALESCE(peewee.fn.SUM(size), 0)
    count, total = table.select(*columns).where(others, waits).scalar(as_tuple=True)
    return int(count), int(total)


def read(actor: Actor, photo_id: str) -> Seen:
    """What is known of a photo. NotFound for all who may not see it, whoever they are."""
    photo, content = visible(actor, photo_id)
    seen = _seen(photo_id, photo, content)
    if photo is None or photo.shopper_id == actor.account_id:
        return seen
    if allowing(actor.grants_in(photo.brand_id), Permission.PHOTOS_READ):
        return replace(seen, flags=flagging.flags_of([photo]).get(photo_id))
    return seen


def link(actor: Actor, photo_id: str) -> str:
    """A URL of the photo's bytes, good for five minutes. NotFound; Conflict while they are not
    here."""
    photo, content = visible(actor, photo_id)
    if content is None:
        raise Conflict("The bytes of this photo have not arrived: ask again when it is stored.")
    rejected = photo is not None and photo.state == PhotoState.REJECTED
    return link_of(photo_id, content, storage.LINK_SECONDS, rejected=rejected)


def link_of(photo_id: str, content: PhotoContent, seconds: int, *, rejected: bool = False) -> str:
    """A URL of these bytes, whoever asks; of rejected ones as bytes and no picture."""
    content_type = None if rejected else content.content_type
    return storage.current().link(
        content.object_key,
        filename=filename(photo_id, content_type),
        content_type=served_as(content_type),
        seconds=seconds,
    )


def settle(photo_id: str) -> None:
    """Join waiting bytes with the row that came after them: the photo is stored, or rejected where
    the row declares another hash. May run twice. Outside any transaction: the store may be slow."""
    photo, content = _row(photo_id), _waiting(photo_id)
    if photo is None or content is None or content.shopper_id != photo.shopper_id:
        return
    object_key = _copied(content, photo) if _fits(content, photo) else None
    with atomic():
        seq = feeds.lock([photo.shopper_id])[photo.shopper_id].seq
        photo, content = _row(photo_id), _waiting(photo_id)
        if photo is not None and content is not None:
            _join(photo, content, object_key, seq)


def discard_waiting() -> int:
    """Forget bytes that no row came for in 30 days; how many. Their objects go with the blobs."""
    with_row = Photo.select(Photo.id).where(Photo.shopper_id == PhotoContent.shopper_id)
    old = PhotoContent.created_at < clock.now() - WAITING_DAYS
    with atomic():
        return int(
            PhotoContent.delete()
            .where(PhotoContent.waiting, old, PhotoContent.photo_id.not_in(with_row))
            .execute()
        )


def collect_blobs() -> int:
    """Delete the objects that no photo has named for 30 days, some at a time; how many."""
    deleted = Photo.select(Photo.id).where(Photo.deleted_at < clock.now() - DELETED_DAYS)
    with atomic():
        PhotoContent.delete().where(PhotoContent.photo_id.in_(deleted)).execute()
    return blobs.collect(_COLLECTED_AT_ONCE)


def record(
    photo_id: str, shopper_id: str, arrived: Spooled, object_key: str, *, waiting: bool
) -> tuple[Seen, bool]:
    """Write the rows of bytes that are durable now; all that was checked is checked once more,
    since a push or the same bytes may have come in meanwhile."""
    with atomic():
        seq = feeds.lock([shopper_id])[shopper_id].seq
        photo, known = admitted(photo_id, shopper_id, arrived.sha256, arrived.bytes)
        if known is not None:
            return _seen(photo_id, photo, known), False
        content = _write(photo_id, shopper_id, arrived, object_key, waiting)
        if photo is not None and waiting:
            events.emit("photo.waiting", photo.id, photo.brand_id)
        elif photo is not None:
            _store(photo, content, seq)
        return _seen(photo_id, photo, content), True


def _write(
    photo_id: str, shopper_id: str, arrived: Spooled, object_key: str, waiting: bool
) -> PhotoContent:
    database.execute_sql(kept(_anothers), (photo_id, shopper_id))
    content = PhotoContent(
        photo_id=photo_id,
        shopper_id=shopper_id,
        sha256=arrived.sha256,
        bytes=arrived.bytes,
        content_type=arrived.content_type,
        object_key=object_key,
        waiting=waiting,
        created_at=clock.now(),
    )
    try:
        insert(PhotoContent, [columns(content)])
    except peewee.IntegrityError as error:
        raise _not_found(photo_id) from error
    return content


def _anothers() -> Any:
    return PhotoContent.delete().where(PhotoContent.photo_id == "", PhotoContent.shopper_id != "")


def _waiting(photo_id: str) -> PhotoContent | None:
    content: PhotoContent | None = PhotoContent.get_or_none(
        PhotoContent.photo_id == photo_id, PhotoContent.waiting
    )
    return content


def _fits(content: PhotoContent, photo: Photo) -> bool:
    return photo.deleted_at is None and photo.sha256 in (None, content.sha256)


def _copied(content: PhotoContent, photo: Photo) -> str:
    """The key of the brand's blob, which has the waiting bytes now."""
    new = blobs.key(content.sha256, brand_id=photo.brand_id, shopper_id=photo.shopper_id)
    blobs.note(new, content.sha256, content.bytes)
    storage.current().copy(content.object_key, new)
    return new


def _join(photo: Photo, content: PhotoContent, object_key: str | None, seq: int) -> None:
    """`object_key` is where the bytes are now, None if they were not to be kept. A push that
    changed the row meanwhile has woken the next settling."""
    if photo.deleted_at is not None:
        _drop(content)
    elif not _fits(content, photo):
        _drop(content)
        _reject(photo, seq)
    elif object_key is not None:
        blobs.let_go(content.object_key)
        content.object_key, content.waiting = object_key, False
        content.save(only=["object_key", "waiting"])
        _store(photo, content, seq)


def _drop(content: PhotoContent) -> None:
    content.delete_instance()
    blobs.let_go(content.object_key)


def _store(photo: Photo, content: PhotoContent, seq: int) -> None:
    """The photo is stored, which wakes the scoring. What phones were told of bytes that were
    forgotten is over."""
    word = None
    if photo.bytes not in (None, content.bytes):
        word = Word(
            f"photos/{photo.id}",
            "bytes-differ",
            f"The photo's row says {photo.bytes} bytes, and {content.bytes} with its SHA-256 are "
            "stored: they are kept.",
        )
    over = notices.withdraw(photo.shopper_id, f"photos/{photo.id}", _REJECTED)
    with together():
        _turn(photo, PhotoState.STORED, seq, None, word)
        feeds.record({photo.shopper_id: seq}, {photo.shopper_id: over}, deleted=True)
        events.emit("photo.stored", photo.id, photo.brand_id)


def _reject(photo: Photo, seq: int) -> None:
    word = Word(f"photos/{photo.id}", _REJECTED, _DIFFER)
    _turn(photo, PhotoState.REJECTED, seq, _DIFFER, word)


def _turn(photo: Photo, state: PhotoState, seq: int, reason: str | None, word: Word | None) -> None:
    """Write the photo's state and tell the shopper's phones, whose feed is locked at `seq`."""
    photo.state, photo.reason, photo.updated_at = str(state), reason, clock.now()
    photo.save(only=["state", "reason", "updated_at"])
    told = [("photos", photo.id)]
    if word is not None:
        told.append(notices.notify(photo.shopper_id, *word))
    feeds.record({photo.shopper_id: seq}, {photo.shopper_id: told})


def _own_photo(photo_id: str, shopper_id: str) -> Photo | None:
    """The shopper's photo, None where there is no row yet. NotFound: another's, or deleted."""
    photo = _row(photo_id)
    if photo is not None and (photo.shopper_id != shopper_id or photo.deleted_at is not None):
        raise _not_found(photo_id)
    return photo


def _content(photo_id: str, photo: Photo | None, shopper_id: str) -> PhotoContent | None:
    """The shopper's bytes under that id. Another's are NotFound, unless the row says that the
    photo is this shopper's: then they don't count."""
    content = by_id(PhotoContent, [photo_id]).get(photo_id)
    if content is None or content.shopper_id == shopper_id:
        return content
    if photo is None:
        raise _not_found(photo_id)
    return None


def visible(actor: Actor, photo_id: str) -> tuple[Photo | None, PhotoContent | None]:
    """The row and the bytes of a photo that the actor may see whole. NotFound."""
    photo = _row(photo_id)
    content = by_id(PhotoContent, [photo_id]).get(photo_id)
    if photo is None:
        owner = content.shopper_id if content else None
        seen = False
    else:
        owner = photo.shopper_id
        seen = bool(allowing(actor.grants_in(photo.brand_id), Permission.PHOTOS_READ))
    own = owner is not None and owner == actor.account_id
    own = own and bool(allowing(actor.grants, Permission.SYNC))
    if not (own or seen) or (photo is not None and photo.deleted_at is not None):
        raise _not_found(photo_id)
    return photo, content if content and content.shopper_id == owner else None


def _row(photo_id: str) -> Photo | None:
    if not _ID.fullmatch(photo_id):
        raise NotFound("This is no id of a photo: 1 to 160 of A-Z a-z 0-9 _ . : and -.")
    return by_id(Photo, [photo_id]).get(photo_id)


def _seen(photo_id: str, photo: Photo | None, content: PhotoContent | None) -> Seen:
    known = content or photo
    return Seen(
        id=photo_id,
        state=photo.state if photo else _WAITING,
        reason=photo.reason if photo else None,
        report_id=photo.report_id if photo else None,
        item_key=photo.item_key if photo else None,
        sha256=known.sha256 if known else None,
        bytes=known.bytes if known else None,
        content_type=content.content_type if content else None,
        taken_at=photo.taken_at if photo else None,
    )


def _not_found(photo_id: str) -> NotFound:
    return NotFound(f"There is no photo {photo_id!r}, or it is not yours.")
