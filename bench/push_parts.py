"""Where the CPU of a push goes, part by part, in one process and without a socket.

    python -m bench.push_parts [--database sqlite|postgres|both] [--batches 1,20] [--pushes 200]

A request that finds no route is what Flask takes; a push of nothing adds checking the token, the
locks and an empty transaction; then come reading the JSON, merging, freezing, and writing. Beside
them the floor: the same rows written by bare statements. PostgreSQL's own CPU is not in it.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from bench import sync_push
from bench.load import Request
from bench.served import bound
from server import config, db
from server.app import create_app
from server.db import connected
from server.domain import mending, wire
from server.services.pushes import naming, report_rows, settling
from tests.cast import Person

_WARM = 20

console = Console(width=110)


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--batches", type=sync_push.numbers, default=[1, 20])
    parser.add_argument("--pushes", type=int, default=200)
    options = parser.parse_args()
    for kind in ("postgres", "sqlite") if options.database == "both" else (options.database,):
        table = Table(title=f"{kind}: milliseconds of CPU of one push")
        for column in ("of", *(f"{batch} reports" for batch in options.batches)):
            table.add_column(column, justify="left" if column == "of" else "right")
        found = [_parts(kind, batch, options.pushes) for batch in options.batches]
        for name in found[0]:
            table.add_row(name, *(f"{1000 * parts[name]:.2f}" for parts in found))
        console.print(table)


def _parts(kind: str, batch: int, pushes: int) -> dict[str, float]:
    with bound(kind):
        client = create_app(config.settings()).test_client()
        with connected():
            work = sync_push.planned(1)
            (shopper,) = work.shoppers
            batches = [sync_push.assignments(work, shopper, batch) for _ in range(pushes + _WARM)]
        requests = [sync_push.request(shopper, work, one) for one in batches]
        for request in requests[:_WARM]:
            _call(client, request)
        rest = requests[_WARM:]
        with _timed() as spent:
            whole = _mean(lambda request: _call(client, request), rest)
        empty = Request("POST", "/v1/sync", b"{}", rest[0].headers)
        return {
            "a request without a route": _mean(lambda _: client.get("/v1/none"), rest),
            "a push of nothing": _mean(lambda _: _call(client, empty), rest),
            "a push": whole,
            "  its JSON": _mean(lambda request: wire.read(mending.loads(request.body)), rest),
            **{name: seconds / len(rest) for name, seconds in spent.items()},
            "the floor": _floor(shopper, batches[_WARM:]),
        }


def _floor(shopper: Person, batches: Sequence[list[str]]) -> float:
    def write(statements: list[Any]) -> None:
        with db.atomic():
            for text, values in statements:
                db.database.execute_sql(text, values)

    with connected():
        written = [sync_push.written(shopper, batch) for batch in batches]
        return _mean(write, written)


def _call(client: FlaskClient, request: Request) -> None:
    answer = client.open(
        request.path, method=request.method, data=request.body, headers=request.headers
    )
    assert answer.status_code == 200, answer.text


def _mean(call: Callable[[Any], object], over: Sequence[Any]) -> float:
    started = time.process_time()
    for one in over:
        call(one)
    return (time.process_time() - started) / len(over)


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Seconds of CPU by the parts of a push that are carried out within."""
    spent: dict[str, float] = {}
    places = (
        ("  reading what it names", naming, "read"),
        ("  merging", report_rows, "take"),
        ("  freezing", settling, "freeze"),
        ("  sending what it wrote", settling, "write"),
    )
    kept = [(module, name, getattr(module, name)) for _, module, name in places]
    for (title, module, name), (_, _, real) in zip(places, kept, strict=True):
        setattr(module, name, _counted(real, title, spent))
    try:
        yield spent
    finally:
        for module, name, real in kept:
            setattr(module, name, real)


def _counted(real: Callable[..., Any], title: str, spent: dict[str, float]) -> Callable[..., Any]:
    spent[title] = 0.0

    def timed(*args: Any) -> Any:
        started = time.process_time()
        try:
            return real(*args)
        finally:
            spent[title] += time.process_time() - started

    return timed


if __name__ == "__main__":
    main()
