"""The RQ worker: forks for each job, gives way to the API, and notices a dead colleague soon."""

import gc
import importlib
import logging
import os
import sys
from contextlib import suppress
from typing import Any

import redis
import rq
from rq.executions import Execution, ExecutionRegistry

from jobs import registry
from server import config, db, storage

NICENESS = 10
"""The API keeps its pace while workers catch up."""

_log = logging.getLogger(__name__)

_TIMINGS = {"worker_ttl": 30, "maintenance_interval": 10, "job_monitoring_interval": 5}
"""Seconds. At RQ's defaults a job whose worker was killed was still "started" after 200 s, with
these it was taken up again after 78; the sweep of the outbox is quicker than both."""


_CALCULATORS = ("scipy.optimize", "scipy.sparse.csgraph", "scipy.sparse.linalg", "scipy.special")


class _Executions(ExecutionRegistry):
    """The executions of a job, without those of killed workers whose record has expired: RQ raises
    an error for these when another worker has done the job."""

    def get_executions(self, start: int = 0, end: int = -1) -> list[Execution]:
        """Those that are on record."""
        found = []
        for execution_id in self.get_execution_ids(start, end):
            with suppress(ValueError):
                found.append(Execution.fetch(execution_id, self.job_id, self.connection))
        return found


class Job(rq.job.Job):
    """An RQ job that forgives a worker's death."""

    @property
    def execution_registry(self) -> ExecutionRegistry:
        """Its executions."""
        return _Executions(self.id, self.connection)


class Worker(rq.Worker):
    """An RQ worker whose jobs open the database for themselves: no connection survives a fork."""

    job_class = Job
    max_connection_wait_time = 5.0

    def fork_work_horse(self, job: Any, queue: Any) -> None:
        """Fork for a job. What its kind needs is loaded before the first fork for one, and there
        for all that follow."""
        if not registry.CALCULATING.isdisjoint(job.args):
            for part in _CALCULATORS:
                importlib.import_module(part)
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Any, queue: Any) -> None:
        """In the forked child: bind the database afresh, then do the job."""
        db.initialize(config.settings().database_url, pool=2)
        super().main_work_horse(job, queue)


def run(burst: bool = False) -> None:
    """Work until SIGTERM (the present job is finished first), or with `burst` until nothing is
    enqueued. Exits 1 where the queue was lost: its supervisor starts it again."""
    os.nice(NICENESS)
    storage.prepare()
    # What is loaded stays: no collection goes through it, in no job, and its memory stays shared.
    gc.freeze()
    worker = Worker(
        registry.queues(),
        # A connection of its own: RQ sets another timeout on it than ours.
        connection=redis.Redis.from_url(config.settings().redis_url),
        log_job_description=False,
        **_TIMINGS,
    )
    _log.info("worker %s takes jobs of %s", worker.name, ", ".join(worker.queue_names()))
    # What RQ says of each job and of its housekeeping is read when something is wrong.
    debugging = config.settings().log_level == "debug"
    worker.work(burst=burst, logging_level="DEBUG" if debugging else "WARNING")
    if not burst and worker._shutdown_requested_date is None:
        sys.exit(1)
