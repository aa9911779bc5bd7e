"""Photos that are really pictures: made up, or from real cameras; sent and developed."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from jobs import drain
from server import storage
from server.models import Photo, Rendering
from server.services import photos
from tests import factories
from tests.api.photo_calls import sha256
from tests.cast import Cast, Person

SHARED = Path(__file__).parents[2] / "shared" / "data" / "photos"


def drawn(seed: int = 1, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    """A JPEG with structure and detail, another one for each seed."""
    dice = np.random.default_rng(seed)
    coarse = Image.fromarray(dice.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    picture = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    noisy = picture + dice.integers(-40, 40, picture.shape)
    buffer = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def store(cast: Cast, photo_id: str, data: bytes, person: Person | None = None, **row: Any) -> None:
    """Send a photo; its row is there."""
    person = person or cast.sonia
    factories.photo(photo_id, cast.brand.id, person.account_id, sha256=sha256(data), **row)
    photos.put(person.actor, photo_id, [data], sha256=sha256(data), length=len(data))


def develop_all() -> int:
    """Do all jobs that follow from stored photos; how many photos were developed or drawn anew."""
    drain.drain("photo.waiting")
    drain.drain("photo.stored")
    done = 0
    for kind in ("picture.undeveloped", "picture.marked"):
        while drain.drain(kind):
            done += 1
    return done


def opened(photo_id: str, version: str) -> Image.Image:
    """A version of a photo."""
    return Image.open(io.BytesIO(content(photo_id, version)))


def content(photo_id: str, version: str) -> bytes:
    """A version's bytes."""
    found = Rendering.get(Rendering.photo_id == photo_id, Rendering.version == version)
    with storage.current().open(found.object_key) as file:
        return bytes(file.read())


def segments(jpeg: bytes) -> set[int]:
    """The markers of a JPEG before its pixels; all metadata are in APP1 to APP15 and COM."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def state(photo_id: str) -> tuple[str, str | None]:
    photo = Photo.get(Photo.id == photo_id)
    return photo.state, photo.reason
