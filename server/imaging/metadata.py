"""What a picture's EXIF claims. All of it may be wrong, absent or forged, and is read as such: a
part that cannot be read is not there."""

import re
from datetime import datetime
from math import isfinite
from typing import Any

from PIL import ExifTags, Image

_LONGEST = 120
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_BASE = ExifTags.Base
_GPS = ExifTags.GPS


def readable(picture: Image.Image) -> bool:
    """Whether there are EXIF data that can be read at all."""
    try:
        picture.getexif()
    except Exception:
        return False
    return True


def claims(picture: Image.Image) -> dict[str, Any]:
    """Fields of `server.domain.pictures.Facts`, those that are there."""
    if not readable(picture):
        return {}
    exif = picture.getexif()
    detail, gps = _part(exif, ExifTags.IFD.Exif), _part(exif, ExifTags.IFD.GPSInfo)
    found = {
        "taken": _time(detail.get(_BASE.DateTimeOriginal) or detail.get(_BASE.DateTimeDigitized)),
        "changed": _time(exif.get(_BASE.DateTime)),
        "offset_minutes": _offset(
            detail.get(_BASE.OffsetTimeOriginal) or detail.get(_BASE.OffsetTime)
        ),
        "satellite_at": _satellite_time(gps),
        "software": _text(exif.get(_BASE.Software) or exif.get(_BASE.ProcessingSoftware)),
        **_place(gps),
    }
    return {name: value for name, value in found.items() if value is not None}


def _part(exif: Any, which: int) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(which))
    except Exception:
        return {}


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return None
    printable = "".join(character for character in value if character.isprintable())
    return printable.strip()[:_LONGEST] or None


def _time(value: Any) -> str | None:
    text = _text(value)
    try:
        return datetime.strptime(text or "", "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007
    except ValueError:
        return None


def _offset(value: Any) -> int | None:
    match = _OFFSET.fullmatch(_text(value) or "")
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return (-minutes if match[1] == "-" else minutes) if minutes <= 14 * 60 else None


def _satellite_time(gps: dict[int, Any]) -> str | None:
    day, clock = _text(gps.get(_GPS.GPSDateStamp)), _numbers(gps.get(_GPS.GPSTimeStamp))
    if day is None or clock is None or not 0 <= clock[2] < 60:
        return None
    hours, minutes, seconds = (int(part) for part in clock)
    return _time(f"{day} {hours:02}:{minutes:02}:{seconds:02}")


def _place(gps: dict[int, Any]) -> dict[str, float | None]:
    latitude = _degrees(gps, _GPS.GPSLatitude, _GPS.GPSLatitudeRef, "S", 90)
    longitude = _degrees(gps, _GPS.GPSLongitude, _GPS.GPSLongitudeRef, "W", 180)
    # Cameras that have found nothing yet write 0, 0.
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return {}
    radius = _number(gps.get(_GPS.GPSHPositioningError))
    accurate = radius if radius is not None and 0 <= radius < 1e6 else None
    return {"latitude": latitude, "longitude": longitude, "accuracy_m": accurate}


def _degrees(gps: dict[int, Any], tag: int, ref: int, negative: str, most: int) -> float | None:
    parts = _numbers(gps.get(tag))
    if parts is None:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if not 0 <= degrees <= most:
        return None
    return -degrees if (_text(gps.get(ref)) or "").upper() == negative else degrees


def _numbers(value: Any) -> tuple[float, float, float] | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    first, second, third = (_number(part) for part in value)
    if first is None or second is None or third is None:
        return None
    return first, second, third


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if isfinite(number) else None
