"""One writer per upload: a lease in the upload's row, renewed as bytes come in.

No connection is held between its beginnings, and a writer that is killed lets go when the lease
ends. Clocks only say how long others wait: what a writer did counts in a transaction that finds it
still named, so two that take each other for dead do no harm.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import peewee

from server import clock, config, slots
from server.db import atomic, connected
from server.errors import Locked, TooLarge
from server.models import Upload

_STORING = timedelta(seconds=30)
"""How long a slow store may take at most."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 0.5

_NONSENSE = timedelta(minutes=10)
"""No lease is as long: its end was written by a clock that is wrong."""


class Writer:
    """The one who may write to an upload."""

    def __init__(self, upload_id: str) -> None:
        self.upload_id = upload_id
        self.name = clock.new_id()
        self._silence = config.settings().silence
        self._renewed = clock.elapsed()

    def take(self, *, patient: bool = False) -> None:
        """Become the writer, unless the upload is finished meanwhile: then nobody needs to be. Who
        is patient waits for as long as the lease of a dead writer may last, and holds neither a
        connection nor a turn. Locked."""
        patience = self.lease().total_seconds() if patient else 0.0
        until, pause = clock.elapsed() + patience, _FIRST_PAUSE
        with connected():
            taken = self._take()
            while not taken:
                upload = Upload.get_or_none(Upload.id == self.upload_id)
                if upload is not None and upload.finished_at is not None:
                    return
                if upload is None or clock.elapsed() >= until:
                    raise locked(upload)
                with slots.lent():
                    clock.pause(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)
                # To look costs less than to try: on SQLite those who write take turns.
                taken = self._is_free() and self._take()

    def keep(self, span: timedelta = _STORING) -> None:
        """Stay the writer for that long. Locked: another has taken over."""
        with connected(), atomic():
            if not self._write(Upload.writer == self.name, span):
                raise Locked("Another request has taken this upload over: ask how far it is.")

    def within(self) -> Any:
        """The condition that the upload is still this writer's."""
        return (Upload.id == self.upload_id) & (Upload.writer == self.name)

    def following(self, blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
        """`blocks`, with the lease renewed as time passes. TooLarge beyond `most` bytes."""
        size = 0
        for block in blocks:
            size += len(block)
            if size > most:
                raise TooLarge("More bytes came than Upload-Length leaves room for.")
            if clock.elapsed() - self._renewed > self._silence / 4:
                self.keep(self.lease())
            yield block

    def let_go(self) -> None:
        """Stop being the writer. If the database does not answer, the lease's end does it."""
        with suppress(peewee.DatabaseError), connected(), atomic():
            Upload.update(writer=None, writer_until=None).where(self.within()).execute()

    def _is_free(self) -> bool:
        return bool(Upload.select().where(Upload.id == self.upload_id, free(clock.now())).exists())

    def _take(self) -> bool:
        with atomic():
            return self._write(free(clock.now()), self.lease())

    def _write(self, condition: Any, span: timedelta) -> bool:
        self._renewed = clock.elapsed()
        changed = Upload.update(writer=self.name, writer_until=clock.now() + span).where(
            Upload.id == self.upload_id, condition
        )
        return bool(changed.execute())

    def lease(self) -> timedelta:
        """How long it is taken for: longer than a silence that begins just before a renewal."""
        return timedelta(seconds=1.5 * self._silence)


@contextmanager
def writing(upload_id: str, *, patient: bool = False) -> Iterator[Writer]:
    """Be the writer of that upload, or find it finished. Locked."""
    writer = Writer(upload_id)
    writer.take(patient=patient)
    try:
        yield writer
    finally:
        writer.let_go()


def free(now: Any) -> Any:
    """The condition that nobody writes to an upload."""
    ended = (Upload.writer_until < now) | (Upload.writer_until > now + _NONSENSE)
    return Upload.writer.is_null() | ended


def locked(upload: Upload | None) -> Locked:
    """The problem of who comes second; None is an upload that is gone meanwhile."""
    until = (upload and upload.writer_until) or clock.now()
    seconds = math.ceil((until - clock.now()).total_seconds())
    longest = math.ceil(_STORING.total_seconds())
    return Locked(
        "Another request is writing to this upload: wait, ask how far it is, and go on there.",
        retry_after=min(max(seconds, 1), longest),
    )
