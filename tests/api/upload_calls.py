"""How the tests of uploads speak tus."""

import base64
import hashlib
from typing import Any

from flask.testing import FlaskClient

from tests.api.photo_calls import JPEG, sha256

URL = "/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}


def url(photo_id: str) -> str:
    return f"{URL}/{photo_id}"


def metadata(**values: str) -> dict[str, str]:
    """The header Upload-Metadata."""
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())
    return {"Upload-Metadata": ",".join(pairs)}


def announcement(photo_id: str, data: bytes = JPEG) -> dict[str, str]:
    """The headers that announce `data`."""
    length = {"Upload-Length": str(len(data))}
    return TUS | length | metadata(photo_id=photo_id, sha256=sha256(data))


def bytes_at(offset: int) -> dict[str, str]:
    """The headers of bytes that begin at `offset`."""
    kind = {"Content-Type": "application/offset+octet-stream"}
    return TUS | kind | {"Upload-Offset": str(offset)}


def checksum(data: bytes, algorithm: str = "sha256", named: str = "") -> dict[str, str]:
    """The header Upload-Checksum of `data`, whose algorithm may be `named` as another."""
    digest = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
    return {"Upload-Checksum": f"{named or algorithm} {digest}"}


def create(client: FlaskClient, person: Any, photo_id: str, data: bytes = JPEG, **more: Any) -> Any:
    """Announce `data` as the photo's bytes."""
    return client.post(URL, headers=person.headers | announcement(photo_id, data), **more)


def append(
    client: FlaskClient, person: Any, photo_id: str, offset: int, part: bytes, **headers: str
) -> Any:
    """Send `part` as the bytes from `offset` on."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = person.headers | bytes_at(offset) | more
    return client.patch(url(photo_id), data=part, headers=sent)


def position(client: FlaskClient, person: Any, photo_id: str) -> tuple[int, int]:
    """Upload-Offset and Upload-Length, as HEAD says."""
    answer = client.head(url(photo_id), headers=person.headers | TUS)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"]), int(answer.headers["Upload-Length"])
