"""Resumable uploads of photos, as tus 1.0 has them: announced, sent in any number of requests,
verified whole, and then a photo's content by the same way as a whole body.

What has arrived is kept in ranges. The last part never becomes one: it is verified together with
those before it and becomes the photo's content, so an upload that is as long as announced is a
verified one, by construction.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from server import clock
from server.db import atomic, connected, released, serialize
from server.domain.actor import Actor
from server.domain.uploads import Checksum, Declared, metadata_of
from server.errors import (
    ChecksumMismatch,
    Conflict,
    DigestMismatch,
    Locked,
    MalformedRequest,
    NotFound,
    TooLarge,
)
from server.models import PhotoContent, Upload, UploadRange
from server.services import blobs, photos, upload_ranges
from server.services.spooling import Spooled, received
from server.services.upload_locks import Writer, free, locked, writing

UNFINISHED = timedelta(days=7)
"""How long an upload waits for its next bytes."""

RANGE_BYTES = 8 * 1024**2
RANGE_SECONDS = 30
"""When a range ends though its body goes on: so much a killed server loses."""

_COLLECTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is; it is whole and verified where `offset` is `length`, and does not
    expire then."""

    photo_id: str
    offset: int
    length: int
    metadata: str
    expires_at: datetime | None


def create(actor: Actor, declared: Declared, length: int, metadata: str) -> Progress:
    """Announce an upload, or find the one that is under way. Another hash or length than before
    begins anew. Forbidden, NotFound (another's photo), Conflict (other bytes are verified),
    ChecksumMismatch (the photo's row has another hash), TooManyRequests, Locked."""
    shopper_id, photo_id = photos.shopper_of(actor), declared.photo_id
    with atomic():
        serialize(f"uploads/{shopper_id}")
        content = _admitted(photo_id, shopper_id, declared.sha256, length)
        if content is not None:
            return _verified(content, _of(photo_id, shopper_id))
        photos.check_quota(photo_id, shopper_id, length)
        upload, dropped = _begun(photo_id, shopper_id, declared.sha256, length, metadata)
        progress = _progress(upload)
    upload_ranges.forget(dropped)
    return progress


def read(actor: Actor, photo_id: str) -> Progress:
    """How far it is. NotFound, also for one that has expired."""
    shopper_id = photos.shopper_of(actor)
    upload = _of(photo_id, shopper_id)
    content = _content(photo_id, shopper_id)
    return _verified(content, upload) if content else _progress(_living(photo_id, upload))


def append(
    actor: Actor,
    photo_id: str,
    offset: int,
    blocks: Iterable[bytes],
    *,
    announced: int | None,
    checksum: Checksum | None = None,
    patient: bool = False,
) -> Progress:
    """Take in the bytes after `offset`, as far as they come; `announced` is how many are to come,
    to refuse early. Bytes that are there already are welcome again. Another writer is waited for if
    `patient`. Conflict where it is elsewhere, Locked, TooLarge; ChecksumMismatch: of
    the request, whose bytes are forgotten, of the whole, which begins at 0 again, or of the photo's
    row, and then the upload is forgotten."""
    shopper_id = photos.shopper_of(actor)
    upload, content = _of(photo_id, shopper_id), _content(photo_id, shopper_id)
    if content is not None:
        return _repeated(_verified(content, upload), [content], offset, blocks, announced)
    upload = _living(photo_id, upload)
    with _admissible(upload), writing(upload.id, patient=patient) as writer:
        content, at = _content(photo_id, shopper_id), upload_ranges.offset(upload.id)
        if content is None and offset == at:
            left = upload.length - at
            if announced is not None and announced > left:
                raise TooLarge(f"{announced} bytes are announced, and {left} are missing.")
            parts = _Parts(writer.following(blocks, left), whole=checksum is not None)
            with released():
                return _receive(upload, writer, at, parts, announced, checksum)
    progress = _verified(content, upload) if content else _progress(upload)
    kept = [content] if content else upload_ranges.kept(upload.id)
    return _repeated(progress, kept, offset, blocks, announced)


def terminate(actor: Actor, photo_id: str) -> None:
    """Forget an upload and what came of it. NotFound, Locked; Conflict: it is verified."""
    shopper_id = photos.shopper_of(actor)
    upload = _of(photo_id, shopper_id)
    if _content(photo_id, shopper_id) is not None:
        raise Conflict("This photo is whole and verified: delete its row instead, by sync.")
    upload = _living(photo_id, upload)
    with atomic():
        dropped = _deleted(upload)
    upload_ranges.forget(dropped)


def collect() -> int:
    """Forget uploads that expired, with what came of them, and what killed writers left; how many
    uploads, some at a time."""
    now = clock.now()
    expired = Upload.select().where(Upload.expires_at < now, free(now))
    forgotten = 0
    for upload in list(expired.limit(_COLLECTED_AT_ONCE)):
        with suppress(Locked), atomic():
            if Upload.select().where(Upload.id == upload.id, Upload.expires_at < now).exists():
                _deleted(upload)
                forgotten += 1
    upload_ranges.collect(_COLLECTED_AT_ONCE)
    return forgotten


class _Wrong(Exception):
    """The whole has another hash than was declared."""


class _Parts:
    """Cuts a body into parts, each of which can be kept; into one, if it is to be a `whole`."""

    def __init__(self, blocks: Iterator[bytes], *, whole: bool) -> None:
        self._blocks = blocks
        self._whole = whole
        self.ended = False

    def part(self) -> Iterator[bytes]:
        """The blocks of the next part."""
        size, until = 0, clock.elapsed() + RANGE_SECONDS
        while self._whole or (size < RANGE_BYTES and clock.elapsed() < until):
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
                return
            size += len(block)
            yield block


def _receive(
    upload: Upload,
    writer: Writer,
    at: int,
    parts: _Parts,
    announced: int | None,
    checksum: Checksum | None,
) -> Progress:
    """Keep part after part from `at` on, and finish with the last."""
    while not parts.ended:
        with received(parts.part()) as part:
            # One that was cut cannot be checked, and is kept: the whole is verified in the end.
            if checksum and announced in (None, part.bytes):
                _check(part, checksum)
            if at + part.bytes == upload.length:
                with connected():
                    return _finish(upload, writer, part)
            if part.bytes:
                upload.expires_at = clock.now() + UNFINISHED
                upload_ranges.keep(writer, at, part, upload.expires_at)
                at += part.bytes
    return Progress(upload.photo_id, at, upload.length, upload.metadata, upload.expires_at)


def _check(part: Spooled, checksum: Checksum) -> None:
    found = hashlib.file_digest(part.file, checksum.algorithm).digest()  # type: ignore[arg-type]
    part.file.seek(0)
    if found != checksum.digest:
        raise ChecksumMismatch(
            f"The {part.bytes} bytes of this request do not match Upload-Checksum and were "
            "forgotten: send them again."
        )


def _finish(upload: Upload, writer: Writer, last: Spooled) -> Progress:
    """Verify the whole and make it the photo's content."""
    writer.keep()
    rows = upload_ranges.kept(upload.id)
    try:
        if not rows:
            return _store(upload, last)
        blocks = chain(upload_ranges.blocks(rows), upload_ranges.file_blocks(last.file))
        with received(blocks) as whole:
            return _store(upload, whole)
    except (_Wrong, upload_ranges.Lost) as error:
        _begin_again(upload, writer)
        raise ChecksumMismatch(
            f"The {upload.length} bytes that arrived do not have the declared SHA-256 and were "
            "forgotten: send them again from 0.",
            headers={"Upload-Offset": "0"},
        ) from error


def _store(upload: Upload, whole: Spooled) -> Progress:
    if whole.sha256 != upload.sha256:
        raise _Wrong(whole.sha256)
    photo_id, shopper_id = upload.photo_id, upload.shopper_id
    photo, _ = photos.admitted(photo_id, shopper_id, whole.sha256, whole.bytes)
    brand_id = photo.brand_id if photo else None
    object_key = blobs.keep(whole, brand_id=brand_id, shopper_id=shopper_id)
    with atomic():
        photos.record(photo_id, shopper_id, whole, object_key, waiting=photo is None)
        Upload.update(finished_at=clock.now(), writer=None, writer_until=None).where(
            Upload.id == upload.id
        ).execute()
        dropped = upload_ranges.drop(upload.id)
    upload_ranges.forget(dropped)
    return Progress(photo_id, whole.bytes, whole.bytes, upload.metadata, None)


@contextmanager
def _admissible(upload: Upload) -> Iterator[None]:
    """Go on only with an upload whose bytes may come. Where the photo's row declares another hash,
    at the beginning or in the end, no byte can finish it: it is forgotten. ChecksumMismatch."""
    try:
        photos.admitted(upload.photo_id, upload.shopper_id, upload.sha256, upload.length)
        yield
    except DigestMismatch as error:
        with suppress(Locked):  # whoever writes to it now finds out in the end
            with atomic():
                dropped = _deleted(upload)
            upload_ranges.forget(dropped)
        raise ChecksumMismatch(
            f"{error.detail} What had arrived was forgotten: begin anew with POST."
        ) from error


def _begin_again(upload: Upload, writer: Writer) -> None:
    with atomic():
        writer.keep()
        dropped = upload_ranges.drop(upload.id)
    upload_ranges.forget(dropped)


def _begun(
    photo_id: str, shopper_id: str, sha256: str, length: int, metadata: str
) -> tuple[Upload, list[UploadRange]]:
    """The upload that is under way, or a new one; and the ranges of one whose place it takes."""
    upload, dropped, now = _of(photo_id, shopper_id), [], clock.now()
    if upload is not None:
        same = (upload.sha256, upload.length, upload.finished_at) == (sha256, length, None)
        if same and upload.expires_at >= now:
            return upload, []
        dropped = _deleted(upload)
    upload = Upload.create(
        id=clock.new_id(),
        photo_id=photo_id,
        shopper_id=shopper_id,
        sha256=sha256,
        length=length,
        metadata=metadata,
        created_at=now,
        expires_at=now + UNFINISHED,
    )
    return upload, dropped


def _deleted(upload: Upload) -> list[UploadRange]:
    """Within a transaction, delete an upload that nobody writes to; its ranges, to be forgotten.
    Locked."""
    gone = Upload.delete().where(Upload.id == upload.id, free(clock.now())).execute()
    if not gone:
        raise locked(upload)
    return upload_ranges.drop(upload.id)


def _admitted(photo_id: str, shopper_id: str, sha256: str, size: int) -> PhotoContent | None:
    try:
        return photos.admitted(photo_id, shopper_id, sha256, size)[1]
    except DigestMismatch as error:
        raise ChecksumMismatch(error.detail) from error


def _of(photo_id: str, shopper_id: str) -> Upload | None:
    upload: Upload | None = Upload.get_or_none(
        Upload.shopper_id == shopper_id, Upload.photo_id == photo_id
    )
    return upload


def _living(photo_id: str, upload: Upload | None) -> Upload:
    if upload is None or upload.finished_at is not None or upload.expires_at < clock.now():
        raise NotFound(
            f"There is no upload of photo {photo_id!r}, or it has expired: begin one with POST."
        )
    return upload


def _content(photo_id: str, shopper_id: str) -> PhotoContent | None:
    content: PhotoContent | None = PhotoContent.get_or_none(
        PhotoContent.photo_id == photo_id, PhotoContent.shopper_id == shopper_id
    )
    return content


def _progress(upload: Upload) -> Progress:
    at = upload_ranges.offset(upload.id)
    return Progress(upload.photo_id, at, upload.length, upload.metadata, upload.expires_at)


def _verified(content: PhotoContent, upload: Upload | None) -> Progress:
    """Complete, whichever way the bytes came."""
    metadata = metadata_of(Declared(content.photo_id, content.sha256))
    if upload is not None and upload.sha256 == content.sha256:
        metadata = upload.metadata
    return Progress(content.photo_id, content.bytes, content.bytes, metadata, None)


def _repeated(
    progress: Progress,
    kept: Sequence[PhotoContent | UploadRange],
    offset: int,
    blocks: Iterable[bytes],
    announced: int | None,
) -> Progress:
    """The progress, for who sends what is in `kept` already, as when an answer was lost; or asks
    to add nothing to what is verified. Conflict, MalformedRequest."""
    if offset == progress.offset == progress.length:
        if announced:
            raise MalformedRequest("This upload is whole and verified: there is nothing to add.")
        return progress
    there = progress.offset - offset
    if there > 0 and announced != 0 and (announced or 1) <= there:
        with received(_beginning(blocks, there)) as part:
            if part.bytes and part.sha256 == _sha256(kept, offset, part.bytes):
                return progress
    raise Conflict(
        f"This upload is at {progress.offset}, not at {offset}: go on there.",
        headers={"Upload-Offset": str(progress.offset)},
    )


def _beginning(blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Of a body that does not say how long it is, as much as shows whether it is longer."""
    size = 0
    for block in blocks:
        size += len(block)
        yield block
        if size > most:
            return


def _sha256(kept: Sequence[PhotoContent | UploadRange], start: int, size: int) -> str | None:
    """Of so many bytes that are kept; None where the storage has lost them."""
    digest = hashlib.sha256()
    try:
        for block in upload_ranges.blocks(kept):
            digest.update(block[max(start, 0) : max(start + size, 0)])
            start -= len(block)
    except upload_ranges.Lost:
        return None
    return digest.hexdigest()
