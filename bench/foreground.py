"""What a push takes while jobs catch up, against what it takes when they have nothing to do.

    python -m bench.foreground [--database sqlite|postgres|both] [--backlog 3000]

The whole of Promessa by `promessa up`, one worker. The worker is held while a backlog of submitted
reports comes in; then it is let go, and four phones push one report after the other for as long as
there are undone events.
"""

import argparse
import signal
from collections.abc import Iterator

import psutil
from rich.console import Console

from bench.load import Client, Load, Measured
from bench.stack import Stack, running
from bench.sync_push import Field, assignments, planned, request
from server import config, db
from server.db import connected
from server.models import Event

PHONES = 4
PUSHES = 40
"""How many each phone makes before it is asked whether there still is a backlog."""

console = Console(width=110)


def main() -> None:
    """Print a line for each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--backlog", type=int, default=3000)
    options = parser.parse_args()
    load = Load()
    try:
        for kind in ("postgres", "sqlite") if options.database == "both" else (options.database,):
            with running(kind) as stack:
                console.print(f"{kind}: {_line(stack, load, options.backlog)}")
                db.database.obj.close_all()
    finally:
        load.close()


def _line(stack: Stack, load: Load, backlog: int) -> str:
    settings = config.use(config.load(stack.env))
    db.initialize(settings.database_url)
    with connected():
        work = planned(PHONES)
    _pushed(stack, load, work)
    quiet = _pushed(stack, load, work)
    busy, seen = Measured(), 0
    for worker in _workers(stack):
        worker.send_signal(signal.SIGSTOP)
    _fill(stack, load, work, backlog)
    before = _undone()
    for worker in _workers(stack):
        worker.send_signal(signal.SIGCONT)
    while _undone() and seen < 20:
        busy.add(_pushed(stack, load, work))
        seen += 1
    ratio = busy.quantile(0.95) / quiet.quantile(0.95)
    return (
        f"a push takes p95 {quiet.quantile(0.95):.0f} ms, while {before} events drain "
        f"{busy.quantile(0.95):.0f} ms ({ratio:.2f} times); "
        f"p50 {quiet.quantile(0.5):.0f} and {busy.quantile(0.5):.0f} ms"
    )


def _pushed(stack: Stack, load: Load, work: Field) -> Measured:
    with connected():
        clients = [
            Client(
                stack.base_url,
                [request(one, work, assignments(work, one, 1)) for _ in range(PUSHES)],
            )
            for one in work.shoppers
        ]
    return load.run(clients)


def _fill(stack: Stack, load: Load, work: Field, backlog: int) -> None:
    each = backlog // PHONES
    with connected():
        clients = [
            Client(stack.base_url, [request(one, work, assignments(work, one, each))])
            for one in work.shoppers
        ]
    load.run(clients)


def _undone() -> int:
    with connected():
        return Event.select().where(Event.done_at.is_null()).count()


def _workers(stack: Stack) -> Iterator[psutil.Process]:
    for process in stack.processes():
        if process.cmdline()[-1:] == ["worker"]:
            yield process


if __name__ == "__main__":
    main()
