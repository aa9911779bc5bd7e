"""Objects of the storage and their rows. The row is committed first, then the object is put, and
only then may a photo's row speak of it: killed at any point this leaves at most an object that
nothing names, and `collect` finds it by its row."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from server import clock, storage
from server.db import atomic, database, kept
from server.errors import Unavailable
from server.models import Blob, PhotoContent, Rendering
from server.services.spooling import Spooled

UNNAMED = timedelta(days=30)
"""How long an object that nothing names is kept, so that a restored database finds it."""

_STUCK = timedelta(hours=1)
_WAITING = "waiting"


def key(sha256: str, *, brand_id: str | None, shopper_id: str) -> str:
    """Where those bytes lie: with the brand, or with the shopper while the brand is not known."""
    place = brand_id or f"{_WAITING}/{shopper_id}"
    return f"{place}/{sha256[:2]}/{sha256}"


def keep(spooled: Spooled, *, brand_id: str | None, shopper_id: str) -> str:
    """Make the bytes durable and give their key. Outside any transaction: a store may be slow."""
    object_key = key(spooled.sha256, brand_id=brand_id, shopper_id=shopper_id)
    note(object_key, spooled.sha256, spooled.bytes)
    storage.current().put(object_key, spooled.file, size=spooled.bytes, sha256=spooled.sha256)
    return object_key


def note(object_key: str, sha256: str, size: int) -> None:
    """Write the row of an object that is about to be put. Unavailable while the collector is
    deleting just that one; a collector that died at it is passed over after an hour."""
    now = clock.now()
    values = (object_key, sha256, size, clock.to_ms(now), clock.to_ms(now - _STUCK))
    with atomic():
        taken = database.execute_sql(kept(_noting), values).fetchone()
    if not taken:
        raise Unavailable("An old copy of these bytes is just being deleted: send them again.")


def _noting() -> Any:
    """Of a row that is there, only where nobody collects it; then no row comes back."""
    given = (Blob.object_key, Blob.sha256, Blob.bytes, Blob.created_at)
    free = Blob.collecting_since.is_null() | (Blob.collecting_since < 0)
    return (
        Blob.insert_many([("", "", 0, 0)], given)
        .on_conflict(
            conflict_target=[Blob.object_key],
            preserve=[Blob.created_at, Blob.collecting_since],
            where=free,
        )
        .returning(Blob.object_key)
    )


def let_go(object_key: str) -> None:
    """Begin the object's last days, unless something else names it."""
    Blob.update(created_at=clock.now()).where(Blob.object_key == object_key).execute()


def abandon(object_keys: list[str]) -> None:
    """Leave these objects to `collect`'s next run, without any last days, unless something names
    them. Within the transaction that lets go of them: whatever dies afterwards, they go."""
    long_ago = clock.from_ms(0)
    Blob.update(created_at=long_ago).where(Blob.object_key.in_(object_keys)).execute()


def forget(object_key: str | None) -> bool:
    """Delete an object at once, unless something names it; whether it is gone. For what must not
    be read any more; a storage that does not answer leaves it to `collect`'s next run."""
    now = clock.now()
    free = (Blob.object_key == object_key) & Blob.collecting_since.is_null() & _unnamed()
    with atomic():
        taken = Blob.update(collecting_since=now).where(free).execute()
    return bool(taken) and _delete(str(object_key), now)


def collect(most: int) -> int:
    """Delete objects that nothing has named for 30 days; how many. No transaction is open while
    the store works: a mark keeps uploads of the same bytes away meanwhile."""
    _mark(most)
    return sum(_delete(object_key, since) for object_key, since in _marked(most))


def _mark(most: int) -> None:
    now = clock.now()
    unnamed = (Blob.created_at < now - UNNAMED) & Blob.collecting_since.is_null() & _unnamed()
    some = Blob.select(Blob.object_key).where(unnamed).limit(most)
    with atomic():
        Blob.update(collecting_since=now).where(unnamed, Blob.object_key.in_(some)).execute()


def _unnamed() -> Any:
    """A condition on `Blob`: no photo's bytes, and no version of a picture."""
    return Blob.object_key.not_in(
        PhotoContent.select(PhotoContent.object_key)
    ) & Blob.object_key.not_in(Rendering.select(Rendering.object_key))


def _marked(most: int) -> Iterator[tuple[str, Any]]:
    """Those of a collector that was killed are among them."""
    marked = Blob.select().where(Blob.collecting_since.is_null(False)).limit(most)
    for blob in list(marked):
        yield blob.object_key, blob.collecting_since


def _delete(object_key: str, since: Any) -> bool:
    storage.current().delete(object_key)
    with atomic():
        gone = Blob.delete().where(Blob.object_key == object_key, Blob.collecting_since == since)
        return bool(gone.execute())
