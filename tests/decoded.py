"""What the decoder makes of bytes, as files."""

import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest

from server import imaging
from server.domain.pictures import Facts
from server.imaging import LIMITS, Limits, Refused


class Made(NamedTuple):
    """What was made, as files."""

    facts: Facts
    thumbnail: Path
    web: Path


def develop(data: bytes, folder: Path, limits: Limits = LIMITS) -> Made:
    with (folder / "original").open("w+b") as file:
        file.write(data)
        file.flush()
        with imaging.develop(file, limits) as developed:
            made = Made(developed.facts, folder / "thumbnail", folder / "web")
            made.thumbnail.write_bytes(developed.thumbnail.read())
            made.web.write_bytes(developed.web.read())
            return made


def refusal(data: bytes, folder: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(Refused) as refused:
        develop(data, folder, limits)
    return refused.value.reason


def png(width: int, height: int, lines: int) -> bytes:
    """A PNG that says that it has so many pixels, and has so many empty lines."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(1)
    line = b"\x00" * (1 + 3 * width)
    data = b"".join(packer.compress(line) for _ in range(lines)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
