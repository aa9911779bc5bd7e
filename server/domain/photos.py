"""What a photo's first bytes say that it is, and under which type and name it may be served."""

import hashlib

UNKNOWN = "application/octet-stream"
SNIFFED = 16
"""How many first bytes `sniffed` looks at."""

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/heic": "heic", "image/webp": "webp"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniffed(head: bytes) -> str:
    """The content type by the magic bytes, UNKNOWN for all but JPEG, PNG, HEIC and WebP. What the
    sender calls it is never believed: a browser would run an SVG or HTML under its own name."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "image/heic"
    return UNKNOWN


def served_as(content_type: str | None) -> str:
    """The type to serve as: one of the four, or UNKNOWN."""
    return content_type if content_type in _ENDINGS else UNKNOWN


def filename(photo_id: str, content_type: str | None) -> str:
    """The name of a download: the same each time, and it says nothing of who, where or when (a
    phone's own id might)."""
    name = hashlib.sha256(photo_id.encode()).hexdigest()[:12]
    return f"photo-{name}.{_ENDINGS.get(content_type or '', 'bin')}"
