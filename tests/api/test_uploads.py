"""/v1/uploads: tus 1.0, whole and in parts, over both storages; every refusal."""

from dataclasses import replace
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from server import config, storage
from server.config import Settings
from server.models import Blob, Photo, PhotoContent, Upload, UploadRange
from server.services import photos, uploads
from tests import factories
from tests.api import photo_calls, upload_calls
from tests.api.photo_calls import JPEG, PNG, sha256, told
from tests.api.upload_calls import TUS, append, bytes_at, checksum, create, position, url
from tests.backends.fixtures import S3Bucket
from tests.cast import Cast

HALF = len(JPEG) // 2


@pytest.fixture
def declared(cast: Cast) -> Photo:
    """The row of Sonia's photo p-1, which declares JPEG."""
    return factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))


def content() -> bytes:
    """The bytes of the one photo that is stored."""
    with storage.current().open(PhotoContent.get().object_key) as file:
        return file.read()


def range_objects() -> list[int | None]:
    """The sizes of all ranges' objects."""
    return [storage.current().head(row.object_key) for row in UploadRange.select()]


def assert_refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"


# What is taken in.


def test_options_say_what_is_spoken(client: FlaskClient) -> None:
    for path in (upload_calls.URL, url("p-1")):
        answer = client.options(path)
        assert answer.status_code == 204
        assert answer.headers["Tus-Resumable"] == answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Max-Size"] == str(config.settings().max_photo)
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            "creation", "creation-with-upload", "checksum", "expiration", "termination",
        }  # fmt: skip


def test_a_photo_in_three_parts(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    made = create(client, cast.sonia, "p-1")
    assert made.status_code == 201
    assert made.headers["Location"] == "/v1/uploads/p-1"
    assert made.headers["Upload-Offset"] == "0"
    assert made.json["length"] == len(JPEG)
    for start, end in ((0, 100), (100, HALF)):
        sent = append(client, cast.sonia, "p-1", start, JPEG[start:end])
        assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(end))
        assert sent.headers["Upload-Expires"].endswith("GMT")
        assert position(client, cast.sonia, "p-1") == (end, len(JPEG))
        assert Photo.get().state == "declared"
    assert range_objects() == [100, HALF - 100]
    last = append(client, cast.sonia, "p-1", HALF, JPEG[HALF:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(JPEG)))
    assert "Upload-Expires" not in last.headers
    assert position(client, cast.sonia, "p-1") == (len(JPEG), len(JPEG))
    assert content() == JPEG
    assert (Photo.get().state, told("photo.stored")) == ("stored", ["p-1"])
    assert UploadRange.select().count() == 0
    assert Blob.select().count() == 1


def test_the_same_in_s3(
    client: FlaskClient, cast: Cast, declared: Photo, settings: Settings, s3: S3Bucket
) -> None:
    named = {name.lower(): value for name, value in s3.environment.items()}
    config.use(replace(settings, **named))
    create(client, cast.sonia, "p-1")
    for start, end in ((0, 100), (100, HALF), (HALF, len(JPEG))):
        assert append(client, cast.sonia, "p-1", start, JPEG[start:end]).status_code == 204
    assert content() == JPEG
    found = s3.client().list_objects_v2(Bucket=s3.bucket)["Contents"]
    brand_id = Photo.get().brand_id
    keys = [each["Key"] for each in found if each["Key"].startswith((brand_id, "ranges/"))]
    assert keys == [PhotoContent.get().object_key]


def test_one_request_is_written_once(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    headers = cast.sonia.headers | bytes_at(0) | upload_calls.announcement("p-1")
    sent = client.post(upload_calls.URL, data=JPEG, headers=headers)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (201, str(len(JPEG)))
    assert sent.json["expires_at"] is None
    assert content() == JPEG
    assert UploadRange.select().count() == 0


def test_bytes_may_come_before_their_row(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1")
    append(client, cast.sonia, "p-1", 0, JPEG[:HALF])
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    append(client, cast.sonia, "p-1", HALF, JPEG[HALF:])
    assert Photo.get().state == "stored"
    create(client, cast.sonia, "p-2", PNG)
    append(client, cast.sonia, "p-2", 0, PNG)
    assert photo_calls.told("photo.stored") == ["p-1"]
    answer = client.get("/v1/photos/p-2", headers=cast.sonia.headers)
    assert answer.json["state"] == "waiting"


def test_a_lost_answer_is_asked_for_again(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    """Announced twice it is the same upload, and bytes that come again are welcome; others not."""
    create(client, cast.sonia, "p-1")
    append(client, cast.sonia, "p-1", 0, JPEG[:HALF])
    headers = cast.sonia.headers | bytes_at(0) | upload_calls.announcement("p-1")
    for body in (b"", JPEG):
        again = client.post(upload_calls.URL, data=body, headers=headers)
        assert (again.status_code, again.headers["Upload-Offset"]) == (201, str(HALF))
    assert Upload.select().count() == 1
    append(client, cast.sonia, "p-1", HALF, JPEG[HALF : HALF + 100])
    for start, end in ((0, HALF), (HALF, HALF + 100), (HALF - 7, HALF + 93)):
        repeated = append(client, cast.sonia, "p-1", start, JPEG[start:end])
        assert (repeated.status_code, repeated.headers["Upload-Offset"]) == (204, str(HALF + 100))
    for part in (JPEG[1:HALF], b"", JPEG):
        refused = append(client, cast.sonia, "p-1", 0, part)
        assert_refused(refused, 409, "conflict")
        assert refused.headers["Upload-Offset"] == str(HALF + 100)
    for _ in range(2):
        answer = append(client, cast.sonia, "p-1", HALF + 100, JPEG[HALF + 100 :])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(JPEG)))
    assert append(client, cast.sonia, "p-1", 0, JPEG).status_code == 204
    assert_refused(append(client, cast.sonia, "p-1", HALF, JPEG[HALF + 1 :]), 409, "conflict")
    assert append(client, cast.sonia, "p-1", len(JPEG), b"").status_code == 204


def test_what_is_verified_is_complete_at_once(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    photo_calls.send(client, cast.sonia, "p-1")
    assert position(client, cast.sonia, "p-1") == (len(JPEG), len(JPEG))
    made = create(client, cast.sonia, "p-1")
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, str(len(JPEG)))
    assert Upload.select().count() == 0
    assert_refused(create(client, cast.sonia, "p-1", PNG), 409, "conflict")
    assert_refused(client.delete(url("p-1"), headers=cast.sonia.headers | TUS), 409, "conflict")
    assert content() == JPEG


def test_head_gives_the_metadata_back(client: FlaskClient, cast: Cast) -> None:
    said = upload_calls.metadata(photo_id="p-1", sha256=sha256(JPEG), filename="Größe.jpg")
    length = {"Upload-Length": str(len(JPEG))}
    client.post(upload_calls.URL, headers=cast.sonia.headers | TUS | length | said)
    for _ in range(2):
        answer = client.head(url("p-1"), headers=cast.sonia.headers | TUS)
        assert answer.headers["Upload-Metadata"] == said["Upload-Metadata"]
        assert answer.headers["Cache-Control"] == "no-store"
        append(client, cast.sonia, "p-1", 0, JPEG)


def test_another_method_may_be_named(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1")
    headers = cast.sonia.headers | bytes_at(0) | {"X-HTTP-Method-Override": "PATCH"}
    assert client.post(url("p-1"), data=JPEG[:9], headers=headers).status_code == 204
    assert position(client, cast.sonia, "p-1")[0] == 9
    headers |= {"X-HTTP-Method-Override": "delete"}
    assert client.post(url("p-1"), headers=headers).status_code == 204
    assert_refused(append(client, cast.sonia, "p-1", 9, JPEG[9:]), 404, "not-found")
    assert client.post("/v1/me", headers=headers).status_code == 405


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_each_request_may_have_its_checksum(
    client: FlaskClient, cast: Cast, algorithm: str
) -> None:
    create(client, cast.sonia, "p-1")
    first, last = JPEG[:HALF], JPEG[HALF:]
    wrong = checksum(last, algorithm)
    assert_refused(append(client, cast.sonia, "p-1", 0, first, **wrong), 460, "checksum-mismatch")
    assert position(client, cast.sonia, "p-1")[0] == 0
    assert UploadRange.select().count() == 0
    for start, part in ((0, first), (HALF, last)):
        right = checksum(part, algorithm)
        assert append(client, cast.sonia, "p-1", start, part, **right).status_code == 204
    assert content() == JPEG


def test_other_bytes_than_declared_begin_again(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    create(client, cast.sonia, "p-1")
    for first in (JPEG[:HALF], b""):
        append(client, cast.sonia, "p-1", 0, first)
        wrong = append(client, cast.sonia, "p-1", len(first), bytes(len(JPEG) - len(first)))
        assert_refused(wrong, 460, "checksum-mismatch")
        assert wrong.headers["Upload-Offset"] == "0"
        assert position(client, cast.sonia, "p-1") == (0, len(JPEG))
        assert UploadRange.select().count() == PhotoContent.select().count() == 0
    assert append(client, cast.sonia, "p-1", 0, JPEG).status_code == 204
    assert content() == JPEG


def test_a_range_that_the_storage_lost_begins_again(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1")
    append(client, cast.sonia, "p-1", 0, JPEG[:HALF])
    storage.current().delete(UploadRange.get().object_key)
    lost = append(client, cast.sonia, "p-1", HALF, JPEG[HALF:])
    assert_refused(lost, 460, "checksum-mismatch")
    assert append(client, cast.sonia, "p-1", 0, JPEG).status_code == 204
    assert content() == JPEG


def test_another_hash_begins_anew(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1")
    append(client, cast.sonia, "p-1", 0, JPEG[:HALF])
    assert create(client, cast.sonia, "p-1", PNG).headers["Upload-Offset"] == "0"
    assert UploadRange.select().count() == 0
    append(client, cast.sonia, "p-1", 0, PNG)
    assert content() == PNG


def test_terminated_it_is_gone(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1")
    append(client, cast.sonia, "p-1", 0, JPEG[:HALF])
    key = UploadRange.get().object_key
    assert client.delete(url("p-1"), headers=cast.sonia.headers | TUS).status_code == 204
    assert storage.current().head(key) is None
    assert UploadRange.select().count() == Upload.select().count() == 0
    assert client.head(url("p-1"), headers=cast.sonia.headers | TUS).status_code == 404


def test_a_long_body_is_kept_in_ranges(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a server that is killed in the middle loses a range at most."""
    monkeypatch.setattr(uploads, "RANGE_BYTES", 100_000)
    whole = JPEG * 40
    create(client, cast.sonia, "p-1", whole)
    sent = append(client, cast.sonia, "p-1", 0, whole[:400_000])
    assert sent.headers["Upload-Offset"] == "400000"
    sizes = range_objects()
    assert len(sizes) > 2
    assert sum(size or 0 for size in sizes) == 400_000
    append(client, cast.sonia, "p-1", 400_000, whole[400_000:])
    assert content() == whole


# What is refused.


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0", "2.0.0"])
def test_another_version_is_refused(client: FlaskClient, cast: Cast, version: str | None) -> None:
    spoken = {} if version is None else {"Tus-Resumable": version}
    for method in ("POST", "PATCH", "DELETE", "HEAD"):
        path = upload_calls.URL if method == "POST" else url("p-1")
        answer = client.open(path, method=method, headers=cast.sonia.headers | spoken)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
        assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_every_answer_says_the_version(client: FlaskClient, cast: Cast) -> None:
    for method, path, status in (
        ("PATCH", url("p-1"), 401),
        ("PUT", url("p-1"), 405),
        ("GET", f"{url('p-1')}/x", 404),
    ):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.headers["Tus-Resumable"]) == (status, "1.0.0")
    assert "Tus-Resumable" not in client.get("/v1/me").headers


SHA = sha256(JPEG)
UNUSABLE: dict[str, dict[str, str | None]] = {
    "no length": {"Upload-Length": None},
    "no bytes": {"Upload-Length": "0"},
    "a negative length": {"Upload-Length": "-1"},
    "a length later": {"Upload-Length": None, "Upload-Defer-Length": "1"},
    "a part of many": {"Upload-Concat": "partial"},
    "no metadata": {"Upload-Metadata": None},
    "no photo_id": upload_calls.metadata(sha256=SHA),
    "no sha256": upload_calls.metadata(photo_id="p-1"),
    "half a hash": upload_calls.metadata(photo_id="p-1", sha256=SHA[:32]),
    "a photo_id that is none": upload_calls.metadata(photo_id="../p", sha256=SHA),
    "not base64": {"Upload-Metadata": "photo_id p-1!,sha256 x"},
    "a key twice": {"Upload-Metadata": "photo_id cC0x,photo_id cC0x"},
    "an unknown checksum": {"Upload-Checksum": "md5 1B2M2Y8AsgTpgAmY7PhCfg=="},
    "a checksum that is none": {"Upload-Checksum": "sha1 ?"},
    "a checksum without a digest": {"Upload-Checksum": "sha1"},
    "a checksum that is another's": upload_calls.checksum(b"", "sha256", named="sha1"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_announcement_is_refused(client: FlaskClient, cast: Cast, case: str) -> None:
    headers = cast.sonia.headers | upload_calls.announcement("p-1") | UNUSABLE[case]
    sent = {name: value for name, value in headers.items() if value is not None}
    assert_refused(client.post(upload_calls.URL, headers=sent), 400, "malformed-request")
    assert Upload.select().count() == 0


def test_what_is_too_large_is_refused(client: FlaskClient, cast: Cast) -> None:
    larger = {"Upload-Length": str(config.settings().max_photo + 1)}
    headers = cast.sonia.headers | upload_calls.announcement("p-1") | larger
    assert_refused(client.post(upload_calls.URL, headers=headers), 413, "too-large")
    create(client, cast.sonia, "p-1")
    assert_refused(append(client, cast.sonia, "p-1", 0, JPEG + b"x"), 413, "too-large")
    assert position(client, cast.sonia, "p-1")[0] == 0


@pytest.mark.parametrize("offset", ["", "x", "-1", "1e1", "9" * 30])
def test_an_offset_that_is_none_is_refused(client: FlaskClient, cast: Cast, offset: str) -> None:
    create(client, cast.sonia, "p-1")
    answer = append(client, cast.sonia, "p-1", 0, JPEG, Upload_Offset=offset)
    assert_refused(answer, 400, "malformed-request")


def test_bytes_of_another_type_are_refused(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1")
    for headers in ({"Content_Type": "image/jpeg"}, {"Content_Encoding": "gzip"}):
        answer = append(client, cast.sonia, "p-1", 0, JPEG, **headers)
        assert_refused(answer, 415, "unsupported-media-type")


def test_anothers_photo_is_not_found(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    """Nor can somebody take an id before its shopper comes."""
    assert_refused(create(client, cast.sergio, "p-1"), 404, "not-found")
    create(client, cast.sergio, "p-2")
    assert_refused(append(client, cast.sonia, "p-2", 0, JPEG), 404, "not-found")
    assert create(client, cast.sonia, "p-2", PNG).status_code == 201
    assert append(client, cast.sonia, "p-2", 0, PNG).status_code == 204
    assert_refused(append(client, cast.sergio, "p-2", 0, JPEG), 404, "not-found")
    assert content() == PNG
    assert_refused(create(client, cast.bob, "p-3"), 403, "forbidden")


def test_another_hash_than_the_rows_is_refused(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    assert_refused(create(client, cast.sonia, "p-1", PNG), 460, "checksum-mismatch")
    assert PhotoContent.select().count() == 0


def test_a_row_with_another_hash_ends_an_upload(client: FlaskClient, cast: Cast) -> None:
    create(client, cast.sonia, "p-1", PNG)
    append(client, cast.sonia, "p-1", 0, PNG[:9])
    assert range_objects() == [9]
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    refused = append(client, cast.sonia, "p-1", 9, PNG[9:])
    assert_refused(refused, 460, "checksum-mismatch")
    assert "begin anew with POST" in refused.json["detail"]
    assert Upload.select().count() == UploadRange.select().count() == 0
    assert client.head(url("p-1"), headers=cast.sonia.headers | TUS).status_code == 404
    assert_refused(append(client, cast.sonia, "p-1", 0, PNG), 404, "not-found")
    create(client, cast.sonia, "p-1")
    assert append(client, cast.sonia, "p-1", 0, JPEG).status_code == 204
    assert content() == JPEG


@pytest.fixture
def small_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "WAITING_BYTES", 2 * len(JPEG))


@pytest.mark.usefixtures("small_quota")
def test_unfinished_bytes_count(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    """Whether their row is there or not, and they are free again when they are whole."""
    assert create(client, cast.sonia, "p-1").status_code == 201
    assert create(client, cast.sonia, "p-2").status_code == 201
    refused = create(client, cast.sonia, "p-3", PNG)
    assert_refused(refused, 429, "too-many-requests")
    assert photo_calls.send(client, cast.sonia, "p-4", PNG).status_code == 429
    assert create(client, cast.sonia, "p-2").status_code == 201
    assert append(client, cast.sonia, "p-1", 0, JPEG).status_code == 204
    assert create(client, cast.sonia, "p-3", PNG).status_code == 201


def test_the_rules_are_the_documents(app: flask.Flask) -> None:
    """An OPTIONS of its own does not shadow the other methods of the path."""
    methods: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(upload_calls.URL):
            methods.setdefault(rule.rule, set()).update(rule.methods or ())
    assert methods == {
        upload_calls.URL: {"OPTIONS", "POST"},
        f"{upload_calls.URL}/<photo_id>": {"OPTIONS", "HEAD", "PATCH", "DELETE"},
    }
