"""Objects: photos' bytes, in a local folder or in any S3-compatible store.

A key names its content, so it is written once and never changed. An object is there whole or not
at all, and one whose `put` returned survives the loss of any process.
"""

from functools import cache
from pathlib import Path
from typing import IO, Protocol

from server import config
from server.config import Settings
from server.errors import NotFound
from server.storage.folder import FolderStorage, Linked

LINK_SECONDS = 300


class Storage(Protocol):
    """What both drivers do. Unavailable where the store does not answer, NotFound for a key that
    is none of ours."""

    def put(self, key: str, source: IO[bytes], *, size: int, sha256: str) -> None:
        """Keep `size` bytes of `source` from its present position. DigestMismatch, with nothing
        kept, where they are not those of `sha256` (hex)."""

    def open(self, key: str) -> IO[bytes]:
        """The object as a file to read and to close. NotFound."""

    def head(self, key: str) -> int | None:
        """The object's size in bytes, None where there is none."""

    def copy(self, key: str, new_key: str) -> None:
        """Keep the object under a second key. NotFound."""

    def delete(self, key: str) -> None:
        """Forget the object; one that is not there is no mistake."""

    def link(self, key: str, *, filename: str, content_type: str, seconds: int) -> str:
        """A URL that downloads the object for that long, for whoever has it: always as an
        attachment, and under no type but those of `server.domain.photos`."""

    def check(self) -> None:
        """Raise unless the store answers."""


def current() -> Storage:
    """The storage of this process's settings."""
    return _storage(config.settings())


def prepare() -> None:
    """Before a process forks, make what takes long: an S3 store's client, which connects when it is
    used. A folder's driver is each process's own, as it takes away what killed ones left."""
    if config.settings().storage.startswith("s3://"):
        current()


def linked(token: str) -> Linked:
    """The file behind the token of a folder's link. NotFound: forged, too old, or an S3 store's,
    whose links never lead here."""
    storage = current()
    if not isinstance(storage, FolderStorage):
        raise NotFound("Photos are in another store, and its links lead there.")
    return storage.linked(token)


@cache
def _storage(settings: Settings) -> Storage:
    if settings.storage.startswith("s3://"):
        # Imported only now, as it takes long, and a folder does without.
        from server.storage.s3 import S3Storage

        return S3Storage(settings)
    folder = Path(settings.storage.removeprefix("file:"))
    return FolderStorage(folder, settings.public_url, settings.secret_key)
