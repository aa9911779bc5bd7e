"""The shoppers' feeds: no change is ever committed behind a cursor that was handed out."""

import threading
from collections.abc import Callable
from typing import Any

from server import db
from server.db import atomic, connected, snapshot
from server.models import Notice, SyncChange, SyncFeed
from server.services import feeds, notices


def held(shopper_id: str) -> dict[tuple[str, str], tuple[int, bool]]:
    """The feed's changes."""
    rows = SyncChange.select().where(SyncChange.shopper_id == shopper_id)
    return {(row.table, row.row_id): (row.seq, row.deleted) for row in rows}


def run(*workers: Callable[[], Any]) -> None:
    """Run the workers in threads, each on its own connection; raise what one raised."""
    failed: list[BaseException] = []

    def guarded(worker: Callable[[], Any]) -> None:
        try:
            with connected():
                worker()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed, failed
    assert not any(thread.is_alive() for thread in threads)


def test_a_touch_raises_the_counter_and_names_the_row_once(database: str) -> None:
    assert feeds.touch({"s": [("stores", "1"), ("stores", "1")], "t": [("stores", "1")]}) == {
        "s": 1,
        "t": 1,
    }
    assert feeds.touch({"s": [("stores", "1"), ("promises", "2")]}) == {"s": 2}
    assert held("s") == {("stores", "1"): (2, False), ("promises", "2"): (2, False)}
    assert held("t") == {("stores", "1"): (1, False)}


def test_touching_nothing_locks_no_feed(database: str) -> None:
    assert feeds.touch({"s": []}) == {}
    assert SyncFeed.select().count() == 0


def test_a_deleted_row_that_comes_back_is_no_longer_deleted(database: str) -> None:
    feeds.record({"s": 1}, {"s": [("photos", "1")]}, deleted=True)
    assert held("s") == {("photos", "1"): (1, True)}
    feeds.touch({"s": [("photos", "1")]})
    assert held("s") == {("photos", "1"): (1, False)}


def test_fan_out_reaches_every_holder_and_no_other(database: str) -> None:
    holders = {f"s{number:03}": [("stores", "1")] for number in range(205)}
    feeds.touch({**holders, "gone": [("stores", "1")], "other": [("stores", "2")]})
    feeds.record({"gone": 2}, {"gone": [("stores", "1")]}, deleted=True)
    assert feeds.fan_out("stores", "1") == 205
    assert {held(shopper)["stores", "1"] for shopper in holders} == {(2, False)}
    assert held("gone") == {("stores", "1"): (2, True)}
    assert held("other") == {("stores", "2"): (1, False)}


def test_the_same_notice_twice_is_one(database: str) -> None:
    row = notices.notify("s", "answers/1", "unfit", "No such choice.")
    assert notices.notify("s", "answers/1", "unfit", "No such choice.") == row
    assert notices.notify("t", "answers/1", "unfit", "No such choice.") != row
    assert Notice.select().count() == 2


def test_commit_order_is_cursor_order(committing: str) -> None:
    """Eight writers race in two feeds while a reader pulls: it must see every row, once its
    cursor has passed the row's seq."""
    writers, rows_each = 8, 25
    done = threading.Event()
    seen: set[str] = set()

    def write(writer: int) -> None:
        for number in range(rows_each):
            with atomic():
                row = ("notices", f"{writer}-{number}")
                feeds.touch({"s": [row], "t": [row]} if number % 2 else {"t": [row], "s": [row]})

    def pull(cursor: int) -> int:
        with snapshot():
            end = feeds.position("s")
            changed = SyncChange.select().where(
                SyncChange.shopper_id == "s", SyncChange.seq > cursor
            )
            seen.update(row.row_id for row in changed)
        return end.seq if end else 0

    def read() -> None:
        cursor = 0
        while not done.is_set():
            cursor = pull(cursor)
        pull(cursor)

    def write_all() -> None:
        run(*(lambda writer=writer: write(writer) for writer in range(writers)))
        done.set()

    run(write_all, read)
    assert len(seen) == writers * rows_each
    with connected():
        assert SyncFeed.get_by_id("s").seq == writers * rows_each


def test_a_rolled_back_touch_leaves_no_gap_for_others(committing: str) -> None:
    with connected():
        feeds.touch({"s": [("stores", "1")]})
        with db.database.atomic() as transaction:
            feeds.touch({"s": [("stores", "2")]})
            transaction.rollback()
        assert feeds.touch({"s": [("stores", "3")]}) == {"s": 2}
        assert set(held("s")) == {("stores", "1"), ("stores", "3")}
