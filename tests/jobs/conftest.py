"""Fixtures of the job tests: rows that are committed, a real queue, real workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from server import config, db, queue
from server.config import Settings
from server.models import TABLES

_DEADLINE_SECONDS = 120
_POLL_SECONDS = 0.02


def eventually(condition: Callable[[], Any]) -> Any:
    """What `condition` gives, once that is true; fails after a deadline."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not (result := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(_POLL_SECONDS)
    return result


class Processes:
    """Workers and schedulers as processes of their own, on the test's settings."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment = environment
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, call: str) -> subprocess.Popen[bytes]:
        """Run `call`, like "worker.run()", of a module of `jobs`."""
        program = f"from jobs import {call.split('.')[0]}; {call}"
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                env=os.environ | self.environment,
                cwd=Path(__file__).parents[2],
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 the process and its children."""
        parent = psutil.Process(process.pid)
        for one in (*parent.children(recursive=True), parent):
            one.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """End what still runs."""
        for process in self.running:
            if process.poll() is None:
                self.kill(process)


@pytest.fixture(params=["sqlite", "postgres"])
def committed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The url of a fresh database with all tables, bound and connected, without a transaction."""
    before = db.database.obj
    if request.param == "sqlite":
        yield from _bound(f"sqlite:///{tmp_path / 'jobs.db'}", before)
    else:
        with request.getfixturevalue("postgres").empty() as url:
            yield from _bound(url, before)


def _bound(url: str, before: Any) -> Iterator[str]:
    fresh: Any = db.initialize(url)
    with db.connected():
        fresh.create_tables(TABLES)
        yield url
    fresh.close_all()
    db.database.initialize(before)


@pytest.fixture
def real_queue(committed: str, valkey: Any, settings: Settings, tmp_path: Path) -> Iterator[Any]:
    """The settings' environment with a real, empty Valkey; this process uses it too."""
    environment = {
        "PROMESSA_DATA_DIR": str(tmp_path),
        "DATABASE_URL": committed,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    }
    redis.Redis.from_url(valkey.url).flushdb()
    config.use(config.load(environment))
    queue.forget_connection()
    yield environment
    queue.connection().flushdb()
    queue.forget_connection()
    config.use(settings)


@pytest.fixture
def processes(real_queue: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    """Starts workers and schedulers; none outlives the test."""
    started = Processes(real_queue, tmp_path / "log")
    yield started
    started.close()
