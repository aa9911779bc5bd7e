"""/v1/photos/{photo}: flags, versions and marks, for those who review"""

import io
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from playhouse.test_utils import count_queries

from server import storage
from server.domain.actor import Role
from server.models import Assignment, Blob, Event, Photo, Picture, Rendering, Store
from server.services import photos
from tests import factories, visits
from tests.api.photo_calls import told
from tests.cast import Cast
from tests.phone import AT, Phone, photo, report
from tests.pictures import content, develop_all, drawn, segments, sha256, store

FACE = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5, "kind": "face"}
STRANGERS = ("alice", "sergio", "charlie")


@pytest.fixture
def developed(cast: Cast) -> str:
    """The id of Sonia's photo, which has its picture."""
    store(cast, "p-1", drawn())
    develop_all()
    return "p-1"


@pytest.fixture
def visited(client: FlaskClient, cast: Cast) -> Assignment:
    """A visit to a store in Milan on a day in September 2026, with its place."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    Store.update(latitude=45.4719, longitude=9.1881).execute()
    Phone(client, cast.sonia).push({"reports": [report(made.id, ended_at=AT + 1_800_000)]})
    return made


def read(client: FlaskClient, person: Any, path: str = "") -> Any:
    return client.get(f"/v1/photos/p-1{path}", headers=person.headers)


def mark(client: FlaskClient, person: Any, *marks: Any, version: int = 1) -> Any:
    headers = person.headers | {"If-Match": f'"{version}"'}
    return client.put("/v1/photos/p-1/marks", json={"marks": list(marks)}, headers=headers)


def download(client: FlaskClient, redirect: Any) -> Any:
    assert redirect.status_code == 302
    return client.get(urlsplit(redirect.headers["Location"]).path, buffered=True)


def exif(taken: str, latitude: float, longitude: float) -> Image.Exif:
    """Metadata of a camera in Italy; the place in degrees and seconds."""
    made = Image.Exif()
    made.get_ifd(0x8769).update({0x9003: taken, 0x9011: "+02:00"})
    place = {1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (longitude, 0.0, 0.0), 31: 10.0}
    made.get_ifd(0x8825).update(place)
    return made


def send(client: FlaskClient, cast: Cast, visit: Assignment, data: bytes, **row: Any) -> None:
    """Sonia's phone declares the photo and sends it."""
    digest, size = sha256(data), len(data)
    declared = photo("p-1", visit.id, sha256=digest, bytes=size, **row)
    Phone(client, cast.sonia).push({"photos": [declared]})
    photos.put(cast.sonia.actor, "p-1", [data], sha256=digest, length=size)
    develop_all()


# Flags


def test_reviewers_see_flags_and_its_shopper_does_not(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    data = drawn(exif=exif("2026:09:20 12:00:00", 41.9, 12.5))
    send(client, cast, visited, data)
    seen = read(client, cast.bob).json
    assert [flag["code"] for flag in seen["flags"]] == ["far-away", "taken-before"]
    assert "from the store, ±10 m" in seen["flags"][0]["message"]
    assert read(client, cast.sonia).json["flags"] is None
    path = f"/v1/brands/{cast.brand.id}/reports/{visited.id}.1"
    (picture,) = client.get(path, headers=cast.bob.headers).json["pictures"]
    assert picture == {
        "photo_id": "p-1",
        "item_key": "shelf",
        "state": "stored",
        "reason": None,
        "flags": seen["flags"],
    }
    assert client.get(path, headers=cast.alice.headers).json["pictures"] is None


def test_a_photo_of_the_visit_has_no_flag_wherever_the_phone_is(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    data = drawn(exif=exif("2026:09:21 16:20:00", 45.4719, 9.1881))
    send(client, cast, visited, data, latitude=1.0, longitude=1.0)
    assert read(client, cast.bob).json["flags"] == []


def test_flags_follow_what_the_report_says_later(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    data = drawn(exif=exif("2026:09:21 20:00:00", 45.4719, 9.1881))
    send(client, cast, visited, data)
    assert [flag["code"] for flag in read(client, cast.bob).json["flags"]] == ["taken-after"]
    phone = Phone(client, cast.sonia)
    phone.pull()
    later = report(visited.id, ended_at=AT + 20_000_000, updated_at=AT + 1)
    phone.push({"reports": [later]})
    assert read(client, cast.bob).json["flags"] == []


def test_the_reports_flags_are_read_in_a_fixed_number_of_queries(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    path, bob = f"/v1/brands/{cast.brand.id}/reports/{visited.id}.1", cast.bob.headers

    def queries() -> int:
        with count_queries() as counted:
            client.get(path, headers=bob)
        return int(counted.count)

    store(cast, "p-1", drawn(1), report_id=f"{visited.id}.1")
    develop_all()
    few = queries()
    for number in range(2, 5):
        store(cast, f"p-{number}", drawn(number), report_id=f"{visited.id}.1")
    develop_all()
    assert queries() == few


def test_a_rejected_photo_says_why_and_stays(client: FlaskClient, cast: Cast) -> None:
    """Its bytes are for the reviewer, as an attachment of no type; another row changes nothing."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    html = b"\xff\xd8\xff<html><script>alert(1)</script>"
    send(client, cast, made, html)
    phone = Phone(client, cast.sonia)
    assert ("photos/p-1", "photo-rejected") in phone.notices()
    assert phone.rows["photos"]["p-1"]["state"] == "rejected"
    seen = read(client, cast.sonia).json
    assert (seen["state"], seen["flags"]) == ("rejected", None)
    assert "cannot be read" in seen["reason"] or "send JPEG" in seen["reason"]
    answer = download(client, read(client, cast.bob, "/content"))
    assert (answer.data, answer.mimetype) == (html, "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=photo-")
    assert answer.headers["Content-Disposition"].endswith(".bin")
    assert read(client, cast.bob, "/versions/web").status_code == 409
    assert read(client, cast.bob, "/marks").status_code == 409
    phone.push({"photos": [photo("p-1", made.id, sha256="cd" * 32)]})
    assert ("photos/p-1", "photo-kept") in phone.notices()
    assert Photo.get().state == "rejected"


# Versions


def test_who_sees_a_photo_sees_its_versions(
    client: FlaskClient, cast: Cast, developed: str
) -> None:
    for person in (cast.sonia, cast.bob, cast.marta):
        for version in ("thumbnail", "web", "shared"):
            answer = download(client, read(client, person, f"/versions/{version}"))
            assert (answer.data, answer.mimetype) == (content("p-1", version), "image/jpeg")
            assert answer.headers["Content-Disposition"].startswith("attachment")


def test_others_find_no_version(client: FlaskClient, cast: Cast, developed: str) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id="r")
    for person in (rita, *(getattr(cast, name) for name in STRANGERS)):
        for path in ("/versions/web", "/versions/shared", "/marks"):
            assert read(client, person, path).status_code == 404
        assert mark(client, person, FACE).status_code == 404
    assert read(client, cast.sonia, "/versions/original").status_code == 404
    assert read(client, cast.sonia, "/marks").status_code == 404
    assert mark(client, cast.sonia).status_code == 404
    assert Picture.get().version == 1


def test_before_its_picture_is_developed_there_is_no_version(
    client: FlaskClient, cast: Cast
) -> None:
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id)
    assert read(client, cast.bob, "/versions/web").status_code == 409
    assert read(client, cast.bob, "/marks").status_code == 409
    assert read(client, cast.bob).json["flags"] is None


# Marks


def test_what_is_marked_is_blurred_in_what_stores_see_alone(
    client: FlaskClient, cast: Cast, developed: str
) -> None:
    web = content("p-1", "web")
    assert read(client, cast.bob, "/marks").json == {"version": 1, "marks": [], "marked_at": None}
    answer = mark(client, cast.bob, FACE)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json["marks"] == [FACE]
    assert answer.json["marked_at"] is not None
    assert read(client, cast.bob, "/versions/shared").status_code == 409
    assert develop_all() == 1
    shared = content("p-1", "shared")
    assert content("p-1", "web") == web
    assert segments(shared) <= {0xC0, 0xC4, 0xDB, 0xE0}
    before, after = (
        np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float) for data in (web, shared)
    )
    inside, outside = np.s_[140:340, 180:460], np.s_[:100]
    assert np.abs(np.diff(after[inside])).mean() < 0.1 * np.abs(np.diff(before[inside])).mean()
    assert np.abs(after[outside] - before[outside]).mean() < 8


def test_new_marks_delete_the_former_drawing_at_once(
    client: FlaskClient, cast: Cast, developed: str
) -> None:
    mark(client, cast.bob, FACE)
    develop_all()
    former = Rendering.get(Rendering.version == "shared").object_key
    assert mark(client, cast.marta, FACE | {"x": 0.1}, version=2).status_code == 200
    assert Rendering.select().where(Rendering.version == "shared").count() == 0
    develop_all()
    present = Rendering.get(Rendering.version == "shared").object_key
    assert present != former
    assert storage.current().head(former) is None
    assert Blob.get_or_none(Blob.object_key == former) is None
    mark(client, cast.bob, version=3)
    develop_all()
    assert content("p-1", "shared") == content("p-1", "web")
    assert storage.current().head(present) is None


def test_drawing_again_and_too_late_changes_nothing(
    client: FlaskClient, cast: Cast, developed: str
) -> None:
    mark(client, cast.bob, FACE)
    develop_all()
    present = Rendering.get(Rendering.version == "shared").object_key
    Event.update(done_at=None).where(Event.kind == "picture.marked").execute()
    develop_all()
    assert Rendering.get(Rendering.version == "shared").object_key == present
    assert storage.current().head(present)
    assert told("picture.marked") == ["p-1"]


def test_marks_are_edited_by_version(client: FlaskClient, cast: Cast, developed: str) -> None:
    assert mark(client, cast.bob, FACE, version=2).status_code == 412
    bare = client.put("/v1/photos/p-1/marks", json={"marks": []}, headers=cast.bob.headers)
    assert bare.status_code == 428
    assert Picture.get().marks == []
    assert told("picture.marked") == []


def test_marks_lie_within_the_picture(client: FlaskClient, cast: Cast, developed: str) -> None:
    for wrong in (
        {"x": -0.1}, {"x": 1.5}, {"width": 0}, {"height": "0.5"}, {"kind": "dog"}, {"z": 1},
        {"x": 0.6}, {"height": 0.8},
    ):  # fmt: skip
        answer = mark(client, cast.bob, FACE, FACE | wrong)
        assert (answer.status_code, answer.json["code"]) == (422, "invalid")
        assert answer.json["errors"][0]["pointer"].startswith("/marks/1/")
    assert Picture.get().version == 1
