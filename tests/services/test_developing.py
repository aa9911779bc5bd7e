"""Photos developed by jobs: what is kept, what is rejected, what looks alike, what is forgotten."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jobs import drain
from server import clock, config, imaging, storage
from server.config import Settings
from server.domain.states import PhotoState, RevisionStatus
from server.errors import Unavailable
from server.models import (
    Blob,
    Event,
    Notice,
    Photo,
    PhotoContent,
    Picture,
    PictureBand,
    Rendering,
    VisitScore,
)
from server.services import blobs, developing, photos, scores
from tests import factories, pictures, programme
from tests.api.photo_calls import JPEG, told, touched
from tests.cast import Cast
from tests.pictures import develop_all, drawn, opened, state, store
from tests.programme import Programme, passed

HOSTILE_BUT_PICTURES = {
    "exif-corrupted.jpg",
    "pillow-exif_gps.jpg",
    "pillow-hopper.webp",
    "pillow-hopper_bad_exif.jpg",
}
"""Of these the metadata or the ending are broken; the picture can be read. `pheif-truncated.heic`
lacks one byte of its picture, and so is none of them."""


@pytest.fixture(params=["folder", "s3"])
def either_storage(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """The settings with each storage driver."""
    if request.param == "s3":
        env = request.getfixturevalue("s3").environment
        more = {"PROMESSA_DATA_DIR": str(settings.data_dir), "REDIS_URL": settings.redis_url}
        config.use(config.load(env | more))
    yield
    config.use(settings)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the clock by so many days."""

    def move(days: int) -> None:
        moment = clock.now() + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return move


def twins_of(photo_id: str) -> list[tuple[str, bool, str]]:
    """(photo, whether its bytes are the same, whose)"""
    found = Picture.get_by_id(photo_id).twins
    return [(twin, distance is None, whose) for twin, distance, whose in found]


def versions_of(photo_id: str) -> set[str]:
    return {row.version for row in Rendering.select().where(Rendering.photo_id == photo_id)}


def test_a_stored_photo_gets_its_versions(cast: Cast, either_storage: None) -> None:
    data = drawn(size=(2000, 1000))
    store(cast, "p-1", data)
    assert develop_all() == 1
    assert state("p-1") == ("stored", None)
    assert [opened("p-1", each).size for each in ("thumbnail", "web", "shared")] == [
        (320, 160),
        (1600, 800),
        (1600, 800),
    ]
    original = PhotoContent.get()
    with storage.current().open(original.object_key) as file:
        assert file.read() == data
    keys = {row.version: row.object_key for row in Rendering.select()}
    assert keys["web"] == keys["shared"]
    assert all(key.startswith(f"{cast.brand.id}/") for key in keys.values())
    assert {*keys.values(), original.object_key} == {blob.object_key for blob in Blob.select()}


def test_developing_twice_changes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the second worker is at it while the first one finishes."""
    store(cast, "p-1", drawn())
    develop = imaging.develop

    @contextmanager
    def overtaken(source: Any) -> Iterator[Any]:
        with develop(source) as made:
            monkeypatch.setattr(imaging, "develop", develop)
            developing.develop("p-1")
            yield made

    monkeypatch.setattr(imaging, "develop", overtaken)
    developing.develop("p-1")
    before = Picture.get()
    developing.develop("p-1")
    after = Picture.get()
    assert (before.shared_id, before.updated_at) == (after.shared_id, after.updated_at)
    assert (Rendering.select().count(), PictureBand.select().count()) == (3, 4)
    assert after.twins == []


def test_what_is_deleted_or_still_waits_is_not_developed(cast: Cast) -> None:
    store(cast, "p-1", drawn())
    Photo.update(deleted_at=clock.now()).execute()
    photos.put(cast.sonia.actor, "p-2", [JPEG], sha256=pictures.sha256(JPEG), length=None)
    for photo_id in ("p-1", "p-2", "p-3"):
        developing.develop(photo_id)
    assert Picture.select().count() == 0


def test_of_all_hostile_files_each_is_read_or_rejected_and_none_stops_the_rest(
    cast: Cast, shared: Path
) -> None:
    files = sorted((shared / "photos" / "hostile").iterdir())
    assert len(files) >= 11
    for file in files:
        store(cast, file.name, file.read_bytes())
    store(cast, "ordinary", drawn())
    assert develop_all() == len(files) + 1
    assert Event.select().where(Event.done_at.is_null()).count() == 0
    stored = {photo.id for photo in Photo.select().where(Photo.state == "stored")}
    assert stored == HOSTILE_BUT_PICTURES | {"ordinary"}
    rejected = list(Photo.select().where(Photo.state == "rejected"))
    assert all(photo.reason and "picture" in photo.reason for photo in rejected)
    noticed = {(notice.record, notice.code, notice.message) for notice in Notice.select()}
    assert noticed == {(f"photos/{photo.id}", "photo-rejected", photo.reason) for photo in rejected}
    assert {("photos", photo.id) for photo in rejected} <= touched(cast.sonia.account_id)
    assert {row.photo_id for row in Rendering.select()} == stored
    for photo_id in stored:
        assert pictures.segments(pictures.content(photo_id, "web")) <= {
            0xC0, 0xC4, 0xDB, 0xE0,
        }  # fmt: skip


def test_a_rejected_photo_keeps_its_bytes_and_no_score_waits_for_it(cast: Cast) -> None:
    spring = Programme(cast.brand)
    at = programme.store(cast.brand.id, "R1")
    visit = spring.revision(
        at, passed(4), shopper_id=cast.sonia.account_id, status=RevisionStatus.SUBMITTED,
        photos=("p-1", "p-2"),
    )  # fmt: skip
    store(cast, "p-1", b"<svg onload='x()'/>", report_id=visit.report_id)
    assert develop_all() == 1
    assert state("p-1")[0] == "rejected"
    assert PhotoContent.get().photo_id == "p-1"
    assert VisitScore.select().count() == 0
    store(cast, "p-2", drawn(), report_id=visit.report_id)
    drain.drain("photo.stored")
    assert [score.revision_id for score in VisitScore.select()] == [visit.id]
    assert told("picture.undeveloped") == ["p-1", "p-2"]


def test_a_score_waits_for_a_photo_whose_other_bytes_were_refused(cast: Cast) -> None:
    spring = Programme(cast.brand)
    visit = spring.revision(
        programme.store(cast.brand.id, "R1"), passed(4), status=RevisionStatus.SUBMITTED,
        photos=("p-1",),
    )  # fmt: skip
    factories.photo("p-1", cast.brand.id, "shopper-1", report_id=visit.report_id, state="rejected")
    assert not scores.score(visit.id)


def test_a_decoder_that_dies_rejects_one_photo_and_the_next_is_developed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    develop = imaging.develop

    def picky(source: Any) -> Any:
        if source.read(4) == b"DIE!":
            raise imaging.Refused("The picture is damaged: reading it was broken off.")
        return develop(source)

    monkeypatch.setattr(imaging, "develop", picky)
    store(cast, "p-1", b"DIE!")
    store(cast, "p-2", drawn())
    develop_all()
    assert (state("p-1")[0], state("p-2")[0]) == ("rejected", "stored")


def test_a_photo_that_is_killed_again_and_again_is_rejected_in_the_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once may be the machine's fault."""

    def killed(source: Any) -> Any:
        raise imaging.Failed("The picture is damaged: reading it was broken off.")

    monkeypatch.setattr(imaging, "develop", killed)
    store(cast, "p-1", drawn())
    for _ in range(developing.PATIENCE):
        assert develop_all() == 0
        assert state("p-1") == ("stored", None)
        Event.update(due_at=clock.now()).execute()
    assert develop_all() == 1
    assert state("p-1")[0] == "rejected"


def test_a_storage_that_does_not_answer_rejects_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(cast, "p-1", drawn())

    class Silent:
        def open(self, _: str) -> None:
            raise Unavailable("The photo storage does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "current", Silent)
        assert develop_all() == 0
    assert state("p-1") == ("stored", None)
    waiting = Event.get(Event.kind == "picture.undeveloped")
    assert (waiting.done_at, waiting.attempts) == (None, 1)
    Event.update(due_at=clock.now()).where(Event.id == waiting.id).execute()
    assert develop_all() == 1
    assert versions_of("p-1") == {"thumbnail", "web", "shared"}


# What looks alike.


def again(data: bytes, quality: int = 60, scale: float = 0.7) -> bytes:
    """The same picture, smaller and compressed once more."""
    picture = Image.open(io.BytesIO(data))
    size = (round(picture.width * scale), round(picture.height * scale))
    buffer = io.BytesIO()
    picture.resize(size).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def test_duplicates_of_earlier_photos_are_found_and_told_apart(cast: Cast) -> None:
    first = drawn(1)
    store(cast, "p-1", first, report_id="a.1")
    store(cast, "p-2", drawn(2), report_id="a.1")
    develop_all()
    store(cast, "p-3", first, report_id="b.1")
    store(cast, "p-4", again(first), cast.sergio, report_id="c.1")
    store(cast, "p-5", again(first, 50), report_id="a.1")
    develop_all()
    assert twins_of("p-1") == twins_of("p-2") == []
    assert twins_of("p-3") == [("p-1", True, "shopper")]
    assert twins_of("p-4") == [("p-1", False, "other"), ("p-3", False, "other")]
    assert {twin[0] for twin in twins_of("p-5")} == {"p-1", "p-3", "p-4"}
    assert ("p-1", False, "report") in twins_of("p-5")


def test_another_brands_and_deleted_photos_are_no_duplicates(cast: Cast) -> None:
    data = drawn()
    store(cast, "p-1", data)
    develop_all()
    Picture.update(brand_id=cast.other_brand.id).execute()
    PictureBand.update(brand_id=cast.other_brand.id).execute()
    store(cast, "p-2", data)
    develop_all()
    Photo.update(deleted_at=clock.now()).where(Photo.id == "p-2").execute()
    store(cast, "p-3", again(data))
    develop_all()
    assert twins_of("p-2") == twins_of("p-3") == []


def test_a_lookup_reads_no_more_rows_than_its_bound(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many look alike: here all."""
    monkeypatch.setattr(developing, "_CANDIDATES", 2)
    data = drawn()
    for number in range(5):
        store(cast, f"p-{number}", again(data, 60 + number))
    develop_all()
    assert len(twins_of("p-4")) == 2


# What goes.


def test_versions_go_with_their_photo(cast: Cast, later: Any, either_storage: None) -> None:
    store(cast, "p-1", drawn(1))
    store(cast, "p-2", drawn(2))
    develop_all()
    keys = {row.object_key for row in Rendering.select().where(Rendering.photo_id == "p-1")}
    later(40)
    assert (developing.forget_deleted(), photos.collect_blobs()) == (0, 0)
    Photo.update(deleted_at=clock.now()).where(Photo.id == "p-1").execute()
    later(31)
    photos.collect_blobs()
    assert developing.forget_deleted() == 1
    photos.collect_blobs()
    assert {row.photo_id for row in Rendering.select()} == {"p-2"}
    assert {row.photo_id for row in PictureBand.select()} == {"p-2"}
    assert [storage.current().head(key) for key in keys] == [None] * len(keys)
    assert Blob.select().where(Blob.object_key.in_(keys)).count() == 0
    assert opened("p-2", "web").size == (640, 480)


def test_an_object_that_something_names_is_not_forgotten(cast: Cast) -> None:
    store(cast, "p-1", drawn())
    develop_all()
    keys = [row.object_key for row in Rendering.select()] + [PhotoContent.get().object_key]
    assert [blobs.forget(key) for key in [*keys, None, "b/ab/none"]] == [False] * (len(keys) + 2)
    assert PhotoState(Photo.get().state) == PhotoState.STORED
    Rendering.delete().where(Rendering.version == "thumbnail").execute()
    gone = next(key for key in keys if key not in {row.object_key for row in Rendering.select()})
    assert blobs.forget(gone)
    assert storage.current().head(gone) is None
