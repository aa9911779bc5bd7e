"""How the tests of photos send one, and what they look at."""

import base64
import hashlib
from typing import Any

from flask.testing import FlaskClient

from server.models import Event, SyncChange

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest(data: bytes) -> dict[str, str]:
    """The Repr-Digest header of `data`."""
    encoded = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return {"Repr-Digest": f"sha-256=:{encoded}:"}


def url(photo_id: str) -> str:
    return f"/v1/photos/{photo_id}/content"


def send(client: FlaskClient, person: Any, photo_id: str, data: bytes = JPEG) -> Any:
    """PUT `data` as the photo's bytes."""
    return client.put(url(photo_id), data=data, headers=person.headers | digest(data))


def told(kind: str) -> list[str]:
    """The subjects of the events of that kind."""
    return [event.subject_id for event in Event.select().where(Event.kind == kind)]


def touched(shopper_id: str) -> set[tuple[str, str]]:
    """The wire rows of a shopper's feed."""
    rows = SyncChange.select().where(SyncChange.shopper_id == shopper_id)
    return {(row.table, row.row_id) for row in rows}
