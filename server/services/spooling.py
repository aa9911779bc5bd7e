"""Bytes on their way in: kept in a temporary file while they are hashed, so memory stays flat."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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
                with _room():
                    file.write(block)
                digest.update(block)
                size += len(block)
                head = head if len(head) >= photos.SNIFFED else (head + block)[: photos.SNIFFED]
        with _room():
            file.seek(0)
        yield Spooled(file, size, digest.hexdigest(), photos.sniffed(head))


@contextmanager
def _temporary() -> Iterator[IO[bytes]]:
    with _room():
        file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        yield file
    finally:
        with suppress(OSError):  # the last bytes, for which there was no room either
            file.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"There is no room to take the photo in ({error.strerror}): try later."
        ) from error
