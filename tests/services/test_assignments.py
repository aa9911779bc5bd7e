"""server.services.assignments: what no route does."""

import threading
import time
from datetime import timedelta
from typing import Any

from playhouse.test_utils import count_queries

from jobs import registry, sweep
from server import clock, db
from server.db import atomic, connected
from server.models import Assignment, Report, SyncChange, SyncFeed
from server.services import assignments, feeds
from tests import factories
from tests.cast import Cast

DEADLINE_SECONDS = 20


def begin(assignment: Assignment) -> None:
    """A report of the assignment, begun on a phone."""
    now = clock.now()
    Report.create(
        id=f"{assignment.id}.1",
        brand_id=assignment.brand_id,
        assignment_id=assignment.id,
        store_id=assignment.store_id,
        shopper_id=assignment.shopper_id,
        attempt=1,
        checklist_version_id=assignment.checklist_version_id,
        document={},
        created_at=now,
        updated_at=now,
    )


def test_what_closed_before_anything_was_begun_expires(cast: Cast) -> None:
    now = clock.now()
    wave = factories.wave(
        cast.brand.id, opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1)
    )
    sonia = cast.sonia.account_id
    overdue = {factories.assignment(wave, sonia, status=s).id for s in ("offered", "accepted")}
    begin(factories.assignment(wave, sonia))
    for status in ("submitted", "returned", "approved", "cancelled", "declined"):
        factories.assignment(wave, sonia, status=status)
    factories.assignment(wave, sonia, closes_at=now + timedelta(days=1))
    assert assignments.expire() == 2
    expired = Assignment.select().where(Assignment.status == "expired")
    assert {row.id for row in expired} == overdue
    assert all(row.closed_at is not None and row.version == 2 for row in expired)
    touched = SyncChange.select().where(SyncChange.shopper_id == sonia)
    assert {(row.table, row.row_id) for row in touched} == {("assignments", i) for i in overdue}
    assert assignments.expire() == 0
    assert SyncFeed.get_by_id(sonia).seq == 1


def test_many_expire_in_parts(cast: Cast) -> None:
    past = clock.now() - timedelta(days=1)
    wave = factories.wave(cast.brand.id)
    store = factories.store(cast.brand.id)
    for _ in range(205):
        factories.assignment(wave, cast.sonia.account_id, store.id, closes_at=past)
    with count_queries() as counter:
        assert assignments.expire() == 205
    # each part: savepoint, ids, rows, counters, changes, release; the last finds nothing
    assert counter.count <= 3 * 6


def test_a_wave_s_new_name_is_sent_to_open_assignments(cast: Cast) -> None:
    wave, sonia = factories.wave(cast.brand.id), cast.sonia.account_id
    opened = factories.assignment(wave, sonia)
    factories.assignment(wave, sonia, status="approved")
    factories.assignment(factories.wave(cast.brand.id), sonia)
    assert assignments.retell(wave.id) == 1
    assert [row.row_id for row in SyncChange.select()] == [opened.id]


def wait_until_someone_waits_for_us() -> None:
    """PostgreSQL says so; on SQLite a second writer waits before it has done anything."""
    waiting = (
        "SELECT count(*) FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    deadline = time.monotonic() + DEADLINE_SECONDS
    while db.is_postgres() and db.database.execute_sql(waiting).fetchone()[0] == 0:
        assert time.monotonic() < deadline, "nobody waits"


def test_a_cancellation_and_a_push_do_not_deadlock(committing: str) -> None:
    """The push has its feed and goes on to the assignment, which the cancellation wants too."""
    with connected():
        cast = Cast()
        alice, sonia = cast.alice.actor, cast.sonia.account_id
        row = factories.assignment(factories.wave(cast.brand.id), sonia)
        outcome: list[Any] = []

        def cancel() -> None:
            with connected():
                outcome.append(assignments.cancel(alice, row.brand_id, row.id).status)

        thread = threading.Thread(target=cancel)
        with atomic():
            feeds.touch({sonia: [("assignments", row.id)]})
            thread.start()
            wait_until_someone_waits_for_us()
            Assignment.update(scenario="pushed").where(Assignment.id == row.id).execute()
        thread.join(DEADLINE_SECONDS)
        kept = Assignment.get_by_id(row.id)
        assert (outcome, kept.status, kept.scenario) == (["cancelled"], "cancelled", "pushed")


def test_the_jobs_know_of_both() -> None:
    assert "wave.changed" in registry.HANDLERS
    assert "wave.changed" in registry.OWN_TRANSACTIONS
    assert assignments.expire in sweep.CHORES.values()
