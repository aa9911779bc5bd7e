"""tus-js-client against the server, over a line that breaks at every stage of an upload."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server import clock
from server.models import Photo, PhotoContent, Upload, UploadRange
from tests import phone as rows
from tests.api.photo_calls import JPEG, sha256, told
from tests.backends.process import wait_until
from tests.clients.line import Cut
from tests.clients.phone import AppError, RealPhone
from tests.clients.site import Shopper, Site

PATH = "/v1/uploads"
DATA = JPEG * 40
PATIENT = [50] * 60
"""Milliseconds between the library's own tries, which begin anew with each progress."""


@dataclass
class Taken:
    """A photo in a file of the phone, its row pushed."""

    phone: RealPhone
    id: str
    file: Path

    @property
    def kept(self) -> int | None:
        """How many of its bytes the server has; None while somebody writes."""
        upload = Upload.get_or_none(Upload.photo_id == self.id)
        if upload is None or upload.finished_at:
            return upload.length if upload else 0
        ranges = UploadRange.select().where(UploadRange.upload_id == upload.id)
        kept = sum(each.bytes for each in ranges if each.state == "kept")
        return kept if upload.writer is None else None

    def upload(self, retry: list[int] | None = None) -> Any:
        """Send its bytes; the requests that were made: [method, offset]. AppError."""
        named = {"photoId": self.id, "sha256": sha256(DATA), "file": str(self.file)}
        return self.phone.do("upload", retryDelays=retry, **named)


@pytest.fixture
def taken(site: Site, shopper: Shopper, phone: RealPhone, tmp_path: Path) -> Taken:
    key = site.assignment(shopper).id
    photo = Taken(phone, clock.new_id(), tmp_path / "photo.jpg")
    photo.file.write_bytes(DATA)
    row = rows.photo(photo.id, key, sha256=sha256(DATA), bytes=len(DATA))
    phone.record({"reports": [rows.report(key)], "photos": [row]})
    phone.sync()
    return photo


def assert_stored(taken: Taken) -> None:
    """Once, whole; and the phone may delete its file."""
    assert PhotoContent.get_by_id(taken.id).sha256 == sha256(DATA)
    assert Photo.get_by_id(taken.id).state == "stored"
    assert told("photo.stored").count(taken.id) == 1
    taken.phone.sync()
    row = taken.phone.rows("photos")[taken.id]
    assert (row["state"], row["sha256"]) == ("stored", sha256(DATA))


def test_an_upload_goes_on_by_itself_after_each_cut(site: Site, taken: Taken) -> None:
    site.line.lose_request("POST", PATH)
    site.line.lose_answer("POST", PATH)
    site.line.lose_request("PATCH", PATH, body=1)
    site.line.lose_request("HEAD", PATH)
    site.line.lose_request("PATCH", PATH, body=200_000)
    site.line.lose_answer("PATCH", PATH)
    requests = taken.upload(PATIENT)
    offsets = [offset for method, offset in requests if method == "PATCH"]
    assert offsets == sorted(offsets)
    assert_stored(taken)


def test_an_app_that_is_restarted_after_each_cut_sends_no_byte_twice(
    site: Site, taken: Taken
) -> None:
    stages: list[tuple[Cut, int]] = [
        (Cut("POST", PATH, body=0), 0),
        (Cut("POST", PATH), 0),
        (Cut("PATCH", PATH, body=1), 1),
        (Cut("HEAD", PATH, body=0), 1),
        (Cut("PATCH", PATH, body=200_000), 200_001),
        (Cut("PATCH", PATH, body=len(DATA) - 200_002), len(DATA) - 1),
        (Cut("PATCH", PATH), len(DATA)),
    ]
    for cut, kept in stages:
        site.line.cuts.append(cut)
        with pytest.raises(AppError, match="tus: failed"):
            taken.upload()
        wait_until(lambda kept=kept: taken.kept == kept, f"{kept} bytes are kept")
    taken.phone.kill()
    taken.phone.start()
    assert taken.upload() == [["HEAD", 0]]
    assert_stored(taken)


def test_other_bytes_than_announced_are_refused(site: Site, taken: Taken) -> None:
    taken.file.write_bytes(bytes(len(DATA)))
    with pytest.raises(AppError, match="460"):
        taken.upload()
    assert Photo.get_by_id(taken.id).state == "declared"
    taken.file.write_bytes(DATA)
    taken.upload()
    assert_stored(taken)
