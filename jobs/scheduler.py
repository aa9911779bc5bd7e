"""The clockwork: sweeps every few seconds, does the chores every few minutes.

A loop of our own and not RQ's CronScheduler, which ends when Redis goes: this one goes on, and
events that were left undone are woken when Redis is back. Two of them do no harm.
"""

import logging
import signal
import threading

import peewee

from jobs import sweep
from server import clock, config, db

SWEEP_SECONDS = 5.0
CHORES_SECONDS = 300.0
_log = logging.getLogger(__name__)


def run() -> None:
    """Sweep until SIGTERM or SIGINT."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    db.initialize(config.settings().database_url, pool=2)
    loop(stop)


def loop(stop: threading.Event) -> None:
    """Sweep, and do the chores when it is time, until `stop` is set."""
    chores_at = clock.elapsed()
    while not stop.is_set():
        _sweep()
        if clock.elapsed() >= chores_at:
            sweep.do_chores()
            chores_at = clock.elapsed() + CHORES_SECONDS
        stop.wait(SWEEP_SECONDS)


def _sweep() -> None:
    try:
        sweep.wake_due()
    except peewee.DatabaseError as error:
        _log.warning("the database does not answer, sweeping again soon: %s", error)
