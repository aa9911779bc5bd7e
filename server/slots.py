"""How many requests a process works on at once. Who only waits, for the bytes of a slow line or
for another request, lends their slot meanwhile: that wait costs a thread, and nobody's turn."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_slots: threading.Semaphore | None = None
_mine = threading.local()


def limit(count: int) -> None:
    """From now on this process has so many; without a call there is no limit."""
    global _slots
    _slots = threading.Semaphore(count)


@contextmanager
def held() -> Iterator[None]:
    """Work on a request: waits for a slot."""
    _take()
    try:
        yield
    finally:
        _give()


@contextmanager
def lent() -> Iterator[None]:
    """Wait for something, while another request may use the slot of this thread, if it has one.
    Hold no connection of the database then, as there are not many more of these than slots."""
    if not getattr(_mine, "held", False):
        yield
        return
    _give()
    try:
        yield
    finally:
        _take()


def _take() -> None:
    if _slots is not None:
        _slots.acquire()
        _mine.held = True


def _give() -> None:
    if _slots is not None:
        _mine.held = False
        _slots.release()
