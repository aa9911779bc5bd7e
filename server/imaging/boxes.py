"""The boxes of a HEIC file (ISO 14496-12), as far as they say where its items' bytes lie.

The decoder shows a picture whose last tiles are missing as if nothing was the matter; this tells.
"""

import struct
from collections.abc import Iterator

_META, _LOCATIONS = b"meta", b"iloc"
_IN_FILE = 0
"""An item is constructed of bytes of the file, not of another box or item."""


def end_of_items(data: bytes) -> int:
    """How long the file must be to hold what its items name; 0 where that cannot be read, which
    the decoder refuses in words of its own."""
    try:
        meta = _inside(memoryview(data), _META)[4:]
        return max(_ends(_Reader(_inside(meta, _LOCATIONS))), default=0)
    except (struct.error, ValueError):
        return 0


def _inside(data: memoryview, wanted: bytes) -> memoryview:
    """What is in the first box of that kind. ValueError: there is none."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        size = size or len(data) - at
        if kind == wanted:
            return data[at + head : at + size]
        if size < head:
            break
        at += size
    raise ValueError(f"no {wanted!r}")


class _Reader:
    """Reads numbers one after the other."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        """The next number, of `size` bytes. ValueError: it is not there."""
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise ValueError("too short")
        self._at += size
        return int.from_bytes(found, "big")


def _ends(box: _Reader) -> Iterator[int]:
    """Where the extents of the items end that lie in the file itself."""
    version = box.number(4) >> 24
    sizes = box.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version > 1 else 2
    for _ in range(box.number(wide)):
        box.number(wide)
        method = box.number(2) & 15 if version else _IN_FILE
        elsewhere = box.number(2)
        start = box.number(base)
        for _ in range(box.number(2)):
            box.number(index if version else 0)
            end = start + box.number(offset) + box.number(length)
            if method == _IN_FILE and not elsewhere:
                yield end
