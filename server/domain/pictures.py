"""What a photo's first bytes say it is. The sender's Content-Type is never believed."""

UNKNOWN = "application/octet-stream"
SNIFFED = 32
"""How many first bytes `kind` needs."""

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}


def kind(head: bytes) -> str:
    """image/jpeg, image/png, image/webp or image/heic; `UNKNOWN` for everything else, SVG and
    HTML among it, so that nothing else is ever served under a type that a browser would run."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "image/heic"
    return UNKNOWN


def filename(photo_id: str, content_type: str) -> str:
    """The name of a download: it says nothing of who took the photo, where or when."""
    tail = "".join(c for c in photo_id if c.isascii() and c.isalnum())[-8:]
    return f"photo-{tail}.{_ENDINGS.get(content_type, 'bin')}"
