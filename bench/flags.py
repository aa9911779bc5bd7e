"""What finding a report's flags costs while its brand has ever more reports.

    python -m bench.flags [--database sqlite|postgres|both] [--reports 1000 10000 100000]

Beside it, in the same run and in turns, the floor: a transaction that reads the report by its key
and writes that it was looked at. Reports are of one checklist, each with a text of its own, one in
twenty with one of ten that everybody writes. Exit 1 where looking costs twice as many floors with
the most reports as with the fewest.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from server import clock, config, db
from server.domain import copies
from server.models import TABLES, Brand, Inspection, Report, Revision, TextPrint
from server.services import inspections
from tests import factories, visits

BATCH = 1000
PROBES = 60
WORDS, VOCABULARY, STOCK, COMMON = 40, 4000, 10, 20
MOST_GROWTH = 2.0

console = Console(width=110)


@dataclass(slots=True)
class Field:
    """A brand, its one checklist and assignment, and dice that always fall the same."""

    brand: Brand
    assignment: Any
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    reports: int = 0

    def text(self, *, common: bool) -> str:
        """Words by chance, or one of a few texts."""
        dice = random.Random(self.dice.randrange(STOCK)) if common else self.dice
        return " ".join(f"w{dice.randrange(VOCABULARY)}" for _ in range(WORDS))


def main() -> None:
    """Print a curve for each database."""
    options = _options()
    kinds = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    table = Table(title=f"Finding flags, ms (medians of {PROBES})")
    names = "database,reports,floor,own text,common text,own ÷ floor,common ÷ floor"
    for column in names.split(","):
        table.add_column(column, justify="right")
    grew = []
    for kind in kinds:
        with _database(kind):
            curve = [_measured(kind, table, count) for count in _filled(options.reports)]
        grew += [last / first for first, last in zip(curve[0], curve[-1], strict=True)]
    console.print(table)
    fewest, most = min(options.reports), max(options.reports)
    console.print(
        f"From {fewest:,} to {most:,} reports: {max(grew):.2f} times as many floors at most."
    )
    raise SystemExit(1 if max(grew) > MOST_GROWTH else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--reports", type=int, nargs="+", default=[1000, 10_000, 100_000])
    return parser.parse_args()


@contextmanager
def _database(kind: str) -> Iterator[None]:
    """An empty database on disk."""
    with TemporaryDirectory() as folder:
        config.use(config.load({"PROMESSA_DATA_DIR": folder}))
        server = None
        if kind == "postgres":
            from tests.backends import postgres

            server = postgres.start(fsync=True)
        db.initialize(server.url if server else f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            with db.connected():
                db.database.create_tables(TABLES)
                yield
        finally:
            db.database.obj.close_all()
            if server:
                server.stop()


def _filled(counts: list[int]) -> Iterator[Field]:
    """The brand with so many reports, and then with more."""
    brand = factories.brand("Bench")
    made = Field(brand, visits.assignment(brand.id, factories.account("bench").id))
    for count in sorted(counts):
        while made.reports < count:
            size = min(BATCH, count - made.reports)
            _write(made, [made.dice.randrange(COMMON) == 0 for _ in range(size)], looked_at=True)
        if db.is_postgres():
            db.database.execute_sql("ANALYZE")
        yield made


def _write(made: Field, common: list[bool], *, looked_at: bool) -> list[str]:
    """Reports that were submitted one after the other; their revisions' ids."""
    now, rows = clock.now(), {table: [] for table in (Report, Revision, Inspection, TextPrint)}
    for each in common:
        made.reports += 1
        report_id = f"{made.assignment.id}.{made.reports}"
        text = made.text(common=each)
        at = now - timedelta(days=365) + timedelta(seconds=made.reports)
        rows[Report].append(_report(made, report_id, at))
        rows[Revision].append(_revision(made, report_id, at, text))
        if looked_at:
            key = {"revision_id": f"{report_id}.r1", "brand_id": made.brand.id}
            version = made.assignment.checklist_version_id
            seen = {"seconds": 600.0, "flag_count": 0, "whole": True, "inspected_at": at}
            rows[Inspection].append(key | {"checklist_version_id": version} | seen)
            prints = copies.sketch(copies.shingles(text))
            rows[TextPrint] += [key | {"print": one, "report_id": report_id} for one in prints]
    with db.atomic():
        for table, wanted in rows.items():
            for part in db.chunks(wanted):
                table.insert_many(part).execute()
    return [row["id"] for row in rows[Revision]]


def _report(made: Field, report_id: str, at: Any) -> dict[str, Any]:
    row = Report(
        id=report_id,
        brand_id=made.brand.id,
        assignment_id=made.assignment.id,
        store_id=made.assignment.store_id,
        shopper_id=made.assignment.shopper_id,
        attempt=made.reports,
        checklist_version_id=made.assignment.checklist_version_id,
        document={},
        revision=1,
        created_at=at,
        updated_at=at,
    )
    return db.columns(row)


def _revision(made: Field, report_id: str, at: Any, text: str) -> dict[str, Any]:
    began = clock.to_ms(at)
    values = {"greeting": True, "wait": 4, "words": text}
    answers = {
        key: {"value": value, "note": None, "answered_at": began + 60_000 * number}
        for number, (key, value) in enumerate(values.items())
    }
    row = Revision(
        id=f"{report_id}.r1",
        report_id=report_id,
        brand_id=made.brand.id,
        number=1,
        status="submitted",
        document={"fields": {"started_at": began}, "answers": answers, "photos": {}},
        missing=[],
        frozen_at=at,
    )
    return db.columns(row)


def _measured(kind: str, table: Table, made: Field) -> tuple[float, float]:
    """One point of the curve: floors that a report costs with a text of its own, and with a
    common one."""
    count = made.reports
    own = _write(made, [False] * PROBES, looked_at=False)
    common = _write(made, [True] * PROBES, looked_at=False)
    floors, owns, commons = [], [], []
    floor_of = partial(_floor, made.assignment.checklist_version_id)
    for one, other in zip(own, common, strict=True):
        floors.append(_timed(floor_of, one))
        owns.append(_timed(inspections.inspect, one))
        commons.append(_timed(inspections.inspect, other))
    floor, *took = (statistics.median(each) * 1000 for each in (floors, owns, commons))
    shares = took[0] / floor, took[1] / floor
    figures = (floor, *took, *shares)
    table.add_row(kind, f"{count:,}", *(f"{each:.2f}" for each in figures))
    return shares


def _floor(version_id: str, revision_id: str) -> None:
    with db.atomic():
        revision = Revision.get_by_id(revision_id)
        key = {"revision_id": revision.id, "brand_id": revision.brand_id}
        seen = {"flag_count": 0, "whole": True, "seconds": None, "inspected_at": clock.now()}
        row = key | {"checklist_version_id": version_id} | seen
        db.insert(Inspection, [row], key=("revision_id",), update=("inspected_at",))


def _timed(work: Callable[[str], None], revision_id: str) -> float:
    started = time.perf_counter()
    work(revision_id)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
