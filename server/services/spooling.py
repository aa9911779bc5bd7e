"""Bytes on their way in: kept in a temporary file while they are hashed, so memory stays flat."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from server import slots
from server.domain import photos
from server.errors import DigestMismatch, MalformedRequest, Unavailable


@dataclass(frozen=True, slots=True)
class Spooled:
    """Bytes in an open file, at its beginning; `content_type` is what they seem to be."""

    file: IO[bytes]
    bytes: int
    sha256: str
    content_type: str


@contextmanager
def spooled(blocks: Iterable[bytes], sha256: str) -> Iterator[Spooled]:
    """The bytes of `blocks`, verified; gone when the block ends. MalformedRequest where there are
    none, DigestMismatch where their SHA-256 is not `sha256` (hex)."""
    with received(blocks) as arrived:
        if arrived.bytes == 0:
            raise MalformedRequest("The body is empty: a photo has at least one byte.")
        if arrived.sha256 != sha256:
            raise DigestMismatch(
                f"The {arrived.bytes} bytes that arrived have another SHA-256 than Repr-Digest "
                "says: send the photo again."
            )
        yield arrived


@contextmanager
def received(blocks: Iterable[bytes]) -> Iterator[Spooled]:
    """The bytes of `blocks`, whatever they are; gone when the block ends."""
    with _temporary() as file:
        digest, size, head = hashlib.sha256(), 0, b""
        with slots.collecting():
            for block in blocks:
                _write(file, block)
                digest.update(block)
                size += len(block)
                head = head if len(head) >= photos.SNIFFED else (head + block)[: photos.SNIFFED]
        file.seek(0)
        yield Spooled(file, size, digest.hexdigest(), photos.sniffed(head))


def _temporary() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise _no_room(error) from error


def _write(file: IO[bytes], block: bytes) -> None:
    try:
        file.write(block)
    except OSError as error:
        raise _no_room(error) from error


def _no_room(error: OSError) -> Unavailable:
    return Unavailable(f"There is no room to take the photo in ({error.strerror}): try later.")
