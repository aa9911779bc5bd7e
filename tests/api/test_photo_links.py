"""GET /v1/photos: who may see a photo, and how it is served"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from flask.testing import FlaskClient

from server.api import openapi
from server.domain.actor import Role
from server.models import Photo
from tests import factories
from tests.api.photo_calls import JPEG, digest, send, sha256, url
from tests.cast import Cast


@pytest.fixture
def declared(cast: Cast) -> Photo:
    """Sonia's photo, whose row says that it is JPEG."""
    return factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))


@pytest.fixture
def stored(client: FlaskClient, cast: Cast, declared: Photo) -> Photo:
    assert send(client, cast.sonia, "p-1").status_code == 201
    return declared


def follow(client: FlaskClient, person: Any, photo_id: str = "p-1", **headers: str) -> Any:
    """The download that the photo's link leads to; its token alone is the permission."""
    redirect = client.get(url(photo_id), headers=person.headers)
    assert redirect.status_code == 302
    assert redirect.headers["Cache-Control"] == "no-store"
    link = urlsplit(redirect.headers["Location"])
    assert link.query == ""
    return client.get(link.path, headers=headers, buffered=True)


@pytest.mark.parametrize("name", ["sonia", "bob", "marta"])
def test_its_shopper_and_the_brands_reviewers_read_a_photo(
    client: FlaskClient, cast: Cast, stored: Photo, name: str
) -> None:
    person = getattr(cast, name)
    seen = client.get("/v1/photos/p-1", headers=person.headers)
    assert seen.status_code == 200
    assert seen.json["state"] == "stored"
    assert seen.json["report_id"] == stored.report_id
    assert seen.json["content_type"] == "image/jpeg"
    assert follow(client, person).data == JPEG


@pytest.mark.parametrize(
    "role",
    [Role.ADMIN, Role.REGIONAL_MANAGER, Role.STORE_MANAGER, Role.SHOPPER, Role.INTEGRATOR],
)
def test_others_of_the_brand_find_nothing(
    client: FlaskClient, cast: Cast, stored: Photo, role: Role
) -> None:
    bounds = {"region_id": "r", "store_id": "s"}
    other = cast.person("other", role, **bounds)
    for path in ("/v1/photos/p-1", url("p-1")):
        assert client.get(path, headers=other.headers).status_code == 404


def test_strangers_find_nothing(client: FlaskClient, cast: Cast, stored: Photo) -> None:
    for path in ("/v1/photos/p-1", url("p-1")):
        refused = client.get(path, headers=cast.charlie.headers)
        missing = client.get(path.replace("p-1", "p-9"), headers=cast.charlie.headers)
        assert refused.status_code == missing.status_code == 404
        assert refused.json["detail"] == missing.json["detail"].replace("p-9", "p-1")
        assert client.get(path).status_code == 401


def test_waiting_bytes_are_their_shoppers_alone(client: FlaskClient, cast: Cast) -> None:
    send(client, cast.sonia, "p-1")
    seen = client.get("/v1/photos/p-1", headers=cast.sonia.headers)
    assert (seen.json["state"], seen.json["report_id"]) == ("waiting", None)
    assert follow(client, cast.sonia).data == JPEG
    for person in (cast.alice, cast.sergio, cast.charlie):
        assert client.get("/v1/photos/p-1", headers=person.headers).status_code == 404


def test_bytes_that_are_not_here_have_no_link(
    client: FlaskClient, cast: Cast, declared: Photo
) -> None:
    assert client.get("/v1/photos/p-1", headers=cast.bob.headers).json["state"] == "declared"
    assert client.get(url("p-1"), headers=cast.bob.headers).status_code == 409


def test_a_deleted_photo_is_gone(client: FlaskClient, cast: Cast, stored: Photo) -> None:
    Photo.update(deleted_at=stored.created_at).execute()
    for person in (cast.sonia, cast.bob):
        assert client.get(url("p-1"), headers=person.headers).status_code == 404


# How it is served.


def test_a_download_reveals_nothing_and_runs_nothing(
    client: FlaskClient, cast: Cast, stored: Photo
) -> None:
    answer = follow(client, cast.bob)
    name = answer.headers["Content-Disposition"]
    assert name.startswith("attachment; filename=photo-")
    for secret in ("p-1", "sonia", cast.sonia.account_id, stored.report_id):
        assert secret not in name
    assert answer.content_type == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_range_goes_on_after_a_broken_line(
    client: FlaskClient, cast: Cast, stored: Photo
) -> None:
    part = follow(client, cast.bob, Range="bytes=100-199")
    assert (part.status_code, part.data) == (206, JPEG[100:200])
    beyond = follow(client, cast.bob, Range="bytes=999999-")
    assert (beyond.status_code, beyond.json["code"]) == (416, "range-not-satisfiable")
    assert beyond.json["status"] == 416


def test_a_forged_link_is_not_found(client: FlaskClient, cast: Cast, stored: Photo) -> None:
    link = urlsplit(client.get(url("p-1"), headers=cast.bob.headers).headers["Location"]).path
    for forged in (link[:-2], link + "A", "/v1/objects/x.y", "/v1/objects/%00"):
        answer = client.get(forged, headers=cast.bob.headers)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
POLYGLOT = b"GIF89a/*" + HTML
JPEG_AND_HTML = b"\xff\xd8\xff\xe0" + HTML


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (SVG, "application/octet-stream"),
        (HTML, "application/octet-stream"),
        (POLYGLOT, "application/octet-stream"),
        (JPEG_AND_HTML, "image/jpeg"),
        (b"%PDF-1.7", "application/octet-stream"),
    ],
)
def test_a_hostile_upload_is_never_served_in_place(
    client: FlaskClient, cast: Cast, data: bytes, content_type: str
) -> None:
    headers = cast.sonia.headers | digest(data) | {"Content-Type": "text/html"}
    assert client.put(url("p-1"), data=data, headers=headers).status_code == 201
    answer = follow(client, cast.sonia)
    assert answer.data == data
    assert answer.content_type == content_type
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


KNOWN = {".jpg": "image/jpeg", ".png": "image/png", ".heic": "image/heic", ".webp": "image/webp"}


def test_real_and_hostile_files_are_kept_as_they_are(
    client: FlaskClient, cast: Cast, shared: Path
) -> None:
    paths = sorted(path for path in (shared / "photos").rglob("*") if path.is_file())
    assert len(paths) > 20
    for number, path in enumerate(paths):
        data = path.read_bytes()
        assert send(client, cast.sonia, f"p-{number}", data).status_code == 201, path.name
        answer = follow(client, cast.sonia, f"p-{number}")
        expected = KNOWN.get(path.suffix.lower(), "application/octet-stream")
        assert answer.content_type == expected, path.name
        assert answer.data == data


def test_the_page_says_what_a_phone_needs(app: flask.Flask) -> None:
    with app.app_context():
        put = openapi.document()["paths"]["/v1/photos/{photo_id}/content"]["put"]
    assert [each["name"] for each in put["parameters"]] == ["Repr-Digest"]
    assert put["requestBody"]["content"]["image/jpeg"]["schema"]["format"] == "binary"
    assert {"200", "201", "400", "401", "403", "404", "409", "413", "415", "422", "429"} < set(
        put["responses"]
    )
    assert "content" in put["responses"]["200"]
