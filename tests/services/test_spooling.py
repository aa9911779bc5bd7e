"""Bytes on their way in, where there is no room for them."""

import io
import tempfile
from errno import ENOSPC

import pytest

from server.errors import Unavailable
from server.services import spooling


class Full(io.RawIOBase):
    """A file on a full disk."""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(ENOSPC, "No space left on device")


@pytest.mark.parametrize("size", [10, 100_000])
def test_no_room_is_said_whichever_byte_was_too_many(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The last ones are written when the file is closed at the latest."""
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: io.BufferedWriter(Full()))
    with pytest.raises(Unavailable, match="no room"), spooling.received([bytes(size)]):
        pass
