"""Real RQ workers and the scheduler, as processes, against a real Valkey and both databases."""

import os
import signal
from typing import Any

import psutil
import pytest
import rq
from rq.executions import Execution

from jobs.worker import NICENESS
from server import config, db, queue
from server.config import Settings
from server.models import Event, Photo, Rendering, ScoreSum, VisitScore
from server.services import events, sums
from tests import factories, pictures, programme
from tests.cast import Cast
from tests.jobs.conftest import Processes, eventually
from tests.programme import Programme, passed

VISITS = 300


def approved_visits(count: int) -> Programme:
    """Approved visits to two stores whose events are emitted and not handled."""
    spring = Programme(factories.brand())
    stores = [programme.store(spring.brand.id, f"R{number}") for number in range(2)]
    with db.atomic():
        visits = [spring.revision(stores[n % 2], passed(n % 5)) for n in range(count)]
        events.emit_many("revision.approved", [visit.id for visit in visits], spring.brand.id)
    return spring


def undone() -> int:
    return Event.select().where(Event.done_at.is_null()).count()


def visits_in_sums() -> int:
    rows = ScoreSum.select().where(ScoreSum.dimension == "visit")
    return sum(row.sums[""][0] for row in rows)


def test_a_worker_handles_what_is_emitted_and_ends_on_sigterm(processes: Processes) -> None:
    worker = processes.start("worker.run()")
    approved_visits(3)
    eventually(lambda: undone() == 0)
    assert visits_in_sums() == 3
    assert psutil.Process(worker.pid).nice() == min(19, os.nice(0) + NICENESS)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0


def test_a_burst_ends_by_itself(processes: Processes) -> None:
    approved_visits(120)
    assert processes.start("worker.run(burst=True)").wait(timeout=60) == 0
    assert (undone(), visits_in_sums()) == (0, 120)


def test_workers_develop_photos_between_them(processes: Processes) -> None:
    cast = Cast()
    for number in range(3):
        pictures.store(cast, f"p-{number}", pictures.drawn(number))
    pictures.store(cast, "page", b"<html><script>alert(1)</script></html>")
    for _ in range(2):
        processes.start("worker.run()")
    eventually(lambda: undone() == 0)
    assert {photo.id: photo.state for photo in Photo.select()} == {
        "p-0": "stored", "p-1": "stored", "p-2": "stored", "page": "rejected",
    }  # fmt: skip
    assert {row.photo_id for row in Rendering.select()} == {"p-0", "p-1", "p-2"}
    developing = Event.select().where(Event.kind == "picture.undeveloped")
    assert {(event.subject_id, event.attempts) for event in developing} == {
        ("p-0", 0), ("p-1", 0), ("p-2", 0), ("page", 0),
    }  # fmt: skip


def test_what_a_killed_worker_left_on_record_stops_no_other(
    real_queue: Any, processes: Processes
) -> None:
    """Its execution is listed for longer than it is on record."""
    connection = queue.connection()
    queue.wake("picture.undeveloped")
    (job,) = rq.Queue("picture", connection=connection).jobs
    with connection.pipeline() as pipeline:
        left = Execution.create(job, 60, pipeline, worker_name="killed")
        pipeline.execute()
    connection.delete(left.key)
    assert processes.start("worker.run(burst=True)").wait(timeout=60) == 0
    assert not rq.job.Job.exists(job.id, connection)
    assert "Traceback" not in processes.log.read_text()


def test_many_events_wake_one_job(real_queue: Any) -> None:
    for _ in range(5):
        approved_visits(1)
    assert len(rq.Queue("revision", connection=queue.connection())) == 1


def test_a_worker_that_was_killed_loses_and_doubles_nothing(processes: Processes) -> None:
    worker = processes.start("worker.run()")
    spring = approved_visits(VISITS)
    eventually(lambda: undone() < VISITS)
    processes.kill(worker)
    assert 0 < undone() < VISITS
    assert visits_in_sums() == VISITS - undone()
    processes.start("scheduler.run()")
    processes.start("worker.run()")
    eventually(lambda: undone() == 0)
    assert visits_in_sums() == VISITS
    assert VisitScore.select().count() == VISITS
    assert list(sums.verify(spring.brand.id)) == []


def test_with_the_queue_down_events_wait_and_the_scheduler_finds_them(
    processes: Processes, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    queue.forget_connection()
    own = config.settings()
    config.use(settings)
    approved_visits(3)
    assert "queue unreachable" in caplog.text
    queue.forget_connection()
    config.use(own)
    assert undone() == 3
    processes.start("worker.run()")
    first, second = processes.start("scheduler.run()"), processes.start("scheduler.run()")
    eventually(lambda: undone() == 0)
    assert visits_in_sums() == 3
    for scheduler in (first, second):
        scheduler.send_signal(signal.SIGTERM)
        assert scheduler.wait(timeout=30) == 0
