"""Many clients at once, in two processes of threads, so that they are not what is measured.

A client is a list of tasks that it does one after the other: requests to the API, or transactions
straight into the database (the floor). Both are measured in the same way.
"""

import http.client
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request on a client's kept connection; any 2xx is good."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Client:
    """To `url`, an API's, a database's or a folder's, the tasks: Requests, lists of Statements, or
    bytes to be written to new files."""

    url: str
    tasks: Sequence[Any]


@dataclass(slots=True)
class Measured:
    """Seconds that each task took, and that all took together."""

    each: list[float] = field(default_factory=list)
    all: float = 0

    def add(self, other: "Measured") -> None:
        """Another round of the same."""
        self.each += other.each
        self.all += other.all

    def rate(self, units: int) -> float:
        """Per second, where a task does `units`."""
        return units * len(self.each) / self.all

    def quantile(self, part: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.each)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    @property
    def mean(self) -> float:
        """Milliseconds."""
        return 1000 * statistics.mean(self.each)


class Load:
    """Runs clients in two processes."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))
        list(self._pool.map(_warm, range(2)))

    def run(self, clients: Sequence[Client]) -> Measured:
        """All clients at once."""
        shares = [share for share in (clients[::2], clients[1::2]) if share]
        spans = [span for spans in self._pool.map(_run, shares) for span in spans]
        measured = Measured([end - start for start, end in spans])
        measured.all = max(end for _, end in spans) - min(start for start, _ in spans)
        return measured

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()


def _warm(_: int) -> None:
    import server.db  # noqa: F401

    time.sleep(0.2)


def _run(clients: Sequence[Client]) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    failed: list[BaseException] = []
    ready = threading.Barrier(len(clients))

    def one(client: Client) -> None:
        try:
            if client.url.startswith("http"):
                _requests(client, ready, spans)
            elif client.url.startswith("/"):
                _files(client, ready, spans)
            else:
                _transactions(client, ready, spans)
        except BaseException as error:
            failed.append(error)
            ready.abort()

    if not clients[0].url.startswith(("http", "/")):
        from server import db

        db.initialize(clients[0].url, pool=64)
    threads = [threading.Thread(target=one, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(repr(failed[0]))
    return spans


def _timed(
    tasks: Sequence[Any], do: Callable[[Any], None], spans: list[tuple[float, float]]
) -> None:
    for task in tasks:
        start = time.monotonic()
        do(task)
        spans.append((start, time.monotonic()))


def _requests(client: Client, ready: threading.Barrier, spans: list[tuple[float, float]]) -> None:
    line = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=300)
    line.connect()

    def do(task: Request) -> None:
        line.request(task.method, task.path, task.body, task.headers)
        answer = line.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status} {text[:300]!r}")

    ready.wait()
    _timed(client.tasks, do, spans)
    line.close()


def _files(client: Client, ready: threading.Barrier, spans: list[tuple[float, float]]) -> None:
    """Durable, with their names."""
    folder = Path(client.url)

    def do(task: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(task)
            file.flush()
            os.fsync(file.fileno())
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    ready.wait()
    _timed(client.tasks, do, spans)


def _transactions(
    client: Client, ready: threading.Barrier, spans: list[tuple[float, float]]
) -> None:
    from server import db

    def do(task: Sequence[Statement]) -> None:
        with db.atomic():
            for statement, values in task:
                db.database.execute_sql(statement, values)

    with db.connected():
        ready.wait()
        _timed(client.tasks, do, spans)
        db.database.manual_close()
