"""Ranges of uploads: each received part is an object of its own, and is never written to again.

The row comes before the object and counts only after it, in one transaction with the proof that its
writer still is the upload's: killed at any point this leaves at most an object whose row says that
it is to be deleted.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

import peewee

from server import clock, storage
from server.db import atomic, connected
from server.errors import Conflict, Locked, NotFound, Unavailable
from server.models import PhotoContent, Upload, UploadRange
from server.services.spooling import Spooled
from server.services.upload_locks import Writer

MOST = 4096
"""Ranges of one upload."""

_BLOCK = 256 * 1024
_STUCK = timedelta(hours=1)
_ARRIVING, _KEPT, _DROPPED = "arriving", "kept", "dropped"


class Lost(Exception):
    """The object of a kept range is not in the storage, as after a backup was put in place."""


def offset(upload_id: str) -> int:
    """How many bytes are kept."""
    total: Any = UploadRange.select(peewee.fn.SUM(UploadRange.bytes)).where(_kept(upload_id))
    return int(total.scalar() or 0)


def kept(upload_id: str) -> list[UploadRange]:
    """The kept ranges in their order."""
    return list(UploadRange.select().where(_kept(upload_id)).order_by(UploadRange.start))


def keep(writer: Writer, start: int, part: Spooled, expires_at: Any) -> None:
    """Keep that part of the writer's upload. Locked: another has taken over. Conflict: too many."""
    with connected():
        row = _announced(writer, start, part.bytes)
        storage.current().put(row.object_key, part.file, size=part.bytes, sha256=part.sha256)
        with atomic():
            until = clock.now() + writer.lease()
            changed = Upload.update(expires_at=expires_at, writer_until=until)
            mine = changed.where(writer.within()).execute()
            if mine:
                arriving = (UploadRange.id == row.id) & (UploadRange.state == _ARRIVING)
                mine = UploadRange.update(state=_KEPT).where(arriving).execute()
        if not mine:
            forget([row])
            raise Locked("Another request has taken this upload over: ask how far it is.")


def drop(upload_id: str) -> list[UploadRange]:
    """Within a transaction, let all ranges of an upload count no more; give them to `forget` when
    it has committed."""
    rows = list(UploadRange.select().where(UploadRange.upload_id == upload_id))
    if rows:
        UploadRange.update(state=_DROPPED).where(UploadRange.upload_id == upload_id).execute()
    return rows


def forget(rows: Iterable[UploadRange]) -> int:
    """Delete the objects of dropped ranges, and then their rows; how many. What the store does not
    let go of now comes round again with `collect`."""
    gone = []
    with suppress(Unavailable):
        for row in rows:
            storage.current().delete(row.object_key)
            gone.append(row.id)
    if gone:
        with atomic():
            UploadRange.delete().where(UploadRange.id.in_(gone)).execute()
    return len(gone)


def collect(most: int) -> int:
    """Delete the objects of dropped ranges, and of those whose writer was killed; how many."""
    killed = (UploadRange.state == _ARRIVING) & (UploadRange.created_at < clock.now() - _STUCK)
    with atomic():
        UploadRange.update(state=_DROPPED).where(killed).execute()
    return forget(list(UploadRange.select().where(UploadRange.state == _DROPPED).limit(most)))


def blocks(rows: Iterable[UploadRange | PhotoContent]) -> Iterator[bytes]:
    """The bytes of these ranges, or of a whole photo, one after the other. Lost."""
    for row in rows:
        try:
            with storage.current().open(row.object_key) as file:
                yield from file_blocks(file)
        except NotFound as error:
            raise Lost(row.object_key) from error


def file_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a file."""
    while block := file.read(_BLOCK):
        yield block


def _announced(writer: Writer, start: int, size: int) -> UploadRange:
    range_id = clock.new_id()
    with atomic():
        writer.keep()
        if UploadRange.select().where(_kept(writer.upload_id)).count() >= MOST:
            raise Conflict("This upload came in too many pieces: DELETE it, and send larger ones.")
        row: UploadRange = UploadRange.create(
            id=range_id,
            upload_id=writer.upload_id,
            start=start,
            bytes=size,
            object_key=f"ranges/{writer.upload_id}/{range_id}",
            state=_ARRIVING,
            created_at=clock.now(),
        )
    return row


def _kept(upload_id: str) -> Any:
    return (UploadRange.upload_id == upload_id) & (UploadRange.state == _KEPT)
