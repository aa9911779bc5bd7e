"""The API as `promessa serve` serves it, on a database of its own, for benches: with what its
processes and its database's use."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from bench.stack import PROMESSA
from server import config, db
from server.cli import migrations
from tests.backends import postgres
from tests.backends.process import free_port


@dataclass(slots=True)
class Served:
    """`api` is gunicorn's first process, `server` PostgreSQL's (None: SQLite)."""

    url: str
    database_url: str
    folder: Path
    api: psutil.Process
    server: psutil.Process | None

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU so far, of the API's processes and of PostgreSQL's."""
        return _cpu(self.api), _cpu(self.server) if self.server else 0.0

    def memory(self) -> float:
        """The API's resident megabytes, all processes."""
        family = [self.api, *self.api.children(recursive=True)]
        return sum(process.memory_info().rss for process in family) / 2**20


def _cpu(top: psutil.Process) -> float:
    """With the children that have ended."""
    total = 0.0
    for process in (top, *top.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
        if process is top:
            total += times.children_user + times.children_system
    return total


@dataclass(slots=True)
class Bound:
    """A database of its own, migrated and empty, to which this process's models are bound, and the
    settings for it. `server` is PostgreSQL's (None: SQLite)."""

    url: str
    folder: Path
    environment: dict[str, str]
    server: psutil.Process | None


@contextmanager
def bound(kind: str, **settings: str) -> Iterator[Bound]:
    """A database, "sqlite" or "postgres" (fsync on)."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        url = f"sqlite:///{folder / 'promessa.db'}"
        if kind == "postgres":
            server = postgres.start(fsync=True)
            stack.callback(server.close)
            url = server.url
        environment = {
            "PROMESSA_DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "SECRET_KEY": "bench-only-" + "0123456789" * 3,
            "REDIS_URL": f"unix://{folder}/no.sock",
            "LOG_LEVEL": "error",
            **settings,
        }
        config.use(config.load(environment))
        db.initialize(url)
        stack.callback(lambda: db.database.obj.close_all())
        with db.connected():
            migrations.migrate()
        yield Bound(url, folder, environment, psutil.Process(server.pid) if server else None)


@contextmanager
def serving(kind: str, **settings: str) -> Iterator[Served]:
    """The API on a database of its own."""
    with ExitStack() as stack:
        here = stack.enter_context(bound(kind, **settings))
        port = free_port()
        process = subprocess.Popen(
            [*PROMESSA, "serve", "--bind", f"127.0.0.1:{port}"], env=os.environ | here.environment
        )
        stack.callback(_end, process)
        base_url = f"http://127.0.0.1:{port}"
        _wait(base_url, process)
        yield Served(base_url, here.url, here.folder, psutil.Process(process.pid), here.server)


def _wait(base_url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{base_url}/healthz", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    sys.exit("the API did not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)
