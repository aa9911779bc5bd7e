"""Pushes of whole reports, against a floor in the same run.

    python -m bench.sync_push [--database sqlite|postgres|both] [--batches 1,20,100]
                              [--clients 1,8,32] [--rounds 2]

A push of 1, 20 or 100 submitted reports of 40 answers, by 1, 8 and 32 phones at once, to
`promessa serve` (2 processes of 8 threads). The floor writes the rows that those pushes left, under
other ids, straight into the same tables: one transaction a push, as many at once. Product and
floor take turns, so that both meet the same machine.
"""

import argparse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
from rich.console import Console
from rich.table import Table

from bench.load import Client, Load, Measured, Request, Statement
from bench.served import Served, serving
from server import db
from server.db import connected
from server.domain.actor import Role
from server.models import Assignment, ChecklistVersion, Event, Report, Revision, SyncChange, Wave
from server.services import feeds
from tests import factories, phone
from tests.cast import Person

ANSWERS = 40
REPORTS = {1: 480, 20: 1280, 100: 3200}
"""How many reports a round pushes, by the size of its pushes."""

console = Console(width=120)


@dataclass(slots=True)
class Field:
    """A brand, its checklist of forty items and its wave, and shoppers."""

    wave: Wave
    version: ChecklistVersion
    shoppers: list[Person]
    store_id: str


@dataclass(slots=True)
class Case:
    """What one size of push and one number of phones came to."""

    batch: int
    clients: int
    product: Measured = field(default_factory=Measured)
    floor: Measured = field(default_factory=Measured)
    cpu: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    reports: int = 0


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--batches", type=numbers, default=[1, 20, 100])
    parser.add_argument("--clients", type=numbers, default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    load = Load()
    try:
        for kind in ("postgres", "sqlite") if options.database == "both" else (options.database,):
            with serving(kind) as served:
                _print(kind, served, list(_cases(served, load, options)))
    finally:
        load.close()


def numbers(text: str) -> list[int]:
    """1,20,100"""
    return [int(part) for part in text.split(",")]


def _cases(served: Served, load: Load, options: argparse.Namespace) -> Iterator[Case]:
    with connected():
        work = planned(max(options.clients))
    for batch in options.batches:
        for clients in options.clients:
            case = Case(batch, clients)
            for _ in range(options.rounds):
                _round(case, served, load, work)
            yield case


def _round(case: Case, served: Served, load: Load, work: Field) -> None:
    pushes = max(case.clients, REPORTS[case.batch] // case.batch) // case.clients
    with connected():
        ids = [
            [assignments(work, shopper, case.batch) for _ in range(pushes)]
            for shopper in work.shoppers[: case.clients]
        ]
    phones = [
        Client(served.url, [request(shopper, work, batch) for batch in batches])
        for shopper, batches in zip(work.shoppers, ids, strict=False)
    ]
    before = served.cpu()
    case.product.add(load.run(phones))
    after = served.cpu()
    with connected():
        straight = [
            Client(served.database_url, [written(shopper, batch) for batch in batches])
            for shopper, batches in zip(work.shoppers, ids, strict=False)
        ]
    case.floor.add(load.run(straight))
    case.cpu[0] += after[0] - before[0]
    case.cpu[1] += after[1] - before[1]
    case.cpu[2] += served.cpu()[1] - after[1]
    case.reports += pushes * case.clients * case.batch


def planned(shoppers: int) -> Field:
    """Forty scored items, and shoppers who are logged in."""
    brand = factories.brand("Bench")
    touchpoint, promise = factories.touchpoint(brand.id), factories.promise(brand.id)
    document = factories.draft(touchpoint.id, promise.id)
    (section,) = document["sections"]
    section["items"] = [section["items"][0] | {"key": f"q{n}"} for n in range(ANSWERS)]
    version = factories.checklist_version(brand.id, document)
    return Field(
        factories.wave(brand.id, version.id),
        version,
        [factories.person(f"shopper-{n}", Role.SHOPPER, brand) for n in range(shoppers)],
        factories.store(brand.id).id,
    )


def assignments(work: Field, shopper: Person, count: int) -> list[str]:
    """New accepted assignments of a shopper, in the feed; their ids."""
    with db.atomic():
        made = [factories.assignment(work.wave, shopper.account_id, work.store_id)]
        ids = [uuid.uuid4().hex for _ in range(count - 1)]
        row = db.columns(made[0])
        if ids:
            Assignment.insert_many(row | {"id": one} for one in ids).execute()
        feeds.touch({shopper.account_id: [("assignments", one) for one in (made[0].id, *ids)]})
    return [made[0].id, *ids]


def request(shopper: Person, work: Field, batch: list[str]) -> Request:
    """The push of the reports of some assignments."""
    rows = {"reports": [], "answers": []}
    counts = {"answer_count": ANSWERS, "photo_count": 0, "submitted_at": phone.AT + 1000}
    for one in batch:
        rows["reports"].append(phone.report(one, checklist_id=work.version.id, **counts))
        rows["answers"] += [phone.answer(one, f"q{n}", n % 7 != 0) for n in range(ANSWERS)]
    body = {table: {"created": made, "updated": [], "deleted": []} for table, made in rows.items()}
    headers = shopper.headers | {"Content-Type": "application/json"}
    return Request("POST", "/v1/sync", orjson.dumps(body), headers)


def written(shopper: Person, batch: list[str]) -> list[Statement]:
    """Just the rows that the push of `batch` left, under other ids, as few statements."""
    reports = [f"{one}.1" for one in batch]
    revisions = [f"{one}.r1" for one in reports]
    statements: list[Statement] = [
        _statement(
            "UPDATE sync_feed SET seq = seq + 1 WHERE shopper_id = ? RETURNING seq",
            (shopper.account_id,),
        )
    ]
    for table, rows in (
        (Report, Report.select().where(Report.id.in_(reports))),
        (Revision, Revision.select().where(Revision.id.in_(revisions))),
        (SyncChange, SyncChange.select().where(SyncChange.row_id.in_(reports))),
        (Event, Event.select().where(Event.subject_id.in_(revisions))),
    ):
        found = [_renamed(row) for row in _raw(table, rows)]
        assert len(found) == len(batch), (table, len(found))
        statements.append(_insert(table, found))
    marks = ", ".join("?" * len(batch))
    statement = f"UPDATE assignment SET version = version + 1 WHERE id IN ({marks})"
    statements.append(_statement(statement, tuple(batch)))
    return statements


def _raw(table: type[db.Table], rows: object) -> Iterator[dict[str, object]]:
    """The rows with their values as the database has them."""
    for row in rows:  # type: ignore[attr-defined]
        values = db.columns(row)
        yield {name: table._meta.fields[name].db_value(value) for name, value in values.items()}


def _renamed(row: dict[str, object]) -> dict[str, object]:
    """Under ids of the floor's own; numbers of the database's own are left to it."""
    named = {name: f"f{row[name]}" for name in ("id", "row_id", "report_id") if name in row}
    if isinstance(row.get("id"), int):
        del row["id"], named["id"]
    return row | named


def _insert(table: type[db.Table], rows: list[dict[str, object]]) -> Statement:
    names = list(rows[0])
    columns = ", ".join(f'"{table._meta.fields[name].column_name}"' for name in names)
    line = f"({', '.join('?' * len(names))})"
    statement = f"INSERT INTO {table._meta.table_name} ({columns}) VALUES "
    values = tuple(row[name] for row in rows for name in names)
    return _statement(statement + ", ".join([line] * len(rows)), values)


def _statement(text: str, values: tuple[object, ...]) -> Statement:
    return (text.replace("?", "%s") if db.is_postgres() else text, values)


def _print(kind: str, served: Served, cases: list[Case]) -> None:
    table = Table(title=f"{kind}: pushes of reports of {ANSWERS} answers")
    for column in (
        *("reports", "phones", "reports/s", "floor/s", "of floor", "p50 ms", "p95 ms"),
        *("floor p95", "API ms/report", "database", "floor's"),
    ):
        table.add_column(column, justify="right")
    for case in cases:
        product, floor = case.product.rate(case.batch), case.floor.rate(case.batch)
        cpu = [f"{1000 * seconds / case.reports:.2f}" for seconds in case.cpu]
        table.add_row(
            *(str(case.batch), str(case.clients), f"{product:.0f}", f"{floor:.0f}"),
            f"{100 * product / floor:.0f} %",
            f"{case.product.quantile(0.5):.0f}",
            f"{case.product.quantile(0.95):.0f}",
            f"{case.floor.quantile(0.95):.0f}",
            *(cpu if served.server else (cpu[0], "in it", "")),
        )
    console.print(table)
    console.print(f"the API's resident memory: {served.memory():.0f} MB")


if __name__ == "__main__":
    main()
