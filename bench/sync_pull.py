"""Pulls: of nothing new, and of everything on a new phone; against the same rows straight.

    python -m bench.sync_pull [--database sqlite|postgres|both] [--clients 1,8,32]

Each shopper has 30 reports of 40 answers. An empty pull's floor is its two queries in one snapshot,
a first pull's the same and the shopper's whole rows, read straight from the database.
"""

import argparse
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.load import Client, Load, Measured, Request, Statement
from bench.served import Served, serving
from bench.sync_push import Field, assignments, planned, request
from server import db
from server.db import connected
from server.services import feeds
from tests.cast import Person

REPORTS = 30
EMPTY, FIRST = 300, 12
"""How many pulls a phone makes."""

console = Console(width=120)


@dataclass(slots=True)
class Case:
    """What pulls of one kind came to; CPU in seconds, of the API and of PostgreSQL."""

    name: str
    clients: int
    product: Measured
    floor: Measured
    cpu: tuple[float, float]


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--clients", default="1,8,32")
    options = parser.parse_args()
    numbers = [int(part) for part in options.clients.split(",")]
    load = Load()
    try:
        for kind in ("postgres", "sqlite") if options.database == "both" else (options.database,):
            with serving(kind) as served:
                work = _filled(served, load, max(numbers))
                cases = [
                    _case(served, load, work, clients, first=first)
                    for first in (False, True)
                    for clients in numbers
                ]
                _print(kind, cases, served)
    finally:
        load.close()


def _filled(served: Served, load: Load, shoppers: int) -> Field:
    with connected():
        work = planned(shoppers)
        batches = {
            shopper.account_id: assignments(work, shopper, REPORTS) for shopper in work.shoppers
        }
    load.run(
        [
            Client(served.url, [request(shopper, work, batches[shopper.account_id])])
            for shopper in work.shoppers
        ]
    )
    return work


def _case(served: Served, load: Load, work: Field, clients: int, *, first: bool) -> Case:
    some, times = work.shoppers[:clients], FIRST if first else EMPTY
    with connected():
        pulls = [Client(served.url, [_pull(shopper, first=first)] * times) for shopper in some]
        straight = [
            Client(served.database_url, [_read(shopper, first=first)] * times) for shopper in some
        ]
    before = served.cpu()
    product = load.run(pulls)
    after = served.cpu()
    cpu = (after[0] - before[0], after[1] - before[1])
    name = "first" if first else "empty"
    return Case(name, clients, product, load.run(straight), cpu)


def _pull(shopper: Person, *, first: bool) -> Request:
    end: Any = feeds.position(shopper.account_id)
    cursor = "null" if first else end.number()
    headers = shopper.headers | {"Accept-Encoding": "gzip"}
    return Request("GET", f"/v1/sync?last_pulled_at={cursor}&schema_version=1", b"", headers)


def _read(shopper: Person, *, first: bool) -> list[Statement]:
    end: Any = feeds.position(shopper.account_id)
    mark, who = ("%s" if db.is_postgres() else "?"), (shopper.account_id,)
    since = 0 if first else end.seq
    statements: list[Statement] = [
        (f"SELECT epoch, seq FROM sync_feed WHERE shopper_id = {mark}", who),
        (
            'SELECT DISTINCT "table", deleted FROM sync_change '
            f"WHERE shopper_id = {mark} AND seq > {mark}",
            (*who, since),
        ),
    ]
    if first:
        tables = ("assignment", "report", "notice")
        statements += [
            (f"SELECT * FROM {table} WHERE shopper_id = {mark}", who) for table in tables
        ]
    return statements


def _print(kind: str, cases: list[Case], served: Served) -> None:
    table = Table(title=f"{kind}: pulls by shoppers with {REPORTS} reports of 40 answers")
    for column in (
        *("pull", "phones", "pulls/s", "floor/s", "p50 ms", "p95 ms", "floor p95"),
        *("API ms/pull", "database"),
    ):
        table.add_column(column, justify="right")
    for case in cases:
        each = [f"{1000 * seconds / len(case.product.each):.2f}" for seconds in case.cpu]
        table.add_row(
            *(case.name, str(case.clients)),
            *(f"{case.product.rate(1):.0f}", f"{case.floor.rate(1):.0f}"),
            *(f"{case.product.quantile(part):.1f}" for part in (0.5, 0.95)),
            f"{case.floor.quantile(0.95):.1f}",
            *(each if served.server else (each[0], "in it")),
        )
    console.print(table)
    console.print(f"the API's resident memory: {served.memory():.0f} MB")


if __name__ == "__main__":
    main()
