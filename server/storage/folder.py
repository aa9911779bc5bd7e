"""Objects as files of a local folder, with signed links of our own."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from server import clock
from server.domain.photos import served_as
from server.errors import DigestMismatch, NotFound, Unavailable
from server.storage.keys import checked
from server.storage.links import Signer

_BLOCK = 256 * 1024
_INCOMING = ".incoming"
_ABANDONED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link leads to."""

    path: Path
    filename: str
    content_type: str


class FolderStorage:
    """See `server.storage.Storage`. What is being written lies in a folder of its own, under no
    key, until it is durable; then it is renamed."""

    def __init__(self, folder: Path, public_url: str, secret: str) -> None:
        self._folder = folder.absolute()
        self._incoming = self._folder / _INCOMING
        self._public_url = public_url
        self._signer = Signer(secret, "promessa/objects")
        self._forget_abandoned()

    def put(self, key: str, source: IO[bytes], *, size: int, sha256: str) -> None:
        """See `Storage`."""
        with self._arriving(key) as file:
            digest, left = hashlib.sha256(), size
            while left and (block := source.read(min(left, _BLOCK))):
                file.write(block)
                digest.update(block)
                left -= len(block)
            if left or digest.hexdigest() != sha256:
                raise DigestMismatch("The bytes to be stored are not those that were verified.")

    def open(self, key: str) -> IO[bytes]:
        """See `Storage`."""
        with _answering():
            return self._path(key).open("rb")

    def head(self, key: str) -> int | None:
        """See `Storage`."""
        path = self._path(key)
        try:
            with _answering():
                return path.stat().st_size
        except NotFound:
            return None

    def copy(self, key: str, new_key: str) -> None:
        """See `Storage`."""
        with self.open(key) as source, self._arriving(new_key) as file:
            shutil.copyfileobj(source, file, _BLOCK)

    def delete(self, key: str) -> None:
        """See `Storage`."""
        path = self._path(key)
        with suppress(NotFound), _answering():
            path.unlink()
            _sync(path.parent)

    def link(self, key: str, *, filename: str, content_type: str, seconds: int) -> str:
        """See `Storage`; `linked` is its other half."""
        words = (checked(key), filename, served_as(content_type))
        return f"{self._public_url}/v1/objects/{self._signer.token(words, seconds=seconds)}"

    def linked(self, token: str) -> Linked:
        """What the link of that token leads to. NotFound: forged, too old, or deleted."""
        key, filename, content_type = self._signer.words(token)
        if self.head(key) is None:
            raise NotFound("The object is not in the storage.")
        return Linked(self._path(key), filename, content_type)

    def check(self) -> None:
        """See `Storage`."""
        with self._new_file():
            pass

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    @contextmanager
    def _arriving(self, key: str) -> Iterator[IO[bytes]]:
        """A file that becomes the object when the block ends well: durable content, then its name,
        then the name's durability."""
        path = self._path(key)
        with self._new_file() as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _make(path.parent)
            Path(file.name).replace(path)
            _sync(path.parent)

    @contextmanager
    def _new_file(self) -> Iterator[IO[bytes]]:
        with _answering():
            _make(self._incoming)
            path = self._incoming / secrets.token_hex(16)
            try:
                with path.open("xb") as file:
                    yield file
            finally:
                path.unlink(missing_ok=True)

    def _forget_abandoned(self) -> None:
        """What a killed process was writing; a living one is never at it for a day."""
        long_ago = (clock.now() - _ABANDONED).timestamp()
        with suppress(OSError):
            for path in self._incoming.iterdir():
                if path.stat().st_mtime < long_ago:
                    path.unlink(missing_ok=True)


@contextmanager
def _answering() -> Iterator[None]:
    """The folder's failures as ours: a missing file is NotFound, all else is Unavailable."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("The object is not in the storage.") from error
    except OSError as error:
        raise Unavailable(
            f"The photo storage cannot be used ({error.strerror}): try again in a while."
        ) from error


def _make(folder: Path) -> None:
    """Make the folder and its parents, durably."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable: the fsync of a file does not include its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
