"""The cursor under real concurrency: whatever commits when, a pull misses nothing.

Writers touch the same feeds in transactions of very different lengths, so that those which began
first commit last; a reader pulls every few milliseconds from a connection of its own, with the
query that a phone's pull makes. Every change must come by: one that commits at or below a cursor
that was handed out is never seen.
"""

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from server.db import atomic, connected, snapshot
from server.models import Notice, SyncChange, SyncFeed
from server.services import feeds, notices
from tests.backends.api import bound_url
from tests.cli.running import ROOT
from tests.services.test_feeds import run

SHOPPERS = ("s", "t")
WRITERS = 8
WRITES = 25


@pytest.fixture
def kind(committing: str) -> Iterator[str]:
    """An empty database to commit to, connected here too; "sqlite" or "postgres"."""
    with connected():
        yield committing


def write(writer: int, writes: int, pause: Callable[[float], object]) -> None:
    """Transactions of 0 to 12 ms that each leave a notice in both feeds. The feeds are locked at
    any point within: early by jobs that are slow afterwards, late as a rule."""
    dice = random.Random(writer)
    for number in range(writes):
        with atomic():
            record = f"{writer}/{number}"
            rows = {one: [notices.notify(one, record, "moved", "It is.")] for one in SHOPPERS}
            pause(dice.choice((0, 0, 0.002, 0.006)))
            feeds.touch(rows)
            pause(dice.choice((0, 0, 0.002, 0.006)))


class Reader:
    """A phone that pulls again and again: what it has seen, by its own cursor."""

    def __init__(self, shopper_id: str) -> None:
        self.shopper_id = shopper_id
        self.cursor = 0
        self.pulls = 0
        self.seen: set[str] = set()
        self.twice: set[str] = set()

    def pull(self) -> None:
        """The rows beyond the cursor and the feed's end, in one snapshot."""
        with snapshot():
            end = feeds.position(self.shopper_id)
            query = SyncChange.select(SyncChange.row_id).where(
                SyncChange.shopper_id == self.shopper_id, SyncChange.seq > self.cursor
            )
            rows = {row.row_id for row in query}
        self.twice |= self.seen & rows
        self.seen |= rows
        self.pulls += 1
        assert end is None or end.seq >= self.cursor
        self.cursor = end.seq if end else 0


@contextmanager
def reading() -> Iterator[list[Reader]]:
    """A reader for each feed, that pulls every two milliseconds while the block runs, and once
    more after it."""
    done, readers = threading.Event(), [Reader(shopper) for shopper in SHOPPERS]

    def read() -> None:
        with connected():
            while not done.wait(0.002):
                for reader in readers:
                    reader.pull()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield readers
    finally:
        done.set()
        thread.join(60)
    assert not thread.is_alive()
    for reader in readers:
        reader.pull()


def check(readers: list[Reader], changes: int) -> None:
    """Everything came by once, in many pulls, and every change has a count of its own."""
    for reader in readers:
        missed = changes - len(reader.seen)
        assert missed == 0, f"{missed} of {changes} changes came at or below a cursor handed out"
        assert reader.twice == set()
        assert reader.pulls > 10
        assert SyncFeed.get_by_id(reader.shopper_id).seq == changes
        seqs = SyncChange.select(SyncChange.seq).where(SyncChange.shopper_id == reader.shopper_id)
        assert sorted(row.seq for row in seqs) == list(range(1, changes + 1))
    assert Notice.select().count() == changes * len(readers)


def test_a_pull_misses_nothing_of_slow_and_quick_writers(kind: str) -> None:
    """Threads, each with its own connection."""
    pause = threading.Event().wait
    with reading() as readers:
        run(*(lambda writer=writer: write(writer, WRITES, pause) for writer in range(WRITERS)))
    check(readers, WRITERS * WRITES)


def test_a_pull_misses_nothing_of_other_processes(kind: str) -> None:
    """Writers are processes, as workers and the API are; two of them suffice to race."""
    program = (
        "import sys, threading; from server import db; from tests.services import test_cursor_races"
        " as races; db.initialize(sys.argv[1])\n"
        "with db.connected(): races.write(int(sys.argv[2]), 60, threading.Event().wait)"
    )
    with reading() as readers:
        writers = [
            subprocess.Popen([sys.executable, "-c", program, bound_url(), str(number)], cwd=ROOT)
            for number in range(2)
        ]
        assert [writer.wait(120) for writer in writers] == [0, 0]
    check(readers, 2 * 60)


def test_a_slow_writer_holds_back_the_others_and_no_reader(kind: str) -> None:
    """Whoever has counted a feed keeps it until the commit: the next waits, and pulls go on at the
    last state. A transaction that is rolled back leaves no gap."""
    counted, go_on, second = threading.Event(), threading.Event(), threading.Event()
    order: list[str] = []

    def slow() -> None:
        with atomic():
            feeds.touch({"s": [("stores", "slow")]})
            counted.set()
            assert go_on.wait(30)
            order.append("slow")

    def quick() -> None:
        assert counted.wait(30)
        second.set()
        with atomic():
            feeds.touch({"s": [("stores", "quick")]})
            order.append("quick")

    def read() -> None:
        assert second.wait(30)
        reader = Reader("s")
        for _ in range(20):
            reader.pull()
        assert (reader.seen, reader.cursor) == (set(), 0)
        go_on.set()

    run(slow, quick, read)
    assert order == ["slow", "quick"]
    reader = Reader("s")
    reader.pull()
    assert (reader.seen, reader.cursor) == ({"slow", "quick"}, 2)


@pytest.mark.parametrize("feeds_each", [2, 10])
def test_writers_of_several_feeds_never_wait_for_each_other(kind: str, feeds_each: int) -> None:
    """Named in any order, feeds are locked in one: no deadlock."""

    def touch(seed: int) -> None:
        dice = random.Random(seed)
        for number in range(15):
            shoppers = dice.sample([f"s{n}" for n in range(12)], feeds_each)
            with atomic():
                feeds.touch({shopper: [("stores", f"{seed}-{number}")] for shopper in shoppers})

    run(*(lambda seed=seed: touch(seed) for seed in range(4)))
    assert SyncChange.select().count() == 4 * 15 * feeds_each
