"""Developing photos: jobs make a picture of the bytes, and what stores see of it.

Every function may run twice, and at the same time. A photo that is no picture is rejected, and its
phone hears why; its bytes are kept for the reviewer. A storage that does not answer is an error:
the event comes again.
"""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import msgspec

from server import clock, imaging, storage
from server.db import atomic, serialize
from server.domain import pictures
from server.domain.pictures import Facts, Mark, Twin
from server.domain.states import PhotoState
from server.models import Event, Photo, PhotoContent, Picture, PictureBand, Rendering
from server.services import blobs, events, feeds, notices
from server.services.spooling import Spooled

THUMBNAIL, WEB, SHARED = "thumbnail", "web", "shared"
VERSIONS = (THUMBNAIL, WEB, SHARED)

PATIENCE = 6
"""How often a photo is tried whose reading was broken off, within some minutes, before that is
taken for its own fault."""

_CANDIDATES = 1000
_TWINS = 20
_FORGOTTEN_AT_ONCE = 500
_ID_BYTES = 16


def begin(event: Event) -> None:
    """Leave the event that develops a photo: in a queue of its own, after all that scores."""
    events.emit("picture.undeveloped", event.subject_id, event.brand_id)


def develop(photo_id: str, *, patient: bool = True) -> None:
    """Read a stored photo's picture, keep its versions, and look for those like it; or reject the
    photo. What may be the machine's fault is an error as long as one is `patient`."""
    found = _undeveloped(photo_id)
    if found is None:
        return
    photo, content = found
    try:
        with _object(content.object_key) as source, imaging.develop(source) as developed:
            facts = developed.facts
            kept = [
                _kept(photo, THUMBNAIL, developed.thumbnail),
                web := _kept(photo, WEB, developed.web),
                web | {"version": SHARED},
            ]
    except (imaging.Refused, imaging.Failed) as error:
        if patient and isinstance(error, imaging.Failed):
            raise
        _reject(photo_id, content.sha256, error.reason)
        return
    with atomic():
        serialize(f"pictures {photo.brand_id}")
        found = _undeveloped(photo_id)
        if found is not None:
            _record(*found, facts, kept)


def draw(event: Event) -> None:
    """Draw anew what stores see of a picture, after its marks were changed; the former drawing,
    `event.detail["former"]`, is deleted at once."""
    photo, picture = _pictured(event.subject_id)
    if picture is not None and photo is not None:
        drawn = _drawn(photo, picture)
        with atomic():
            serialize(f"picture {picture.id}")
            _, present = _pictured(picture.id)
            if present is not None and present.version == picture.version:
                _write_renderings([drawn])
    blobs.forget((event.detail or {})["former"])


def forget_deleted() -> int:
    """Forget the pictures of photos whose bytes are gone, some at a time; how many. Their objects
    go with the blobs."""
    kept = PhotoContent.select(PhotoContent.photo_id)
    orphans: Any = Picture.select().where(Picture.id.not_in(kept)).limit(_FORGOTTEN_AT_ONCE)
    with atomic():
        return forget(list(orphans))


def forget(gone: list[Picture]) -> int:
    """Forget these pictures, their versions and their hashes."""
    ids = [picture.id for picture in gone]
    for table in (Rendering, PictureBand):
        table.delete().where(table.photo_id.in_(ids)).execute()
    return int(Picture.delete().where(Picture.id.in_(ids)).execute())


def _undeveloped(photo_id: str) -> tuple[Photo, PhotoContent] | None:
    photo = Photo.get_or_none(Photo.id == photo_id, Photo.deleted_at.is_null())
    content = PhotoContent.get_or_none(PhotoContent.photo_id == photo_id, ~PhotoContent.waiting)
    if photo is None or content is None or content.shopper_id != photo.shopper_id:
        return None
    if photo.state != PhotoState.STORED or photo.developed_at is not None:
        return None
    return photo, content


def _pictured(photo_id: str) -> tuple[Photo | None, Picture | None]:
    picture = Picture.get_or_none(Picture.id == photo_id)
    return Photo.get_or_none(Photo.id == photo_id), picture


@contextmanager
def _object(object_key: str) -> Iterator[IO[bytes]]:
    """A local copy: another process is to read it, and a store's stream has no file."""
    with tempfile.TemporaryFile() as file:
        with storage.current().open(object_key) as source:
            shutil.copyfileobj(source, file)
        file.seek(0)
        yield file


def _kept(photo: Photo, version: str, file: IO[bytes]) -> dict[str, Any]:
    """Make a version durable; the columns of its rendering."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    size = file.seek(0, 2)
    file.seek(0)
    spooled = Spooled(file, size, digest, "image/jpeg")
    key = blobs.keep(spooled, brand_id=photo.brand_id, shopper_id=photo.shopper_id)
    return {
        "photo_id": photo.id,
        "version": version,
        "object_key": key,
        "bytes": size,
        "created_at": clock.now(),
    }


def _drawn(photo: Photo, picture: Picture) -> dict[str, Any]:
    """The columns of what stores see by the picture's present marks."""
    web = Rendering.get(Rendering.photo_id == photo.id, Rendering.version == WEB)
    if not picture.marks:
        return {**web.__data__, "version": SHARED, "created_at": clock.now()}
    marks = msgspec.convert(picture.marks, list[Mark])
    with _object(web.object_key) as source, imaging.blur(source, marks) as blurred:
        return _kept(photo, SHARED, blurred)


def _record(photo: Photo, content: PhotoContent, facts: Facts, kept: list[dict[str, Any]]) -> None:
    now = clock.now()
    twins = _twins(photo, content.sha256, facts.hash)
    Picture.create(
        id=photo.id,
        created_at=now,
        updated_at=now,
        brand_id=photo.brand_id,
        sha256=content.sha256,
        # By chance, as ids that rise with time would tell stores when it was taken.
        shared_id=secrets.token_hex(_ID_BYTES),
        facts=msgspec.to_builtins(facts),
        twins=[list(twin) for twin in twins],
        marks=[],
    )
    _write_renderings(kept)
    if facts.hash is not None:
        PictureBand.insert_many(
            {"brand_id": photo.brand_id, "band": band, "photo_id": photo.id}
            for band in pictures.bands(facts.hash)
        ).execute()
    Photo.update(developed_at=now).where(Photo.id == photo.id).execute()


def _write_renderings(rows: list[dict[str, Any]]) -> None:
    Rendering.insert_many(rows).on_conflict(
        conflict_target=[Rendering.photo_id, Rendering.version],
        preserve=[Rendering.object_key, Rendering.bytes, Rendering.created_at],
    ).execute()


def _twins(photo: Photo, sha256: str, picture_hash: str | None) -> list[Twin]:
    """The brand's photos that were developed before and look the same, the nearest first. Both
    lookups go by an index, and look at a bounded number of rows."""
    same = _others(photo).where(Picture.sha256 == sha256).limit(_TWINS)
    found = {row.id: Twin(row.id, None, _whose(row, photo)) for row in same}
    for row in _alike(photo, picture_hash) if picture_hash else ():
        distance = pictures.differing(row.facts["hash"], picture_hash or "")
        if row.id not in found and distance <= pictures.NEAR:
            found[row.id] = Twin(row.id, distance, _whose(row, photo))
    return sorted(found.values(), key=lambda twin: (twin.distance or 0, twin.photo_id))[:_TWINS]


def _others(photo: Photo) -> Any:
    return (
        Picture.select(Picture.id, Picture.facts, Photo.report_id, Photo.shopper_id)
        .join(Photo, on=Photo.id == Picture.id)
        .where(
            Picture.brand_id == photo.brand_id, Picture.id != photo.id, Photo.deleted_at.is_null()
        )
        .objects()
    )


def _alike(photo: Photo, picture_hash: str) -> Any:
    """Those that share a probed band; each has at most a row for each of the four."""
    near = PictureBand.select(PictureBand.photo_id).where(
        PictureBand.brand_id == photo.brand_id,
        PictureBand.band.in_(pictures.probes(picture_hash)),
    )
    found = Picture.id.in_(near.limit(_CANDIDATES * pictures.BANDS))
    return _others(photo).where(found).limit(_CANDIDATES)


def _whose(row: Any, photo: Photo) -> str:
    if row.report_id == photo.report_id:
        return "report"
    return "shopper" if row.shopper_id == photo.shopper_id else "other"


def _reject(photo_id: str, sha256: str, reason: str) -> None:
    found = _undeveloped(photo_id)
    if found is None:
        return
    shopper_id = found[0].shopper_id
    with atomic():
        seq = feeds.lock([shopper_id])[shopper_id].seq
        found = _undeveloped(photo_id)
        if found is None or found[1].sha256 != sha256:
            return
        now = clock.now()
        Photo.update(
            state=str(PhotoState.REJECTED), reason=reason, developed_at=now, updated_at=now
        ).where(Photo.id == photo_id).execute()
        notice = notices.notify(shopper_id, f"photos/{photo_id}", "photo-rejected", reason)
        feeds.record({shopper_id: seq}, {shopper_id: [("photos", photo_id), notice]})
