"""What a photo's picture says of itself, and what of it a reviewer should look at twice. Flags are
hints for a person: none of them refuses anything.

A perceptual hash is 64 bits; pictures that look alike differ in few of them. Its four bands of 16
bits make a lookup of all within `NEAR` bits exact: of at most seven bits that differ, four bands
share, so one band has one at most. Whoever asks for the 17 values within one bit of each band finds
every such picture by an index.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from math import asin, ceil, cos, floor, radians, sin, sqrt
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

NEAR = 7
"""Most bits in which the hashes of near duplicates differ."""

FAR_M = 500.0
"""Metres from the store, beyond the accuracy of the place, at which a photo is far away."""

SLACK = timedelta(minutes=15)
"""How much before and after the visit a photo may be taken."""

SHARP = 60.0
"""Variance of the Laplacian (of the grey picture at 640 pixels) below which it is blurred."""

BANDS = 4
"""Parts of a hash that are looked up."""

_BAND_BITS = 16
_EARTH_M = 6_371_000.0
_EDITORS = (
    "photoshop", "lightroom", "gimp", "snapseed", "picsart", "canva", "facetune", "pixelmator",
    "affinity", "paint.net", "krita", "faceapp", "meitu", "vsco", "polarr", "picasa", "midjourney",
    "dall", "stable diffusion", "firefly",
)  # fmt: skip


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was measured, and what the metadata claim: pixels upright; `hash` 16 hex digits, None
    of a picture without any structure; `taken` and `changed` by the camera's clock, ISO 8601
    without offset; `offset_minutes` its offset from UTC, `satellite_at` the receiver's UTC."""

    width: int
    height: int
    sharpness: float
    hash: str | None = None
    taken: str | None = None
    changed: str | None = None
    offset_minutes: int | None = None
    satellite_at: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None
    software: str | None = None


class Place(NamedTuple):
    """Degrees, and the radius in metres within which it is meant."""

    latitude: float
    longitude: float
    accuracy_m: float = 0.0


class Twin(NamedTuple):
    """An earlier photo that looks the same. `distance` in bits, None where the bytes are the same;
    `whose` is "report", "shopper" or "other": the same report's, the same shopper's, another's."""

    photo_id: str
    distance: int | None
    whose: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What a photo is compared with; None is not known. `phone` is where the phone says that it
    took the photo, for pictures that do not say it themselves."""

    store: Place | None = None
    timezone: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    phone: Place | None = None


class FlagCode(StrEnum):
    """What may be odd about a photo."""

    FAR_AWAY = "far-away"
    TAKEN_BEFORE = "taken-before"
    TAKEN_AFTER = "taken-after"
    EDITED = "edited"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near-duplicate"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Flag:
    """A hint for the reviewer; `photo_ids` are the earlier photos of a duplicate."""

    code: FlagCode
    message: str
    photo_ids: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stores must not see: fractions of the upright picture, from its left and its top."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "other"


def flags(facts: Facts, visit: Visit, twins: Iterable[Twin] = ()) -> list[Flag]:
    """All that is odd about a photo of that visit."""
    found = [*_of_place(facts, visit), *_of_time(facts, visit), *_of_editing(facts)]
    found += _of_twins(list(twins))
    if facts.sharpness < SHARP:
        said = f"Blurred: its sharpness is {facts.sharpness:.0f}, below {SHARP:.0f}."
        found.append(Flag(FlagCode.BLURRED, said))
    return found


def bands(picture_hash: str) -> list[int]:
    """The four bands of a hash, each with its own number in the upper bits."""
    bits = int(picture_hash, 16)
    return [band << _BAND_BITS | (bits >> band * _BAND_BITS) & 0xFFFF for band in range(BANDS)]


def probes(picture_hash: str) -> list[int]:
    """The bands, of which every hash within NEAR bits has at least one."""
    one_bit = [0, *(1 << bit for bit in range(_BAND_BITS))]
    return [band ^ other for band in bands(picture_hash) for other in one_bit]


def differing(one: str, other: str) -> int:
    """In how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def metres(one: Place, other: Place) -> float:
    """The distance along the ground (haversine)."""
    north, south = radians(one.latitude), radians(other.latitude)
    half = sin((south - north) / 2) ** 2
    half += cos(north) * cos(south) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(half)))


def box(mark: Mark, width: int, height: int) -> tuple[int, int, int, int]:
    """The mark in pixels, left, top, right, bottom, widened outwards to whole ones and by a
    twentieth of its size, as marks are drawn tight; within the picture, and never empty."""
    left, right = _span(mark.x, mark.width, width)
    top, bottom = _span(mark.y, mark.height, height)
    return left, top, right, bottom


def _span(start: float, length: float, pixels: int) -> tuple[int, int]:
    first = max(0, floor((start - length / 20) * pixels))
    last = min(pixels, ceil((start + length * 1.05) * pixels))
    first = min(first, pixels - 1)
    return first, max(last, first + 1)


def _of_place(facts: Facts, visit: Visit) -> Iterator[Flag]:
    place = visit.phone
    if facts.latitude is not None and facts.longitude is not None:
        place = Place(facts.latitude, facts.longitude, facts.accuracy_m or 0.0)
    if place is None or visit.store is None:
        return
    away = metres(place, visit.store)
    if away > FAR_M + place.accuracy_m:
        said = f"Taken {_length(away)} from the store, ±{_length(place.accuracy_m)}."
        yield Flag(FlagCode.FAR_AWAY, said)


def _length(distance: float) -> str:
    return f"{distance:.0f} m" if distance < 1000 else f"{distance / 1000:.1f} km"


def _of_time(facts: Facts, visit: Visit) -> Iterator[Flag]:
    taken, slack = _taken(facts, visit.timezone)
    if taken is None:
        return
    if visit.begins is not None and taken < visit.begins - slack:
        said = f"Taken {_duration(visit.begins - taken)} before the visit began."
        yield Flag(FlagCode.TAKEN_BEFORE, said)
    if visit.ends is not None and taken > visit.ends + slack:
        said = f"Taken {_duration(taken - visit.ends)} after the visit ended."
        yield Flag(FlagCode.TAKEN_AFTER, said)


def _taken(facts: Facts, zone: str | None) -> tuple[datetime | None, timedelta]:
    """When by the camera, and how far to trust it: without an offset the store's zone is taken, and
    where that is not known, anything between the world's ends may be meant."""
    if facts.taken is None:
        return None, SLACK
    local = datetime.fromisoformat(facts.taken)
    if facts.offset_minutes is not None:
        return _placed(local, timezone(timedelta(minutes=facts.offset_minutes))), SLACK
    known = _zone(zone)
    return _placed(local, known or UTC), SLACK if known else SLACK + timedelta(hours=14)


def _placed(local: datetime, zone: tzinfo) -> datetime | None:
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


def _zone(name: str | None) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _duration(length: timedelta) -> str:
    if length >= timedelta(days=2):
        return f"{length.days} days"
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _of_editing(facts: Facts) -> Iterator[Flag]:
    software = (facts.software or "").lower()
    if any(editor in software for editor in _EDITORS):
        yield Flag(FlagCode.EDITED, f"Saved by {facts.software}.")
    if facts.taken and facts.changed:
        later = datetime.fromisoformat(facts.changed) - datetime.fromisoformat(facts.taken)
        if abs(later) > SLACK:
            said = f"Its metadata were changed {_duration(abs(later))} from when it was taken."
            yield Flag(FlagCode.EDITED, said)
    if facts.taken and facts.offset_minutes is not None and facts.satellite_at:
        taken, _ = _taken(facts, None)
        seen = _placed(datetime.fromisoformat(facts.satellite_at), UTC)
        if taken and seen and abs(taken - seen) > timedelta(days=1):
            said = f"Camera and satellites differ by {_duration(abs(taken - seen))}."
            yield Flag(FlagCode.EDITED, said)


_WHOSE = {
    "report": "another photo of this report",
    "shopper": "a photo of another report of this shopper",
    "other": "a photo of another shopper",
}


def _of_twins(twins: list[Twin]) -> Iterator[Flag]:
    for code, same in ((FlagCode.DUPLICATE, True), (FlagCode.NEAR_DUPLICATE, False)):
        for whose, words in _WHOSE.items():
            ids = tuple(
                twin.photo_id
                for twin in twins
                if twin.whose == whose and (twin.distance is None) == same
            )
            if ids:
                how = "The very bytes of" if same else "Looks like"
                yield Flag(code, f"{how} {words}.", ids)
