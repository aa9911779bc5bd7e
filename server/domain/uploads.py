"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload), as headers carry them."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from server.errors import MalformedRequest

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "expiration", "termination")
ALGORITHMS = ("sha1", "sha256")
"""Names of hashlib's too."""

MEDIA_TYPE = "application/offset+octet-stream"

_DIGITS = re.compile(r"[0-9]{1,15}")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_KEY = re.compile(r"[!-+\--~]+")
_LONGEST_METADATA = 4096
_PHOTO_ID = re.compile(r"[A-Za-z0-9_.:-]{1,160}")


@dataclass(frozen=True, slots=True)
class Declared:
    """What an upload is of; `sha256` is hex."""

    photo_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request are to hash to; `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes


def whole_number(name: str, text: str | None) -> int:
    """The number of bytes that a header gives. MalformedRequest."""
    if text is None or not _DIGITS.fullmatch(text):
        raise MalformedRequest(f"Send {name} with a whole number of bytes, not {text!r}.")
    return int(text)


def declared(metadata: str | None) -> Declared:
    """What Upload-Metadata says. MalformedRequest says how to send it."""
    values = pairs(metadata or "")
    photo_id = _text(values, "photo_id")
    sha256 = _text(values, "sha256")
    if not _PHOTO_ID.fullmatch(photo_id):
        raise MalformedRequest("`photo_id` in Upload-Metadata is 1 to 160 of A-Z a-z 0-9 _ . : -.")
    if not _SHA256.fullmatch(sha256):
        raise MalformedRequest(
            "`sha256` in Upload-Metadata is the SHA-256 of the whole photo: 64 hexadecimal digits, "
            "and these in base64, as all values there."
        )
    return Declared(photo_id, sha256.lower())


def pairs(metadata: str) -> dict[str, bytes]:
    """The values of Upload-Metadata by their keys. MalformedRequest."""
    if len(metadata) > _LONGEST_METADATA:
        raise MalformedRequest(f"Upload-Metadata is longer than {_LONGEST_METADATA} characters.")
    found: dict[str, bytes] = {}
    for pair in metadata.split(",") if metadata else ():
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise MalformedRequest(f"Upload-Metadata names {key!r} twice, or it is no key.")
        found[key] = _bytes(value, f"the value of {key!r} in Upload-Metadata")
    return found


def metadata_of(declared: Declared) -> str:
    """Upload-Metadata that says just that."""
    values = {"photo_id": declared.photo_id, "sha256": declared.sha256}
    return ",".join(f"{key} {_base64(value.encode())}" for key, value in values.items())


def checksum(header: str) -> Checksum:
    """What Upload-Checksum says. MalformedRequest, also for an algorithm that is not ours."""
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise MalformedRequest(f"Upload-Checksum takes {' and '.join(ALGORITHMS)} only.")
    digest = _bytes(value.strip(), "the digest in Upload-Checksum")
    size = hashlib.new(algorithm).digest_size
    if len(digest) != size:
        raise MalformedRequest(
            f"Upload-Checksum must be {algorithm}, a space, and a digest of {size} bytes in "
            f"base64; here it has {len(digest)}."
        )
    return Checksum(algorithm, digest)


def _text(values: dict[str, bytes], key: str) -> str:
    if key not in values:
        raise MalformedRequest(
            "Upload-Metadata must hold `photo_id` and `sha256`: pairs of a key and its value in "
            "base64, between commas."
        )
    return values[key].decode(errors="replace")


def _bytes(value: str, what: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRequest(f"Send {what} in base64.") from error


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
