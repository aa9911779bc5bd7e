"""/v1/photos: bytes in"""

import base64
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import storage
from server.domain.actor import Role
from server.errors import Unavailable
from server.models import Blob, Notice, Photo, PhotoContent, SyncChange
from server.services import photos
from tests import factories, visits
from tests.api.photo_calls import JPEG, PNG, digest, send, sha256, told, touched, url
from tests.cast import Cast
from tests.phone import Phone, photo


@pytest.fixture
def declared(cast: Cast) -> Photo:
    """Sonia's photo, whose row says that it is JPEG."""
    return factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))


def nothing_stored() -> bool:
    return PhotoContent.select().count() == 0 and told("photo.stored") == []


def kept(object_key: str) -> bytes:
    with storage.current().open(object_key) as file:
        return file.read()


# Bytes after their row.


def test_sonia_sends_a_photo_that_her_phone_declared(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    answer = send(client, cast.sonia, "p-1")
    assert answer.status_code == 201
    expected = {"id": "p-1", "state": "stored", "sha256": sha256(JPEG), "bytes": len(JPEG)}
    assert answer.json == expected
    blob = Blob.get()
    assert blob.object_key == f"{cast.brand.id}/{sha256(JPEG)[:2]}/{sha256(JPEG)}"
    assert kept(blob.object_key) == JPEG
    assert told("photo.stored") == ["p-1"]
    assert touched(cast.sonia.account_id) == {("photos", "p-1")}


def test_the_same_bytes_again_get_the_same_answer(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    first, again = send(client, cast.sonia, "p-1"), send(client, cast.sonia, "p-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert told("photo.stored") == ["p-1"]


def test_a_row_without_a_hash_takes_any_bytes_once(client: FlaskClient, cast: Cast) -> None:
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id)
    assert send(client, cast.sonia, "p-1", JPEG).status_code == 201
    other = send(client, cast.sonia, "p-1", PNG)
    assert (other.status_code, other.json["code"]) == (409, "conflict")
    assert kept(PhotoContent.get().object_key) == JPEG


def test_other_bytes_than_declared_are_refused(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    answer = send(client, cast.sonia, "p-1", PNG)
    assert (answer.status_code, answer.json["code"]) == (422, "digest-mismatch")
    assert Photo.get().state == "declared"
    assert nothing_stored()


def test_two_equal_photos_are_two_rows_and_one_blob(client: FlaskClient, cast: Cast) -> None:
    for photo_id in ("p-1", "p-2"):
        factories.photo(photo_id, cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    factories.photo("p-3", cast.brand.id, cast.sergio.account_id, sha256=sha256(JPEG))
    assert [send(client, cast.sonia, each).status_code for each in ("p-1", "p-2")] == [201, 201]
    assert send(client, cast.sergio, "p-3").status_code == 201
    assert {photo.state for photo in Photo.select()} == {"stored"}
    assert PhotoContent.select().count() == 3
    assert Blob.select().count() == 1


def test_brands_share_no_blob(client: FlaskClient, cast: Cast) -> None:
    for photo_id, brand in (("p-1", cast.brand), ("p-2", cast.other_brand)):
        factories.photo(photo_id, brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
        assert send(client, cast.sonia, photo_id).status_code == 201
    assert {blob.object_key.split("/")[0] for blob in Blob.select()} == {
        cast.brand.id,
        cast.other_brand.id,
    }


def test_a_rejected_photo_may_be_sent_rightly(client: FlaskClient, cast: Cast) -> None:
    values = {"sha256": sha256(JPEG), "state": "rejected", "reason": "Other bytes."}
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, **values)
    assert send(client, cast.sonia, "p-1").json["state"] == "stored"
    assert Photo.get().reason is None


# Bytes before their row.


def test_bytes_before_their_row_wait_and_are_settled(client: FlaskClient, cast: Cast) -> None:
    answer = send(client, cast.sonia, "p-1")
    assert (answer.status_code, answer.json["state"]) == (201, "waiting")
    assert told("photo.stored") == []
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    for _ in range(2):
        photos.settle("p-1")
    assert Photo.get().state == "stored"
    assert told("photo.stored") == ["p-1"]
    assert ("photos", "p-1") in touched(cast.sonia.account_id)
    content = PhotoContent.get()
    assert not content.waiting
    assert content.object_key.startswith(f"{cast.brand.id}/")
    assert kept(content.object_key) == JPEG
    assert send(client, cast.sonia, "p-1").json["state"] == "stored"


def test_a_row_with_another_hash_rejects_what_waited(client: FlaskClient, cast: Cast) -> None:
    send(client, cast.sonia, "p-1", JPEG)
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(PNG))
    photos.settle("p-1")
    photo = Photo.get()
    assert photo.state == "rejected"
    assert "SHA-256" in photo.reason
    assert nothing_stored()
    notice = Notice.get()
    assert (notice.record, notice.code) == ("photos/p-1", "photo-rejected")
    assert touched(cast.sonia.account_id) == {("photos", "p-1"), ("notices", notice.id)}
    assert send(client, cast.sonia, "p-1", PNG).json["state"] == "stored"
    assert Notice.select().count() == 0
    assert SyncChange.get(SyncChange.row_id == notice.id).deleted


@pytest.mark.parametrize("first", ["row", "bytes"])
def test_another_length_than_the_rows_is_noticed(
    client: FlaskClient, cast: Cast, first: str
) -> None:
    if first == "bytes":
        send(client, cast.sonia, "p-1")
    for photo_id, size in (("p-1", len(JPEG) + 1), ("p-2", len(JPEG))):
        row = {"sha256": sha256(JPEG), "bytes": size}
        factories.photo(photo_id, cast.brand.id, cast.sonia.account_id, **row)
    if first == "row":
        send(client, cast.sonia, "p-1")
    send(client, cast.sonia, "p-2")
    photos.settle("p-1")
    assert {photo.state for photo in Photo.select()} == {"stored"}
    notice = Notice.get()
    assert (notice.record, notice.code) == ("photos/p-1", "bytes-differ")
    assert f"says {len(JPEG) + 1} bytes, and {len(JPEG)}" in notice.message
    assert ("notices", notice.id) in touched(cast.sonia.account_id)


def test_waiting_bytes_of_a_deleted_photo_are_let_go(client: FlaskClient, cast: Cast) -> None:
    send(client, cast.sonia, "p-1")
    row = factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    Photo.update(deleted_at=row.created_at).execute()
    photos.settle("p-1")
    assert nothing_stored()
    assert send(client, cast.sonia, "p-1").status_code == 404


def test_another_shoppers_waiting_bytes_never_become_her_photo(
    client: FlaskClient, cast: Cast
) -> None:
    send(client, cast.sergio, "p-1", PNG)
    assert send(client, cast.sonia, "p-1").status_code == 404
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id)
    photos.settle("p-1")
    assert Photo.get().state == "declared"
    assert client.get(url("p-1"), headers=cast.bob.headers).status_code == 409
    assert send(client, cast.sonia, "p-1", JPEG).json["state"] == "stored"
    assert send(client, cast.sergio, "p-1", PNG).status_code == 404


def test_a_waiting_photos_id_is_not_to_be_had_by_a_row(client: FlaskClient, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    theirs = visits.assignment(cast.brand.id, cast.sergio.account_id)
    declares = photo("p-1", made.id, sha256=sha256(JPEG))
    send(client, cast.sonia, "p-1")
    taken = Phone(client, cast.sergio).push({"photos": [photo("p-1", theirs.id)]})
    assert taken == {"photos": ["p-1"]}
    assert client.get("/v1/photos/p-1", headers=cast.sonia.headers).json["state"] == "waiting"
    assert Phone(client, cast.sonia).push({"photos": [declares]}) == {}
    photos.settle("p-1")
    assert client.get("/v1/photos/p-1", headers=cast.sonia.headers).json["state"] == "stored"


@pytest.mark.parametrize(
    ("limit", "value"), [("WAITING_PHOTOS", 2), ("WAITING_BYTES", 2 * len(JPEG))]
)
def test_only_so_much_waits_for_a_shopper(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(photos, limit, value)
    for number in range(2):
        assert send(client, cast.sonia, f"p-{number}").status_code == 201
    refused = send(client, cast.sonia, "p-2")
    assert (refused.status_code, refused.json["code"]) == (429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) > 0
    assert send(client, cast.sonia, "p-1").status_code == 200
    assert send(client, cast.sergio, "p-3").status_code == 201
    factories.photo("p-2", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    assert send(client, cast.sonia, "p-2").status_code == 201


# What is refused.


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Repr-Digest": "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"},
        {"Repr-Digest": "sha-256=" + sha256(JPEG)},
        {"Repr-Digest": f"sha-256=:{sha256(JPEG)}:"},
        {"Repr-Digest": "sha-256=::"},
        {"Digest": digest(JPEG)["Repr-Digest"]},
    ],
)
def test_without_its_digest_a_photo_is_refused(
    client: FlaskClient, cast: Cast, declared: Photo, header: dict[str, str]
) -> None:
    answer = client.put(url("p-1"), data=JPEG, headers=cast.sonia.headers | header)
    assert answer.status_code == 400
    assert "Repr-Digest: sha-256=:" in answer.json["detail"]
    assert nothing_stored()


def test_sha_256_counts_among_several_digests(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    many = f"sha-512=:{base64.b64encode(b'x' * 64).decode()}:, {digest(JPEG)['Repr-Digest']};q=1"
    headers = cast.sonia.headers | {"Repr-Digest": many}
    assert client.put(url("p-1"), data=JPEG, headers=headers).status_code == 201


def test_a_wrong_digest_stores_nothing(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    headers = cast.sonia.headers | digest(JPEG)
    answer = client.put(url("p-1"), data=JPEG[:-1] + b"!", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, "digest-mismatch")
    assert nothing_stored()
    assert Blob.select().count() == 0


def test_an_empty_photo_is_refused(client: FlaskClient, cast: Cast) -> None:
    answer = send(client, cast.sonia, "p-1", b"")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed-request")
    assert nothing_stored()


def test_a_photo_beyond_the_limit_is_refused(client: FlaskClient, cast: Cast) -> None:
    data = b"\x00" * (25 * 1024 * 1024 + 1)
    answer = send(client, cast.sonia, "p-1", data)
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")
    assert nothing_stored()


@pytest.mark.parametrize(
    ("header", "status"), [({"Content-Encoding": "gzip"}, 415), ({"Content-Range": "0-1/2"}, 400)]
)
def test_bytes_are_taken_whole_and_plain(
    client: FlaskClient, cast: Cast, header: dict[str, str], status: int
) -> None:
    headers = cast.sonia.headers | digest(JPEG) | header
    assert client.put(url("p-1"), data=JPEG, headers=headers).status_code == status
    assert nothing_stored()


@pytest.mark.parametrize("photo_id", ["a%00b", "p 1", "%E2%82%AC", "x" * 161, ".%2E%5C"])
def test_no_phone_makes_such_an_id(client: FlaskClient, cast: Cast, photo_id: str) -> None:
    headers = cast.sonia.headers | digest(JPEG)
    assert client.put(url(photo_id), data=JPEG, headers=headers).status_code == 404
    assert client.get(url(photo_id), headers=cast.sonia.headers).status_code == 404
    assert client.get(f"/v1/photos/{photo_id}", headers=cast.sonia.headers).status_code == 404


def test_another_shoppers_photo_is_not_found(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    assert send(client, cast.sergio, "p-1").status_code == 404
    send(client, cast.sonia, "p-2")
    assert send(client, cast.sergio, "p-2").status_code == 404
    assert Photo.get().state == "declared"


def test_only_shoppers_send(client: FlaskClient, cast: Cast, declared: Photo) -> None:
    for person in (cast.alice, cast.bob, cast.charlie):
        assert send(client, person, "p-1").status_code == 403
    assert client.put(url("p-1"), data=JPEG, headers=digest(JPEG)).status_code == 401
    assert nothing_stored()


def test_a_suspended_shopper_still_sends_and_sees_her_photos(
    client: FlaskClient, cast: Cast
) -> None:
    ines = cast.person("ines", Role.SHOPPER, suspended=True)
    factories.photo("p-1", cast.brand.id, ines.account_id, sha256=sha256(JPEG))
    assert send(client, ines, "p-1").status_code == 201
    assert client.get(url("p-1"), headers=ines.headers).status_code == 302


class Silent:
    """A storage that does not answer."""

    def put(self, *_: Any, **__: Any) -> None:
        raise Unavailable("The photo storage does not answer.")


def test_a_storage_that_does_not_answer_leaves_nothing_half_written(
    client: FlaskClient, cast: Cast, declared: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(storage, "current", Silent)
        answer = send(client, cast.sonia, "p-1")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert Photo.get().state == "declared"
    assert nothing_stored()
    assert send(client, cast.sonia, "p-1").status_code == 201
