"""How many requests a process works on at once. Who only waits, for the bytes of a slow line or
for another request, lends their slot meanwhile: that wait costs a thread, and nobody's turn."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

_slots: threading.Semaphore | None = None
_mine = threading.local()
_lent_too: list[Callable[[], AbstractContextManager[None]]] = []


def limit(count: int) -> None:
    """From now on this process has so many; without a call there is no limit."""
    global _slots
    _slots = threading.Semaphore(count)


def lend_too(released: Callable[[], AbstractContextManager[None]]) -> None:
    """What else a thread gives up while it lends its slot, within this context manager."""
    _lent_too.append(released)


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
    """Wait for something, while another request may use the slot of this thread, if it has one,
    and its connection of the database. Within `collecting` both stay lent until its end."""
    if getattr(_mine, "lent", False):
        yield
        return
    collected: ExitStack | None = getattr(_mine, "collected", None)
    if collected is not None:
        _mine.lent = True
        _lend(collected)
        yield
        return
    with ExitStack() as stack:
        _lend(stack)
        yield


@contextmanager
def collecting() -> Iterator[None]:
    """Only take in what comes: a line that gives a byte now and then would otherwise take a slot
    and a connection for each."""
    with ExitStack() as stack:
        _mine.collected = stack
        try:
            yield
        finally:
            _mine.collected, _mine.lent = None, False


def _lend(stack: ExitStack) -> None:
    """Until the end of `stack`. What else was lent is taken back last: who waits for a slot while
    they hold what its holder waits for would wait for ever."""
    for released in _lent_too:
        stack.enter_context(released())
    if getattr(_mine, "held", False):
        _give()
        stack.callback(_take)


def _take() -> None:
    if _slots is not None:
        _slots.acquire()
        _mine.held = True


def _give() -> None:
    if _slots is not None:
        _mine.held = False
        _slots.release()
