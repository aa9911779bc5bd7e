"""Slots: who waits lends theirs, and takes it back before all else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server import slots


def test_a_slot_is_taken_back_before_what_its_holder_may_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who took a connection back first would hold it while waiting for a slot, and each slot's
    holder might wait for just that connection. Who only collects lends once for all their waits."""
    seen: list[bool] = []

    @contextmanager
    def connection() -> Iterator[None]:
        yield
        seen.append(slots._mine.held)

    monkeypatch.setattr(slots, "_slots", threading.Semaphore(1))
    monkeypatch.setattr(slots, "_lent_too", [connection])
    with slots.held():
        with slots.lent():
            assert not slots._mine.held
        with slots.collecting():
            for _ in range(3):
                with slots.lent():
                    assert not slots._mine.held
        assert slots._mine.held
    assert seen == [True, True]
