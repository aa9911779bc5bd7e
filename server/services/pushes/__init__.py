"""A push: everything that a phone recorded, in one transaction and a fixed number of queries.

The shopper's feed is locked first: who writes an assignment, a report or a photo of a shopper holds
it too, so what is read after it stays true until the commit. Whatever is wrong with a row's meaning
is kept and noticed; rejected are only rows that are not this shopper's (docs/sync.md).
"""

from collections.abc import Mapping

from server import clock
from server.db import atomic, chunks, together
from server.domain.actor import Actor
from server.domain.cursors import Cursor
from server.domain.permissions import Permission, allowing
from server.domain.states import AssignmentStatus
from server.domain.wire import Changes
from server.errors import Forbidden, PullFirst
from server.models import Assignment
from server.services import feeds, notices
from server.services.pushes import (
    message_rows,
    naming,
    photo_rows,
    proposal_rows,
    report_rows,
    response_rows,
    settling,
)
from server.services.pushes.work import Work


def require_shopper(actor: Actor) -> str:
    """The account id of an actor who is a shopper anywhere, be it suspended. Forbidden."""
    if actor.account_id is None or not allowing(actor.grants, Permission.SYNC):
        raise Forbidden("Only shoppers' phones sync: you shop for no brand.")
    return actor.account_id


def push(
    actor: Actor, changes: Mapping[str, Changes], *, cursor: Cursor | None, number: int | None
) -> dict[str, list[str]]:
    """Take in what a phone recorded; the ids of rows that are not its shopper's, by table.
    `cursor` is what it had pulled, `number` its X-Push-No. Forbidden, PullFirst."""
    shopper_id = require_shopper(actor)
    work = Work(actor, shopper_id, changes, clock.now(), cursor, number)
    with atomic():
        _lock(work)
        naming.read(work)
        report_rows.take(work)
        photo_rows.take(work)
        response_rows.take(work)
        proposal_rows.take(work)
        message_rows.take(work)
        settling.freeze(work)
        with together():
            settling.write(work)
            _move(work)
            _tell(work)
    return work.rejected


def _lock(work: Work) -> None:
    end = feeds.lock([work.shopper_id])[work.shopper_id]
    if work.cursor is not None and work.cursor.stale(Cursor(end.epoch, end.seq - 1)):
        raise PullFirst("This cursor is not of this server's present state: pull, then push again.")
    work.seq = end.seq


def _move(work: Work) -> None:
    for status, assignment_ids in work.moved.items():
        values = {
            Assignment.status: status,
            Assignment.version: Assignment.version + 1,
            Assignment.updated_at: work.now,
        }
        if status == AssignmentStatus.DECLINED:
            values[Assignment.closed_at] = work.now
        for part in chunks(assignment_ids):
            Assignment.update(values).where(Assignment.id.in_(part)).execute()


def _tell(work: Work) -> None:
    rows = notices.notify_many(work.shopper_id, work.words) if work.words else []
    seqs = {work.shopper_id: work.seq}
    feeds.record(seqs, {work.shopper_id: [*work.touched, *rows]})
    feeds.record(seqs, {work.shopper_id: work.gone}, deleted=True)
