"""jobs.drain and jobs.sweep in one process: what is handled, what is put off, what is retried."""

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest

from jobs import drain, registry, sweep
from server import clock, queue
from server.db import database
from server.models import Brand, Event, Wave
from server.services import events
from tests import factories
from tests.jobs.conftest import eventually

KIND = "test.happened"


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The handlers of KIND, to be filled by the test."""
    own: list[Any] = []
    monkeypatch.setitem(registry.HANDLERS, KIND, own)  # type: ignore[arg-type]
    return own


def undone() -> list[str]:
    return [event.subject_id for event in Event.select().where(Event.done_at.is_null())]


def happened(*subjects: str) -> None:
    events.emit_many(KIND, list(subjects))


def make_due() -> None:
    Event.update(due_at=clock.now()).where(Event.done_at.is_null()).execute()


def leave_trace(event: Event) -> None:
    """A handler whose effect can be counted."""
    factories.brand(event.subject_id)


def traces() -> list[str]:
    return sorted(brand.name for brand in Brand.select())


def test_every_due_event_is_handled_once_however_many(database: str, handlers: list[Any]) -> None:
    handlers.append(leave_trace)
    subjects = [f"s{number:03}" for number in range(drain.BATCH * 2 + 1)]
    happened(*subjects)
    assert drain.drain(KIND) == len(subjects)
    assert drain.drain(KIND) == 0
    assert traces() == subjects
    assert undone() == []


def test_events_of_other_kinds_and_of_later_are_left(database: str, handlers: list[Any]) -> None:
    handlers.append(leave_trace)
    happened("now", "later")
    events.emit("test.other", "other")
    later = clock.now() + timedelta(hours=1)
    Event.update(due_at=later).where(Event.subject_id == "later").execute()
    assert drain.drain(KIND) == 1
    assert traces() == ["now"]


def test_a_failing_event_stops_no_other_and_leaves_no_trace(
    database: str, handlers: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    def fail_on_b(event: Event) -> None:
        if event.subject_id == "b":
            raise ValueError("b is \x00 broken")

    handlers += [leave_trace, fail_on_b]
    happened("a", "b", "c")
    assert drain.drain(KIND) == 2
    assert traces() == ["a", "c"]
    event = Event.get(Event.subject_id == "b")
    assert (event.attempts, event.error, event.done_at) == (1, "ValueError: b is  broken", None)
    assert event.due_at > clock.now()
    assert "test.happened of b failed" in caplog.text


def test_a_failed_statement_does_not_spoil_the_batch(database: str, handlers: list[Any]) -> None:
    """On PostgreSQL an error aborts the transaction, unless a savepoint catches it."""

    def break_a_key(event: Event) -> None:
        leave_trace(event)
        if event.subject_id == "b":
            Event.create(id=event.id, kind=KIND, subject_id="x", created_at=0, due_at=0)

    handlers.append(break_a_key)
    happened("a", "b", "c")
    assert drain.drain(KIND) == 2
    assert traces() == ["a", "c"]
    assert undone() == ["b"]


def test_failures_come_again_later_each_time_and_succeed_once(
    database: str, handlers: list[Any]
) -> None:
    delays: list[timedelta] = []
    broken = [True] * 14

    def mend_in_the_end(event: Event) -> None:
        leave_trace(event)
        if broken:
            broken.pop()
            raise RuntimeError("not yet")

    handlers.append(mend_in_the_end)
    happened("a")
    while undone():
        before = clock.now()
        drain.drain(KIND)
        delays.append(Event.get().due_at - before)
        make_due()
    assert [round(delay.total_seconds(), -1) for delay in delays[1:5]] == [10, 20, 40, 80]
    assert delays[-2] < timedelta(hours=1, seconds=5)
    assert delays[-2] > timedelta(minutes=59)
    assert Event.get().attempts == 14
    assert traces() == ["a"]


def test_an_aborted_batch_is_done_again(database: str, handlers: list[Any]) -> None:
    aborts = [peewee.OperationalError("deadlock detected")]

    def abort_once(event: Event) -> None:
        leave_trace(event)
        if event.subject_id == "b" and aborts:
            raise aborts.pop()

    handlers.append(abort_once)
    happened("a", "b", "c")
    assert drain.drain(KIND) == 3
    assert traces() == ["a", "b", "c"]
    assert Event.get(Event.subject_id == "b").attempts == 0


def test_an_event_that_always_aborts_its_batch_is_put_off_alone(
    database: str, handlers: list[Any]
) -> None:
    def abort(event: Event) -> None:
        leave_trace(event)
        if event.subject_id in ("a", "c"):
            raise peewee.OperationalError("canceling statement")

    handlers.append(abort)
    happened("a", "b", "c", "d")
    assert drain.drain(KIND) == 2
    assert traces() == ["b", "d"]
    assert undone() == ["a", "c"]
    assert {event.attempts for event in Event.select().where(Event.done_at.is_null())} == {1}


def test_kinds_with_transactions_of_their_own_are_handled_outside_of_any(
    committed: str, handlers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What such a handler did before it failed stays, and the others are not held up."""

    def note(event: Event) -> None:
        assert not database.in_transaction()
        leave_trace(event)
        if event.subject_id == "b":
            raise RuntimeError("storage is away")

    monkeypatch.setattr(registry, "OWN_TRANSACTIONS", {KIND})
    handlers.append(note)
    happened("a", "b", "c")
    assert drain.drain(KIND) == 2
    assert traces() == ["a", "b", "c"]
    assert undone() == ["b"]


def test_what_a_handler_emits_is_handled_too(database: str, handlers: list[Any]) -> None:
    handlers.append(lambda event: event.subject_id == "a" and happened("b"))
    happened("a")
    assert drain.drain(KIND) + drain.drain(KIND) == 2
    assert undone() == []


def test_two_drains_at_once_do_everything_once(committed: str, handlers: list[Any]) -> None:
    """Real transactions on two connections; two rows are raised in opposite orders, so that on
    PostgreSQL some batches deadlock and are done again."""
    brand = factories.brand("Aurea")
    waves = [
        Wave.create(
            id=f"w{number}", brand_id=brand.id, name="", checklist_version_id="", version=0,
            created_at=0, updated_at=0, opens_at=0, closes_at=0,
        )
        for number in range(2)
    ]  # fmt: skip

    def raise_both(event: Event) -> None:
        order = waves if int(event.subject_id) % 2 else list(reversed(waves))
        for wave in order:
            Wave.update(version=Wave.version + 1).where(Wave.id == wave.id).execute()

    handlers.append(raise_both)
    happened(*(str(number) for number in range(300)))
    threads = [threading.Thread(target=drain.drain, args=(KIND,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain.drain(KIND)
    if undone():
        make_due()
        eventually(lambda: drain.drain(KIND) or not undone())
    assert undone() == []
    assert {wave.version for wave in Wave.select()} == {300}


def test_the_sweep_names_what_is_due(database: str, handlers: list[Any]) -> None:
    handlers.append(leave_trace)
    assert sweep.wake_due() == []
    happened("a")
    events.emit("test.unknown", "b")
    assert sweep.wake_due() == [KIND]
    drain.drain(KIND)
    assert sweep.wake_due() == []


def test_done_events_are_forgotten_after_a_month(database: str, handlers: list[Any]) -> None:
    handlers.append(leave_trace)
    happened("old", "recent")
    drain.drain(KIND)
    happened("undone")
    long_ago = clock.now() - timedelta(days=31)
    old = Event.subject_id.in_(["old", "undone"])
    Event.update(created_at=long_ago).where(old).execute()
    Event.update(done_at=long_ago).where(Event.subject_id == "old").execute()
    sweep.do_chores()
    assert sorted(event.subject_id for event in Event.select()) == ["recent", "undone"]


def test_a_failing_chore_stops_no_other(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    chores = {"break": lambda: 1 // 0, "work": lambda: done.append("work")}
    monkeypatch.setattr(sweep, "CHORES", chores)
    sweep.do_chores()
    assert done == ["work"]
    assert "could not break" in caplog.text


def test_every_kind_that_is_emitted_has_its_handlers() -> None:
    emitted: set[str] = set()
    for source in (Path(__file__).parents[2] / "server").rglob("*.py"):
        emitted |= set(re.findall(r'emit(?:_many)?\(\s*"([a-z_.]+)"', source.read_text()))
    assert "revision.frozen" in emitted
    assert emitted <= set(registry.HANDLERS)
    assert set(registry.HANDLERS) >= registry.OWN_TRANSACTIONS


def test_every_kind_is_woken_on_a_queue_that_a_worker_listens_to() -> None:
    assert {queue.name_of(kind) for kind in registry.HANDLERS} == set(registry.queues())


# Leased kinds: one event a run, and meanwhile nobody else's.


@pytest.fixture
def leased(handlers: list[Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The handlers of KIND, which takes long."""
    monkeypatch.setattr(registry, "LEASED", frozenset({KIND}))
    return handlers


def test_a_leased_run_goes_on_until_something_more_urgent_waits(
    real_queue: Any, leased: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle(event: Event) -> None:
        leave_trace(event)
        if event.subject_id == "b":
            queue.wake("revision.frozen")

    leased.append(handle)
    happened("a", "b", "c", "d")
    assert drain.drain(KIND) == 2
    assert (traces(), undone()) == (["a", "b"], ["c", "d"])
    queue.connection().flushdb()
    monkeypatch.setattr(drain, "_RUN_SECONDS", 0)
    assert drain.drain(KIND) == 1


def test_a_leased_run_is_one_event_where_the_queue_is_away(
    database: str, leased: list[Any]
) -> None:
    leased.append(leave_trace)
    happened("a", "b", "c")
    assert drain.drain(KIND) == 1
    assert (traces(), undone()) == (["a"], ["b", "c"])
    assert [drain.drain(KIND) for _ in range(3)] == [1, 1, 0]
    assert undone() == []


def test_a_second_worker_takes_the_next_event(database: str, leased: list[Any]) -> None:
    def handle(event: Event) -> None:
        if event.subject_id == "a":
            assert [drain.drain(KIND), drain.drain(KIND)] == [1, 0]
        leave_trace(event)

    leased.append(handle)
    happened("a", "b")
    assert drain.drain(KIND) == 1
    assert traces() == ["a", "b"]


def test_a_failed_leased_event_comes_again_and_stops_no_other(
    database: str, leased: list[Any]
) -> None:
    def fail_once(event: Event) -> None:
        if event.subject_id == "a" and event.attempts == 0:
            raise ValueError("not now")
        leave_trace(event)

    leased.append(fail_once)
    happened("a", "b")
    assert [drain.drain(KIND), drain.drain(KIND)] == [0, 1]
    assert undone() == ["a"]
    make_due()
    assert drain.drain(KIND) == 1
    assert traces() == ["a", "b"]


def test_a_long_work_stays_its_workers(
    committed: str, leased: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For as long as it lives, it renews the lease."""
    monkeypatch.setattr(drain, "_RENEWAL_SECONDS", 0.01)
    leases = set()

    def long(event: Event) -> None:
        def renewed() -> bool:
            leases.add(Event.get().due_at)
            return len(leases) > 3

        eventually(renewed)
        assert drain.drain(KIND) == 0
        leave_trace(event)

    leased.append(long)
    happened("a")
    assert drain.drain(KIND) == 1
    assert (traces(), undone()) == (["a"], [])


def test_an_event_whose_worker_was_killed_comes_again(database: str, leased: list[Any]) -> None:
    def die(event: Event) -> None:
        raise KeyboardInterrupt

    leased.append(die)
    happened("a")
    with pytest.raises(KeyboardInterrupt):
        drain.drain(KIND)
    assert drain.drain(KIND) == 0
    (waiting,) = Event.select().where(Event.done_at.is_null())
    assert timedelta(seconds=2) < waiting.due_at - clock.now() <= timedelta(seconds=8)
    leased[:] = [leave_trace]
    make_due()
    assert drain.drain(KIND) == 1
