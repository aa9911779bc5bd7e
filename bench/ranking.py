"""What rankings cost: a page, publishing, applying one report, rebuilding a million visits.

    python -m bench.ranking [--stores 10000 100000] [--each 2 10] [--visits 1000000] [--checks 150]

The fits of the variances are made by a job of their own and are not in what publishing takes. Pages
are asked through all layers of the API in this process (routing, access, queries, JSON), of a
SQLite database on disk. Visits are written into the ledger, and the sums are those that a rebuild
makes of it.
"""

import argparse
import gc
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from server import clock, config, db
from server.app import create_app
from server.domain import checklist, scoring
from server.domain.actor import Role
from server.models import (
    TABLES,
    Account,
    Brand,
    Device,
    Membership,
    Promise,
    ScoreSum,
    Store,
    VisitScore,
)
from server.services import editing, fits, publishing, sums, tokens

BATCH = 2000
SHOPPERS = 3_000
PROMISES = [f"{number:032}" for number in range(5)]
MONTHS = [f"2025-{month:02}" for month in range(1, 13)]
PAGES = 30
APPLIED = 200

console = Console(width=110)


@dataclass(slots=True)
class Bench:
    """A brand with stores, its administrator's client, and dice that always fall the same."""

    brand: Brand
    client: FlaskClient
    headers: dict[str, str]
    stores: list[str]
    dice: random.Random


def main() -> None:
    """Print every figure."""
    options = _options()
    growth = Table(title="A page of 100, and what the job behind it takes")
    names = "stores,visits,page ms,p95 ms,CPU ms,fits CPU s,publish s,CPU s"
    for column in names.split(","):
        growth.add_column(column, justify="right")
    for stores in options.stores:
        for each in options.each:
            growth.add_row(*_published(stores, stores * each))
    console.print(growth)
    _print_applying(options.checks)
    _print_rebuild(options.visits)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stores", type=int, nargs="+", default=[10_000])
    parser.add_argument("--each", type=int, nargs="+", default=[2, 10], help="visits of a store")
    parser.add_argument("--visits", type=int, default=100_000, help="of the rebuild")
    parser.add_argument("--checks", type=int, default=150, help="items of the applied report")
    return parser.parse_args()


def _published(stores: int, visits: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        bench = _set_up(Path(folder), stores)
        _write_visits(bench, visits)
        sums.rebuild(bench.brand.id)
        bench.client.get("/healthz")
        worked = time.process_time()
        fits.current(bench.brand.id, ["visit", *map(scoring.promise_measure, PROMISES)])
        fitted = time.process_time() - worked
        started, worked = time.perf_counter(), time.process_time()
        publishing.publish(bench.brand.id)
        published, cpu = time.perf_counter() - started, time.process_time() - worked
        p50, p95, page_cpu = _pages(bench)
        _close()
    return (
        f"{stores:,}",
        f"{visits:,}",
        f"{p50 * 1000:.0f}",
        f"{p95 * 1000:.0f}",
        f"{page_cpu * 1000:.0f}",
        f"{fitted:.1f}",
        f"{published:.1f}",
        f"{cpu:.1f}",
    )


def _pages(bench: Bench) -> tuple[float, float, float]:
    """Seconds of a page of 100, page after page: the median, the 95th hundredth, and of CPU."""
    url = f"/v1/brands/{bench.brand.id}/rankings"
    taken, cursor, worked = [], None, 0.0
    for _ in range(PAGES):
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        started, before = time.perf_counter(), time.process_time()
        answer = bench.client.get(url, query_string=query, headers=bench.headers)
        page = json.loads(answer.data)
        taken.append(time.perf_counter() - started)
        worked += time.process_time() - before
        if answer.status_code != 200 or len(page["items"]) != 100:
            raise RuntimeError(answer.text[:500])
        cursor = page["next_cursor"]
    cuts = statistics.quantiles(taken, n=20)
    return cuts[9], cuts[18], worked / PAGES


def _print_applying(checks: int) -> None:
    """CPU of scoring a report and adding it to the sums, in batches as the job does it."""
    document = checklist.parse(_document(checks))
    answers = {f"q{index}": index % 7 > 0 for index in range(checks)}
    with tempfile.TemporaryDirectory() as folder:
        bench = _set_up(Path(folder), 50)
        rows = [_visit(bench, index, None) for index in range(APPLIED)]
        VisitScore.insert_many([db.columns(row) for row in rows]).execute()
        started = time.process_time()
        for block in _blocks(iter(rows), 50):
            with db.atomic():
                for row in block:
                    figures = scoring.score(document, answers)
                    row.measures, row.items, row.tallies = (
                        figures.measures,
                        figures.items,
                        figures.tallies,
                    )
                    sums.add(row)
        spent = (time.process_time() - started) / APPLIED * 1000
        touched = ScoreSum.select(ScoreSum.dimension).distinct().count()
        _close()
    console.print(
        f"applying a report of {checks} items, {len(figures.measures)} measures, {touched} rows: "
        f"{spent:.2f} ms of CPU"
    )


def _print_rebuild(visits: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = _set_up(Path(folder), max(visits // 100, 10))
        _write_visits(bench, visits)
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.process_time()
        done = sums.rebuild(bench.brand.id)
        taken = time.process_time() - started
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows = ScoreSum.select().count()
        _close()
    console.print(
        f"rebuild: {done:,} visits into {rows:,} sums in {taken:.0f} s of CPU ({done / taken:.0f} "
        f"a second); the peak of resident memory went from {before:.0f} to {after:.0f} MB"
    )


def _set_up(folder: Path, stores: int) -> Bench:
    settings = config.use(config.load({"PROMESSA_DATA_DIR": str(folder)}))
    db.initialize(f"sqlite:///{folder / 'bench.db'}")
    db.database.connect()
    db.database.create_tables(TABLES)
    now = clock.now()
    brand = Brand.create(
        id=clock.new_id(), name="Bench", locales=["en"], created_at=now, updated_at=now
    )
    account = Account.create(
        id=clock.new_id(),
        email="bench@example.org",
        name="Bench",
        password_hash="!",
        created_at=now,
    )
    Device.create(
        account_id=account.id, device_id="bench", name="Bench", created_at=now, seen_at=now
    )
    editing.create(Membership, brand.id, account_id=account.id, role=str(Role.REVIEWER))
    words = {"kind": "explicit", "adjective": "warm", "statement": "We are.", "target": 80}
    for promise in PROMISES:
        editing.create(Promise, brand.id, id=promise, weight=1.0, **words)
    with db.atomic():
        made = [_store(brand.id, number) for number in range(stores)]
    token = tokens.issue_access(account_id=account.id, device_id="bench")
    headers = {"Authorization": f"Bearer {token}"}
    client = create_app(settings).test_client()
    return Bench(brand, client, headers, made, random.Random(7))


def _store(brand_id: str, number: int) -> str:
    code = f"S{number:06}"
    return str(editing.create(Store, brand_id, code=code, name=f"Store {code}").id)


def _write_visits(bench: Bench, count: int) -> None:
    """A ledger of counted visits: stores and shoppers differ, each shopper works in some area."""
    levels = [bench.dice.gauss(75, 5) for _ in bench.stores]
    severities = [bench.dice.gauss(0, 4) for _ in range(SHOPPERS)]
    rows = (db.columns(_visit(bench, index, (levels, severities))) for index in range(count))
    for block in _blocks(rows, BATCH):
        with db.atomic():
            for part in db.chunks(block):
                VisitScore.insert_many(part).execute()


def _visit(bench: Bench, index: int, model: Any) -> VisitScore:
    place = index % len(bench.stores)
    near = place * SHOPPERS // len(bench.stores)
    shopper = (near + bench.dice.randrange(SHOPPERS // 10)) % SHOPPERS
    score = 50.0
    if model is not None:
        score = model[0][place] + model[1][shopper] + bench.dice.gauss(0, 9)
    y = round(1000 * min(max(score, 0), 100))
    return VisitScore(
        revision_id=f"r{index:09}",
        report_id=f"p{index:09}",
        brand_id=bench.brand.id,
        store_id=bench.stores[place],
        shopper_id=f"shopper-{shopper:024}",
        wave_id="wave-00000000000000000000000001",
        month=bench.dice.choice(MONTHS),
        checklist_version_id="version-000000000000000000000001",
        method_version=scoring.METHOD_VERSION,
        measures={"visit": y, "stage:buy": y, "channel:store": y, "facet:fact": y}
        | {scoring.promise_measure(promise): y for promise in PROMISES}
        | {f"touchpoint:{number:032}": y for number in range(8)},
        items={f"q{number}": y for number in range(20)},
        tallies={"coverage": 1000, "thin": 0, "nps": index % 3 - 1},
        coverage=1000,
        critical_failed=[],
        counted=True,
        computed_at=clock.now(),
    )


def _document(checks: int) -> dict[str, Any]:
    stages = ("discover", "evaluate", "buy", "access", "use", "help")
    touchpoints = {
        f"{number:032}": {
            "name": "x",
            "stage": stages[number % 6],
            "channel": ("store", "web", "app")[number % 3],
            "owner_unit": f"unit {number % 4}",
        }
        for number in range(20)
    }
    items = [
        {
            "key": f"q{index}",
            "type": "yes_no",
            "prompt": {"en": "?"},
            "touchpoint": f"{index % 20:032}",
            "promises": [{"promise": PROMISES[index % 5]}],
            "tags": {"force": ("certainty", "control", "status")[index % 3], "sense": "see"},
        }
        for index in range(checks)
    ]
    sections = [{"key": "all", "title": {"en": "All"}, "items": items}]
    return {"title": {"en": "Visit"}, "touchpoints": touchpoints, "sections": sections}


def _blocks(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while block := list(islice(rows, size)):
        yield block


def _close() -> None:
    db.database.obj.close_all()


if __name__ == "__main__":
    main()
