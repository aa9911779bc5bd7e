"""Uploads at the moments that a killed server leaves behind, expired ones, and who may write."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import clock, config, storage
from server.domain import uploads as words
from server.domain.uploads import Declared
from server.errors import ChecksumMismatch, Conflict, Locked, MalformedRequest, NotFound
from server.models import Blob, Photo, PhotoContent, Upload, UploadRange
from server.services import blobs, photos, upload_locks, upload_ranges, uploads
from tests import factories
from tests.api.photo_calls import JPEG, sha256, told
from tests.cast import Cast, Person
from tests.clock import HandClock

HALF = len(JPEG) // 2


def create(person: Person, data: bytes = JPEG) -> uploads.Progress:
    return uploads.create(person.actor, Declared("p-1", sha256(data)), len(data), "")


def append(person: Person, offset: int, *blocks: bytes) -> uploads.Progress:
    return uploads.append(person.actor, "p-1", offset, blocks, announced=None)


def finish(person: Person) -> None:
    """As a phone does: ask where it is, and send the rest."""
    at = create(person).offset
    if at < len(JPEG):
        append(person, at, JPEG[at:])


def content() -> bytes:
    with storage.current().open(PhotoContent.get().object_key) as file:
        return file.read()


class Killed(BaseException):
    pass


def dying(after: bool, real: Any) -> Any:
    """A function in which the server is killed, before or after it has done its work."""

    def function(*arguments: Any, **named: Any) -> Any:
        if after:
            real(*arguments, **named)
        raise Killed

    return function


MOMENTS = [
    (module, name, after)
    for module, name in (
        (upload_ranges, "keep"),
        (upload_ranges, "_announced"),
        (blobs, "note"),
        (blobs, "keep"),
        (photos, "record"),
        (upload_ranges, "drop"),
        (upload_ranges, "forget"),
    )
    for after in (False, True)
]


@pytest.mark.parametrize(("module", "name", "after"), MOMENTS)
def test_killed_at_any_moment_it_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after: bool
) -> None:
    """Whether half was sent or all, the photo is there once in the end, and nothing else."""
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
    create(cast.sonia)
    with monkeypatch.context() as patch:
        patch.setattr(module, name, dying(after, getattr(module, name)))
        with suppress(Killed):
            append(cast.sonia, 0, JPEG[:HALF])
            append(cast.sonia, HALF, JPEG[HALF:])
    at = uploads.read(cast.sonia.actor, "p-1").offset
    assert (at == len(JPEG)) == (PhotoContent.select().count() == 1)
    finish(cast.sonia)
    assert content() == JPEG
    assert (Photo.get().state, told("photo.stored")) == ("stored", ["p-1"])
    HandClock(monkeypatch).forward(days=8)
    keys = [row.object_key for row in UploadRange.select()]
    uploads.collect()
    assert UploadRange.select().count() == Upload.select().count() == 0
    assert [storage.current().head(key) for key in keys] == [None] * len(keys)
    assert Blob.select().count() == 1


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_the_object_itself(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """Row, object, row: the object of a range that never counted is found by its first row."""
    create(cast.sonia)
    kind = type(storage.current())
    with monkeypatch.context() as patch:
        patch.setattr(kind, "put", dying(after, kind.put))
        with pytest.raises(Killed):
            append(cast.sonia, 0, JPEG[:HALF])
    row = UploadRange.get()
    assert (storage.current().head(row.object_key) is not None) == after
    assert uploads.read(cast.sonia.actor, "p-1").offset == 0
    clock_by_hand = HandClock(monkeypatch)
    uploads.collect()
    assert UploadRange.select().count() == 1
    clock_by_hand.forward(hours=2)
    uploads.collect()
    assert UploadRange.select().count() == 0
    assert storage.current().head(row.object_key) is None
    finish(cast.sonia)
    assert content() == JPEG


def test_expired_it_is_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = HandClock(monkeypatch)
    create(cast.sonia)
    hand.forward(days=6)
    append(cast.sonia, 0, JPEG[:HALF])
    hand.forward(days=6)
    assert uploads.collect() == 0
    assert uploads.read(cast.sonia.actor, "p-1").offset == HALF
    key = UploadRange.get().object_key
    hand.forward(days=2)
    with pytest.raises(NotFound):
        append(cast.sonia, HALF, JPEG[HALF:])
    assert uploads.collect() == 1
    assert Upload.select().count() == UploadRange.select().count() == 0
    assert storage.current().head(key) is None


def test_an_expired_upload_begins_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = HandClock(monkeypatch)
    create(cast.sonia)
    append(cast.sonia, 0, JPEG[:HALF])
    hand.forward(days=8)
    assert create(cast.sonia).offset == 0
    append(cast.sonia, 0, JPEG)
    assert content() == JPEG


# One writer.


def test_a_second_writer_is_refused(cast: Cast) -> None:
    create(cast.sonia)
    seen: list[int] = []

    def slowly() -> Iterator[bytes]:
        yield JPEG[:HALF]
        for attempt in (
            lambda: append(cast.sonia, 0, JPEG),
            lambda: uploads.terminate(cast.sonia.actor, "p-1"),
            lambda: create(cast.sonia, JPEG * 2),
        ):
            with pytest.raises(Locked) as refused:
                attempt()
            seen.append(int(refused.value.headers["Retry-After"]))
        yield JPEG[HALF:]

    uploads.append(cast.sonia.actor, "p-1", 0, slowly(), announced=None)
    assert len(seen) == 3
    assert all(1 <= seconds <= 1.5 * config.settings().silence for seconds in seen)
    assert content() == JPEG


def test_a_writer_that_lost_its_lease_writes_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was silent too long, or a clock was wrong; another came, and its bytes alone count."""
    create(cast.sonia)
    hand = HandClock(monkeypatch)

    def silent() -> Iterator[bytes]:
        yield bytes(100)
        hand.forward(seconds=1.5 * config.settings().silence + 1)
        append(cast.sonia, 0, JPEG[:HALF])

    with pytest.raises(Locked):
        uploads.append(cast.sonia.actor, "p-1", 0, silent(), announced=None)
    assert upload_ranges.offset(Upload.get().id) == HALF
    append(cast.sonia, HALF, JPEG[HALF:])
    assert content() == JPEG


def test_a_steady_writer_keeps_its_lease(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cast.sonia)
    hand, elapsed = HandClock(monkeypatch), [0.0]
    monkeypatch.setattr(clock, "elapsed", lambda: elapsed[0])
    refused = 0

    def slowly() -> Iterator[bytes]:
        nonlocal refused
        for start in range(0, HALF, 512):
            hand.forward(seconds=15)
            elapsed[0] += 15
            with suppress(Locked):
                append(cast.sonia, 0, JPEG)
                raise AssertionError("two writers")
            refused += 1
            yield JPEG[start : start + 512]

    uploads.append(cast.sonia.actor, "p-1", 0, slowly(), announced=None)
    assert refused == len(range(0, HALF, 512))


def test_a_lease_of_a_wrong_clock_is_none(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cast.sonia)
    Upload.update(writer="x", writer_until=clock.now() + timedelta(days=400)).execute()
    append(cast.sonia, 0, JPEG)
    assert content() == JPEG


def test_the_lease_outlives_a_silence() -> None:
    """Whoever falls silent just before a renewal is given up before another may write."""
    silence = config.settings().silence
    writer = upload_locks.Writer("u-1")
    assert writer.lease() > timedelta(seconds=silence * 1.25)


def test_bytes_come_again_without_saying_how_many(cast: Cast) -> None:
    create(cast.sonia)
    append(cast.sonia, 0, JPEG[:HALF])
    actor = cast.sonia.actor
    for again in (JPEG[:HALF], JPEG[: HALF - 1]):
        assert uploads.append(actor, "p-1", 0, [again], announced=None).offset == HALF
    append(cast.sonia, HALF, JPEG[HALF:])
    assert uploads.append(actor, "p-1", 0, [JPEG], announced=None).offset == len(JPEG)
    for other in (JPEG + b"!", JPEG[:-1] + b"!", b""):
        with pytest.raises(Conflict):
            uploads.append(actor, "p-1", 0, [other], announced=None)


def test_who_waits_is_done_when_the_upload_is(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cast.sonia)
    upload_id = Upload.get().id
    finish = Upload.update(finished_at=clock.now()).where(Upload.id == upload_id)
    with upload_locks.writing(upload_id) as writer:
        monkeypatch.setattr(clock, "pause", lambda seconds: finish.execute())
        upload_locks.Writer(upload_id).take(patient=True)
        assert Upload.get().writer == writer.name


def test_too_many_pieces_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_ranges, "MOST", 2)
    create(cast.sonia)
    for at in (0, 1):
        append(cast.sonia, at, JPEG[at : at + 1])
    with pytest.raises(upload_ranges.Conflict):
        append(cast.sonia, 2, JPEG[2:3])
    append(cast.sonia, 2, JPEG[2:])
    assert content() == JPEG


def test_a_row_that_comes_with_another_hash_refuses(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(cast.sonia)

    def late() -> Iterator[bytes]:
        yield JPEG
        factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256="ab" * 32)

    with pytest.raises(ChecksumMismatch):
        uploads.append(cast.sonia.actor, "p-1", 0, late(), announced=None)
    assert PhotoContent.select().count() == Upload.select().count() == 0


# Pure parts.


@given(st.from_regex(r"[A-Za-z0-9_.:-]{1,160}", fullmatch=True), st.binary())
def test_metadata_is_read_as_it_is_written(photo_id: str, data: bytes) -> None:
    said = Declared(photo_id, hashlib.sha256(data).hexdigest())
    assert words.declared(words.metadata_of(said)) == said


@given(st.text() | st.text("ab =,+/1\x00"))
def test_any_metadata_is_read_or_malformed(header: str) -> None:
    with suppress(MalformedRequest):
        words.pairs(header)
    with pytest.raises(MalformedRequest):
        words.declared(header)


@given(st.sampled_from(words.ALGORITHMS), st.binary(), st.integers(-3, 3))
def test_a_checksum_is_read_as_it_is_written(algorithm: str, data: bytes, wrong: int) -> None:
    """Or refused, where its digest is longer or shorter than the algorithm's."""
    digest = hashlib.new(algorithm, data).digest()
    digest = digest[:wrong] if wrong < 0 else digest + bytes(wrong)
    header = f"{algorithm} {base64.b64encode(digest).decode()}"
    if wrong:
        with pytest.raises(MalformedRequest):
            words.checksum(header)
    else:
        assert words.checksum(header) == words.Checksum(algorithm, digest)
