"""/v1/photos and /v1/objects"""

import base64
import dataclasses
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import clock, config, storage
from server.config import Settings
from server.domain.actor import Role
from server.domain.states import PhotoState
from server.errors import Unavailable
from server.models import Blob, Event, Photo, PhotoContent, SyncChange
from server.services import photo_contents
from tests import factories
from tests.cast import Cast, Person

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 5000


@pytest.fixture
def client(client: FlaskClient, tmp_path: Path, settings: Settings) -> Iterator[FlaskClient]:
    """Each test has its own photos, as it has its own rows."""
    config.use(dataclasses.replace(settings, storage=f"file:{tmp_path / 'photos'}"))
    yield client
    config.use(settings)


def digest(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def put(client: FlaskClient, person: Person, photo_id: str, data: bytes = JPEG, **more: Any) -> Any:
    headers = person.headers | {"Repr-Digest": digest(data)} | more
    return client.put(f"/v1/photos/{photo_id}/content", data=data, headers=headers)


def declared(cast: Cast, photo_id: str = "p1", data: bytes = JPEG, **values: Any) -> Photo:
    return factories.photo(
        photo_id,
        cast.brand.id,
        cast.sonia.account_id,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        **values,
    )


def download(client: FlaskClient, photo_id: str, person: Person) -> TestResponse:
    """What the photo's link leads to, read whole."""
    moved = client.get(f"/v1/photos/{photo_id}/content", headers=person.headers)
    with client.get(urlsplit(moved.location).path) as answer:
        answer.get_data()
        return answer


def state(photo_id: str) -> str:
    return str(Photo.get_by_id(photo_id).state)


def test_a_declared_photo_is_stored(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    answer = put(client, cast.sonia, "p1")
    assert answer.status_code == 201
    assert answer.json == {
        "id": "p1",
        "sha256": hashlib.sha256(JPEG).hexdigest(),
        "bytes": len(JPEG),
        "waiting": False,
    }
    assert state("p1") == PhotoState.STORED
    assert storage.current().read(PhotoContent.get_by_id("p1").object_key) == JPEG
    assert [event.kind for event in Event.select()] == ["photo.stored"]
    assert SyncChange.get(SyncChange.row_id == "p1").shopper_id == cast.sonia.account_id


def test_the_same_bytes_again_are_welcome(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    first, second = put(client, cast.sonia, "p1"), put(client, cast.sonia, "p1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert Event.select().count() == 1


def test_other_bytes_never_overwrite(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    put(client, cast.sonia, "p1")
    answer = put(client, cast.sonia, "p1", b"other bytes")
    assert answer.status_code == 409
    assert storage.current().read(PhotoContent.get_by_id("p1").object_key) == JPEG


def test_bytes_before_their_row_wait_and_settle(client: FlaskClient, cast: Cast) -> None:
    assert put(client, cast.sonia, "p1").json["waiting"] is True
    assert Event.select().count() == 0
    declared(cast)
    photo_contents.settle("p1")
    photo_contents.settle("p1")
    content = PhotoContent.get_by_id("p1")
    assert (state("p1"), content.waiting) == (PhotoState.STORED, False)
    assert content.object_key.startswith(cast.brand.id)
    assert storage.current().read(content.object_key) == JPEG
    assert [event.kind for event in Event.select()] == ["photo.stored"]


def test_a_row_of_another_hash_rejects_what_waited(client: FlaskClient, cast: Cast) -> None:
    put(client, cast.sonia, "p1")
    declared(cast, data=b"something else")
    photo_contents.settle("p1")
    assert state("p1") == PhotoState.REJECTED
    assert PhotoContent.select().count() == 0
    assert put(client, cast.sonia, "p1", b"something else").status_code == 201
    assert state("p1") == PhotoState.STORED


@pytest.mark.parametrize(
    ("data", "headers", "status", "code"),
    [
        (b"", {}, 400, "malformed-request"),
        (JPEG, {"Repr-Digest": ""}, 400, "malformed-request"),
        (JPEG, {"Repr-Digest": "md5=:AAAA:"}, 400, "malformed-request"),
        (JPEG, {"Repr-Digest": digest(b"other")}, 422, "digest-mismatch"),
    ],
)
def test_what_is_not_whole_is_refused(
    client: FlaskClient, cast: Cast, data: bytes, headers: Any, status: int, code: str
) -> None:
    declared(cast, data=data)
    answer = put(client, cast.sonia, "p1", data, **headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert state("p1") == PhotoState.DECLARED
    assert PhotoContent.select().count() == Blob.select().count() == 0


def test_a_body_that_was_cut_is_refused(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    answer = client.put(
        "/v1/photos/p1/content",
        input_stream=io.BytesIO(JPEG[:-1]),
        headers=cast.sonia.headers | {"Repr-Digest": digest(JPEG)},
        environ_overrides={"CONTENT_LENGTH": str(len(JPEG))},
    )
    assert (answer.status_code, answer.json["code"]) == (400, "malformed-request")
    assert PhotoContent.select().count() == 0


def test_bytes_that_the_row_did_not_declare_are_refused(client: FlaskClient, cast: Cast) -> None:
    declared(cast, data=b"declared")
    assert put(client, cast.sonia, "p1").status_code == 422
    assert state("p1") == PhotoState.DECLARED


def test_too_large_a_photo_is_refused(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.use(dataclasses.replace(config.settings(), max_photo=1000))
    answer = put(client, cast.sonia, "p1")
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def test_waiting_photos_have_a_quota(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_contents, "WAITING_PHOTOS", 1)
    assert put(client, cast.sonia, "p1").status_code == 201
    answer = put(client, cast.sonia, "p2")
    assert (answer.status_code, answer.json["code"]) == (429, "too-many-requests")
    assert put(client, cast.sonia, "p1").status_code == 200
    assert put(client, cast.sergio, "p3").status_code == 201


def test_two_equal_photos_are_two_rows_and_one_blob(client: FlaskClient, cast: Cast) -> None:
    declared(cast, "p1")
    declared(cast, "p2")
    assert put(client, cast.sonia, "p1").status_code == 201
    assert put(client, cast.sonia, "p2").status_code == 201
    keys = {content.object_key for content in PhotoContent.select()}
    assert (len(keys), Blob.select().count()) == (1, 1)
    assert state("p1") == state("p2") == PhotoState.STORED


def test_another_shoppers_photo_is_not_found(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    assert put(client, cast.sergio, "p1").status_code == 404
    put(client, cast.sonia, "waiting")
    assert put(client, cast.sergio, "waiting").status_code == 404
    assert put(client, cast.sergio, "waiting", b"other").status_code == 404


def test_only_shoppers_upload(client: FlaskClient, cast: Cast) -> None:
    assert put(client, cast.alice, "p1").status_code == 403
    assert client.put("/v1/photos/p1/content", data=JPEG).status_code == 401


@pytest.mark.parametrize("photo_id", ["..", ".hidden", "a%20b", "a" * 101, "a%00b"])
def test_strange_ids_are_not_found(client: FlaskClient, cast: Cast, photo_id: str) -> None:
    assert put(client, cast.sonia, photo_id).status_code in (404, 405)


def test_who_may_see_a_photo(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    put(client, cast.sonia, "p1")
    region = factories.region(cast.brand.id)
    nora = cast.person("nora", Role.REGIONAL_MANAGER, region_id=region.id)
    stefano = cast.person("stefano", Role.STORE_MANAGER, store_id="any")
    ingrid = cast.person("ingrid", Role.INTEGRATOR)
    for path in ("/v1/photos/p1", "/v1/photos/p1/content"):
        for person in (cast.sonia, cast.alice, cast.bob):
            assert client.get(path, headers=person.headers).status_code in (200, 302)
        for person in (cast.sergio, cast.charlie, nora, stefano, ingrid):
            assert client.get(path, headers=person.headers).status_code == 404


def test_the_link_downloads_and_is_never_shown_in_place(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    put(client, cast.sonia, "p1")
    answer = download(client, "p1", cast.bob)
    assert answer.data == JPEG
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=photo-p1.jpg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get("/v1/objects/forged").status_code == 404


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"<html><script>", b"GIF89a", b"%PDF-"])
def test_what_is_no_photo_is_never_served_as_what_it_claims(
    client: FlaskClient, cast: Cast, data: bytes
) -> None:
    declared(cast, data=data)
    put(client, cast.sonia, "p1", data, **{"Content-Type": "image/svg+xml"})
    answer = download(client, "p1", cast.bob)
    assert answer.content_type == "application/octet-stream"


def test_real_hostile_photos_are_only_downloads(
    client: FlaskClient, cast: Cast, shared: Path
) -> None:
    files = [path for path in sorted((shared / "photos/hostile").iterdir()) if path.is_file()]
    for number, path in enumerate(files):
        photo_id, data = f"hostile{number}", path.read_bytes()
        if not data:
            continue
        declared(cast, photo_id, data)
        assert put(client, cast.sonia, photo_id, data).status_code == 201, path.name
        answer = download(client, photo_id, cast.bob)
        assert answer.data == data
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(files) > 5


def test_a_photo_without_bytes_has_no_link(client: FlaskClient, cast: Cast) -> None:
    declared(cast)
    answer = client.get("/v1/photos/p1/content", headers=cast.sonia.headers)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


def test_a_store_that_refuses_is_a_503_and_nothing_is_half_written(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared(cast)

    def refuse(*_: Any, **__: Any) -> None:
        raise Unavailable("The photo storage does not answer.")

    monkeypatch.setattr(storage.current(), "put", refuse)
    answer = put(client, cast.sonia, "p1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (state("p1"), PhotoContent.select().count()) == (PhotoState.DECLARED, 0)
    monkeypatch.undo()
    assert put(client, cast.sonia, "p1").status_code == 201


def test_what_waits_too_long_is_forgotten_and_its_object_collected(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared(cast, "kept")
    put(client, cast.sonia, "kept")
    put(client, cast.sonia, "p1", b"waits")
    waiting = PhotoContent.get_by_id("p1").object_key
    assert photo_contents.discard_waiting() == photo_contents.collect_blobs() == 0
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert photo_contents.discard_waiting() == 1
    assert photo_contents.collect_blobs() == 1
    assert not storage.current().exists(waiting)
    assert storage.current().exists(PhotoContent.get_by_id("kept").object_key)
