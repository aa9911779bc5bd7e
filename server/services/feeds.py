"""The shoppers' sync feeds: who must learn of which row, in an order that commits keep.

A writer raises its shoppers' counters and holds those rows' locks until it commits, so the order
of commits is the order of cursors and a pull can miss nothing. Call `touch` (or `lock`) as late in
a transaction as possible. Several feeds are locked in the order of their shoppers' ids, so two
writers never wait for each other.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from server.db import atomic, chunks, database, insert, kept, serialize
from server.domain.cursors import LARGEST_EPOCH, Cursor
from server.domain.erasing import is_pseudonym
from server.models import Assignment, SyncChange, SyncFeed
from server.services import checklists

Rows = Iterable[tuple[str, str]]
"""Wire rows: (table, id)."""

_FEEDS_PER_TRANSACTION = 100


def touch(changes: Mapping[str, Rows]) -> dict[str, int]:
    """Tell each shopper's phones that these rows changed; the new seq of each feed. One
    transaction with the change itself; the feeds stay locked until it commits."""
    listed = {shopper_id: list(rows) for shopper_id, rows in changes.items()}
    cursors = lock(shopper_id for shopper_id, rows in listed.items() if rows)
    seqs = {shopper_id: cursor.seq for shopper_id, cursor in cursors.items()}
    record(seqs, listed)
    return seqs


def lock(shopper_ids: Iterable[str]) -> dict[str, Cursor]:
    """Raise the counters of these feeds by one and hold their locks until commit; the new
    cursors. A feed begins at an epoch by chance, so one that a restore lost is told apart. Erased
    shoppers have no feed: only a lock is held, and nothing is recorded."""
    ids = sorted(set(shopper_ids))
    found: dict[str, Cursor] = {}
    for gone in filter(is_pseudonym, ids):
        serialize(f"feed {gone}")
        found[gone] = Cursor(0, 1)
    wanted = [one for one in ids if one not in found]
    for part in chunks(wanted):
        values = [value for one in part for value in (one, _epoch(), 1)]
        rows = database.execute_sql(kept(_raising, len(part)), [*values, 1])
        found |= {shopper_id: Cursor(epoch, seq) for shopper_id, epoch, seq in rows.fetchall()}
    return found


def _raising(feeds: int) -> Any:
    return (
        SyncFeed.insert_many(
            [("", 0, 1)] * feeds, [SyncFeed.shopper_id, SyncFeed.epoch, SyncFeed.seq]
        )
        .on_conflict(conflict_target=[SyncFeed.shopper_id], update={SyncFeed.seq: SyncFeed.seq + 1})
        .returning(SyncFeed.shopper_id, SyncFeed.epoch, SyncFeed.seq)
    )


def record(seqs: Mapping[str, int], changes: Mapping[str, Rows], *, deleted: bool = False) -> None:
    """Note in the locked feeds that these rows changed (or went) at the given seqs."""
    rows = [
        {
            "shopper_id": shopper_id,
            "table": table,
            "row_id": row_id,
            "seq": seqs[shopper_id],
            "deleted": deleted,
        }
        for shopper_id, changed in changes.items()
        if not is_pseudonym(shopper_id)
        for table, row_id in dict.fromkeys(changed)
    ]
    for part in chunks(rows):
        insert(SyncChange, part, key=("shopper_id", "table", "row_id"), update=("seq", "deleted"))


def position(shopper_id: str) -> Cursor | None:
    """The end of a feed, None before its first change."""
    row = database.execute_sql(kept(_position), (shopper_id,)).fetchone()
    return Cursor(*row) if row else None


def _position() -> Any:
    return SyncFeed.select(SyncFeed.epoch, SyncFeed.seq).where(SyncFeed.shopper_id == "")


def assignment_rows(assignment: Assignment) -> list[tuple[str, str]]:
    """What a new assignment adds to its shopper's feed: itself, its store, its checklist version,
    the promises that this links, and its persona."""
    version_id = assignment.checklist_version_id
    document = checklists.document(version_id)
    promises = {link.promise: None for item in document.items() for link in item.promises}
    persona_id = assignment.persona_id
    return [
        ("assignments", assignment.id),
        ("stores", assignment.store_id),
        ("checklists", version_id),
        *(("promises", promise_id) for promise_id in promises),
        *([("personas", persona_id)] if persona_id else ()),
    ]


def fan_out(table: str, row_id: str) -> int:
    """Touch a row in every feed that holds it, 100 feeds a transaction; how many. It may run
    twice: the phones then get the same row again."""
    last, touched = "", 0
    while shopper_ids := _holders(table, row_id, last):
        with atomic():
            touch({shopper_id: [(table, row_id)] for shopper_id in shopper_ids})
        last, touched = shopper_ids[-1], touched + len(shopper_ids)
    return touched


def _holders(table: str, row_id: str, after: str) -> list[str]:
    query: Any = (
        SyncChange.select(SyncChange.shopper_id)
        .where(
            SyncChange.table == table,
            SyncChange.row_id == row_id,
            SyncChange.shopper_id > after,
            ~SyncChange.deleted,
        )
        .order_by(SyncChange.shopper_id)
        .limit(_FEEDS_PER_TRANSACTION)
    )
    return [shopper_id for (shopper_id,) in query.tuples()]


def _epoch() -> int:
    return secrets.randbelow(LARGEST_EPOCH) + 1
