"""A pull: the rows of a shopper's feed that changed after a cursor, in one snapshot.

A pull of nothing new is two queries; a full one at most one more for each table. Rows are
always sent as `updated`: an echoed `created` would resurrect what the phone deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from server import clock
from server.db import atomic, database, kept, snapshot
from server.domain.actor import Actor
from server.domain.cursors import Cursor
from server.models import SyncChange
from server.services import feeds, notices, wire_rows
from server.services.pushes import require_shopper
from server.services.wire_rows import Row, Scope

KEPT = timedelta(days=90)
"""How long the feed holds what belongs to a closed assignment."""

RESEND = "resend"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What changed, per wire table, and the cursor that stands for having it."""

    updated: dict[str, list[Row]]
    deleted: dict[str, list[str]]
    cursor: Cursor


def pull(actor: Actor, *, cursor: Cursor | None, whole: Iterable[str] = ()) -> Pulled:
    """What the actor's feed holds beyond `cursor`; all of it on a first pull (None) and when the
    cursor is none of this database's present state. Tables in `whole` are sent from the first
    row, for columns that the phone has just gained. Forbidden."""
    shopper_id = require_shopper(actor)
    with snapshot():
        end = feeds.position(shopper_id)
        if end is not None and (cursor is None or not cursor.stale(end)):
            return _pulled(shopper_id, end, cursor.seq if cursor else 0, frozenset(whole))
    _begin_again(shopper_id, cursor)
    with snapshot():
        end = feeds.position(shopper_id)
        assert end is not None  # just begun
        return _pulled(shopper_id, end, 0, frozenset())


def _begin_again(shopper_id: str, cursor: Cursor | None) -> None:
    """Begin a feed that has nothing yet; ask a phone that is ahead of us to send all it holds."""
    with atomic():
        if cursor is None:
            feeds.lock([shopper_id])
            return
        record = f"sync/{cursor.number()}"
        message = "The server was restored: mark every report on this phone as changed, and sync."
        feeds.touch({shopper_id: [notices.notify(shopper_id, record, RESEND, message)]})


def _pulled(shopper_id: str, end: Cursor, since: int, whole: frozenset[str]) -> Pulled:
    changed = _changed_tables(shopper_id, since)
    oldest = clock.now() - KEPT

    def scope(table: str) -> Scope:
        return Scope(shopper_id, 0 if table in whole else since, oldest)

    updated: dict[str, list[Row]] = {}
    for table, read in wire_rows.READERS.items():
        if table in changed or table in whole:
            updated[table] = read(scope(table))
    if "reports" in changed or whole & {"reports", "answers"}:
        updated |= wire_rows.reports(scope("reports"), scope("answers"))
    deleted = _deleted(shopper_id, since) if any(changed.values()) else {}
    return Pulled(updated, deleted, end)


def _changed_tables(shopper_id: str, since: int) -> dict[str, bool]:
    """Tables with changes after `since`, and whether any of those is a deletion."""
    rows = database.execute_sql(kept(_tables_after), (shopper_id, since)).fetchall()
    changed: dict[str, bool] = {}
    for table, deleted in rows:
        changed[table] = changed.get(table, False) or bool(deleted)
    return changed


def _tables_after() -> Any:
    return (
        SyncChange.select(SyncChange.table, SyncChange.deleted)
        .where(SyncChange.shopper_id == "", SyncChange.seq > 0)
        .distinct()
    )


def _deleted(shopper_id: str, since: int) -> dict[str, list[str]]:
    rows: Any = (
        SyncChange.select(SyncChange.table, SyncChange.row_id)
        .where(SyncChange.shopper_id == shopper_id, SyncChange.seq > since, SyncChange.deleted)
        .order_by(SyncChange.table, SyncChange.row_id)
        .tuples()
    )
    gone: dict[str, list[str]] = {}
    for table, row_id in rows:
        gone.setdefault(table, []).append(row_id)
    return gone
