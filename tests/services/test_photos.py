"""What becomes of photos' bytes afterwards: discarded, collected, settled again."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import clock, storage
from server.api import digests
from server.domain.photos import UNKNOWN, filename, served_as, sniffed
from server.errors import MalformedRequest, NotFound, Unavailable
from server.models import Blob, Photo, PhotoContent
from server.services import blobs, photos
from tests import factories
from tests.api.photo_calls import JPEG, digest, sha256, told
from tests.cast import Cast, Person

DAY = timedelta(days=1)


def put(person: Person, photo_id: str, data: bytes = JPEG) -> None:
    photos.put(person.actor, photo_id, [data], sha256=sha256(data), length=None)


def stored(object_key: str) -> bool:
    return storage.current().head(object_key) is not None


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the clock by so many days."""

    def move(days: int) -> None:
        moment = clock.now() + days * DAY
        monkeypatch.setattr(clock, "now", lambda: moment)

    return move


def test_bytes_wait_thirty_days_for_their_row(cast: Cast, later: Any) -> None:
    put(cast.sonia, "p-1")
    object_key = PhotoContent.get().object_key
    later(29)
    assert (photos.discard_waiting(), photos.collect_blobs()) == (0, 0)
    assert stored(object_key)
    later(2)
    assert (photos.discard_waiting(), photos.collect_blobs()) == (1, 1)
    assert PhotoContent.select().count() == Blob.select().count() == 0
    assert not stored(object_key)


def test_bytes_whose_row_came_are_never_discarded(cast: Cast, later: Any) -> None:
    put(cast.sonia, "p-1")
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    later(40)
    assert (photos.discard_waiting(), photos.collect_blobs()) == (0, 0)
    photos.settle("p-1")
    assert Photo.get().state == "stored"


def test_what_a_photo_names_is_never_collected(cast: Cast, later: Any) -> None:
    for photo_id in ("p-1", "p-2"):
        factories.photo(photo_id, cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
        put(cast.sonia, photo_id)
    object_key = Blob.get().object_key
    Photo.update(deleted_at=clock.now()).where(Photo.id == "p-1").execute()
    later(40)
    assert photos.collect_blobs() == 0
    assert stored(object_key)
    assert [content.photo_id for content in PhotoContent.select()] == ["p-2"]


def test_a_deleted_photos_blob_lives_thirty_days(cast: Cast, later: Any) -> None:
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    put(cast.sonia, "p-1")
    object_key = Blob.get().object_key
    later(40)
    Photo.update(deleted_at=clock.now()).execute()
    later(29)
    assert photos.collect_blobs() == 0
    assert stored(object_key)
    later(2)
    assert photos.collect_blobs() == 1
    assert not stored(object_key)


def test_the_waiting_copy_outlives_its_settling_by_thirty_days(cast: Cast, later: Any) -> None:
    put(cast.sonia, "p-1")
    waiting = PhotoContent.get().object_key
    later(20)
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    photos.settle("p-1")
    later(29)
    assert photos.collect_blobs() == 0
    assert stored(waiting)
    later(2)
    assert photos.collect_blobs() == 1
    assert not stored(waiting)
    assert stored(PhotoContent.get().object_key)


def test_an_object_whose_upload_was_killed_is_collected(
    cast: Cast, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the object was durable, before its photo was written."""

    class Killed(BaseException):
        pass

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(photos, "record", kill)
        with pytest.raises(Killed):
            put(cast.sonia, "p-1")
    object_key = Blob.get().object_key
    assert stored(object_key)
    assert PhotoContent.select().count() == 0
    later(31)
    assert photos.collect_blobs() == 1
    assert not stored(object_key)


def test_an_upload_keeps_the_collector_away(cast: Cast, later: Any) -> None:
    """The same bytes come again for an old object that nothing names."""
    blobs.note("b/ab/cd", "cd", 1)
    later(31)
    blobs.note("b/ab/cd", "cd", 1)
    assert photos.collect_blobs() == 0


def test_an_upload_waits_for_the_collector(
    cast: Cast, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collector is at just those bytes; it dies, and its next run finishes the work."""
    put(cast.sonia, "p-1")
    object_key = PhotoContent.get().object_key
    later(31)
    photos.discard_waiting()

    class Silent:
        def delete(self, _: str) -> None:
            raise Unavailable("The photo storage does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "current", Silent)
        with pytest.raises(Unavailable):
            photos.collect_blobs()
    with pytest.raises(Unavailable, match="being deleted"):
        put(cast.sonia, "p-1")
    assert photos.collect_blobs() == 1
    put(cast.sonia, "p-1")
    assert stored(object_key)


def test_a_collector_that_died_is_passed_over(cast: Cast, later: Any) -> None:
    blobs.note("b/ab/cd", "cd", 1)
    Blob.update(collecting_since=clock.now()).execute()
    with pytest.raises(Unavailable):
        blobs.note("b/ab/cd", "cd", 1)
    later(1)
    blobs.note("b/ab/cd", "cd", 1)
    assert Blob.get().collecting_since is None
    assert photos.collect_blobs() == 0


def test_settling_what_is_not_there_does_nothing(cast: Cast) -> None:
    photos.settle("p-1")
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id)
    photos.settle("p-1")
    assert Photo.get().state == "declared"
    assert told("photo.stored") == []


def test_a_row_that_comes_while_the_bytes_do_wakes_the_settling(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = blobs.keep

    def keep_slowly(*arguments: Any, **named: Any) -> str:
        factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
        return keep(*arguments, **named)

    monkeypatch.setattr(blobs, "keep", keep_slowly)
    put(cast.sonia, "p-1")
    assert told("photo.waiting") == ["p-1"]
    photos.settle("p-1")
    assert Photo.get().state == "stored"


def test_a_row_that_goes_while_the_bytes_come_refuses_them(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    keep = blobs.keep

    def keep_slowly(*arguments: Any, **named: Any) -> str:
        Photo.update(deleted_at=row.created_at).execute()
        return keep(*arguments, **named)

    monkeypatch.setattr(blobs, "keep", keep_slowly)
    with pytest.raises(NotFound):
        put(cast.sonia, "p-1")
    assert PhotoContent.select().count() == 0


# Pure parts.


@given(st.binary(max_size=64))
def test_a_digest_is_read_as_it_is_written(data: bytes) -> None:
    assert digests.sha256_of(digest(data)["Repr-Digest"]) == hashlib.sha256(data).hexdigest()


@given(st.text() | st.text("sha-256=:,; AB/+=1").map("sha-256=:".__add__))
def test_any_header_is_a_digest_or_malformed(header: str) -> None:
    try:
        found = digests.sha256_of(header)
    except MalformedRequest:
        return
    assert len(bytes.fromhex(found)) == 32


@given(st.binary())
def test_only_four_types_are_named(head: bytes) -> None:
    assert sniffed(head) in {"image/jpeg", "image/png", "image/heic", "image/webp", UNKNOWN}
    assert served_as(sniffed(head)) == sniffed(head)


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "image/gif", "IMAGE/JPEG", "", None]
)
def test_no_other_type_is_served(kind: str | None) -> None:
    assert served_as(kind) == UNKNOWN


def test_a_download_has_a_name_that_says_nothing() -> None:
    name = filename("sonia-milano-2026", "image/heic")
    assert name == filename("sonia-milano-2026", "image/heic")
    assert name.endswith(".heic")
    assert "sonia" not in name
    assert name != filename("p-2", "image/heic")
