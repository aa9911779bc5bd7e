"""Replay 5,429 real inspections through the public API, as phones would, and check every score.

    python -m bench.replay_inspections [--database sqlite|postgres|both] [--kill] [--visits N]

Sets the programme up over REST (stores by import, shoppers, one wave, an assignment per
inspection), lets 24 simulated phones push in the order of the dates, waits for the jobs, and then
checks that every visit is there once and that every store's figures equal a direct computation
from the file. With --kill a worker and the API are killed -9 in the middle.
"""

import argparse
import statistics
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import Event

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import inspections
from bench.inspections import Inspection, Replay
from bench.programme import Programme, set_up
from bench.stack import Stack, running
from server import config, db
from server.cli.phone import Phone
from server.models import Event as OutboxEvent

DATA = Path(__file__).parents[2] / "shared" / "data"
BATCH = 20
PHONES_AT_ONCE = 8
_JOBS_SECONDS = 900

console = Console(width=110)


@dataclass(slots=True)
class Rates:
    """What was measured: seconds of each push, and of the phases."""

    pushes: list[float] = field(default_factory=list)
    pushing: float = 0
    jobs: float = 0
    events: int = 0


def main() -> None:
    """Run on the databases asked for; exit 1 where anything is lost, doubled or wrong."""
    options = _options()
    replay = inspections.read(options.data)
    replay.inspections[:] = replay.inspections[: options.visits]
    kinds = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    wrong = sum(_replayed(replay, kind, kill=options.kill) for kind in kinds)
    raise SystemExit(1 if wrong else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--kill", action="store_true", help="kill -9 a worker and the API midway")
    parser.add_argument("--visits", type=int, default=None, help="only the first N inspections")
    parser.add_argument("--data", type=Path, default=DATA)
    return parser.parse_args()


def _replayed(replay: Replay, kind: str, *, kill: bool) -> int:
    console.rule(f"{len(replay.inspections)} inspections on {kind}{', with kills' if kill else ''}")
    with running(kind) as stack:
        programme = set_up(stack, replay)
        rates = Rates(events=-_events_done(stack))
        started = time.perf_counter()
        with Progress(console=console, transient=True) as progress:
            _push_all(stack, programme, replay, rates, progress, kill=kill)
            rates.pushing = time.perf_counter() - started
            _wait_for_jobs(programme, len(replay.inspections), progress)
        rates.jobs = time.perf_counter() - started
        rates.events += _events_done(stack)
        ranking = programme.ranking()
        mistakes = _mistakes(replay, programme, ranking)
        _print_ranking(ranking)
        _print_rates(rates, len(replay.inspections), stack)
    for mistake in mistakes[:20]:
        console.print(f"[red]wrong:[/] {mistake}")
    console.print("[red]FAILED[/]" if mistakes else "[green]every visit once, every score equal[/]")
    return len(mistakes)


def _push_all(
    stack: Stack,
    programme: Programme,
    replay: Replay,
    rates: Rates,
    progress: Progress,
    *,
    kill: bool,
) -> None:
    task = progress.add_task("pushing", total=len(replay.inspections))
    halfway = Event()

    def one_phone(inspector: str) -> None:
        phone = programme.phone(inspector)
        queue = [visit for visit in replay.inspections if visit.inspector == inspector]
        for first in range(0, len(queue), BATCH):
            batch = queue[first : first + BATCH]
            for visit in batch:
                _record(phone, programme, visit, replay)
            rates.pushes.append(_timed_sync(phone))
            progress.advance(task, len(batch))
            if kill and not halfway.is_set() and progress.tasks[task].percentage > 50:
                halfway.set()
                stack.kill("worker")
                stack.kill("api")

    with ThreadPoolExecutor(PHONES_AT_ONCE) as pool:
        list(pool.map(one_phone, replay.inspectors))


def _timed_sync(phone: Phone) -> float:
    """Sync; the seconds that its push took (with what was lost and sent again)."""
    phone.patiently(phone.pull)
    started = time.perf_counter()
    phone.patiently(phone.push)
    return time.perf_counter() - started


def _record(phone: Phone, programme: Programme, visit: Inspection, replay: Replay) -> None:
    """The visit as the phone records it: every item answered, passed unless cited."""
    assignment_id = programme.assignments[visit.id]
    began = datetime(visit.day.year, visit.day.month, visit.day.day, 16, tzinfo=UTC)
    at = int(began.timestamp() * 1000)
    report_id = f"{assignment_id}.1"
    for key in replay.items:
        phone.record(
            "answers",
            {
                "id": f"{report_id}.{key}",
                "report_id": report_id,
                "item_key": key,
                "value": "false" if key in visit.cited else "true",
                "note": None,
                "answered_at": at,
                "updated_at": at,
            },
        )
    ended = int((began + timedelta(hours=1)).timestamp() * 1000)
    phone.record(
        "reports",
        {
            "id": report_id,
            "assignment_id": assignment_id,
            "attempt": 1,
            "checklist_id": programme.checklist_id,
            "started_at": at,
            "ended_at": ended,
            "summary": None,
            "answer_count": len(replay.items),
            "photo_count": 0,
            "submitted_at": ended,
            "updated_at": ended,
        },
    )


def _wait_for_jobs(programme: Programme, visits: int, progress: Progress) -> None:
    task = progress.add_task("scoring", total=visits)
    deadline = time.monotonic() + _JOBS_SECONDS
    while time.monotonic() < deadline:
        done = programme.counted()
        progress.update(task, completed=done)
        if done >= visits:
            return
        time.sleep(1)


def _events_done(stack: Stack) -> int:
    """How many events' work the jobs have done."""
    database = db.initialize(config.load(stack.env).database_url)
    with db.connected():
        count = OutboxEvent.select().where(OutboxEvent.done_at.is_null(False)).count()
    database.close_all()
    return count


def _mistakes(replay: Replay, programme: Programme, ranking: list[dict]) -> list[str]:
    """Everything in which the API differs from the file."""
    mistakes = _missing_or_doubled(programme, replay)
    expected = _direct(replay)
    ranked = {row["store"]["code"]: row for row in ranking}
    mistakes += [f"store {code} is not ranked" for code in expected.keys() - ranked.keys()]
    mistakes += [f"store {code} was never visited" for code in ranked.keys() - expected.keys()]
    for code in expected.keys() & ranked.keys():
        n, mean = expected[code]
        row = ranked[code]
        if (row["n_visits"], round(1000 * row["raw_mean"])) != (n, round(1000 * mean)):
            got = f"{row['n_visits']} visits, mean {row['raw_mean']}"
            mistakes.append(f"{code}: {n} visits, mean {float(mean)}; ranked with {got}")
    return mistakes


def _missing_or_doubled(programme: Programme, replay: Replay) -> list[str]:
    expected = {f"{programme.assignments[visit.id]}.1" for visit in replay.inspections}
    reports = programme.reports()
    mistakes = [f"report {report} is missing" for report in expected - set(reports)]
    mistakes += [f"report {report} is too many" for report in set(reports) - expected]
    if len(reports) != len(set(reports)):
        mistakes.append(f"{len(reports) - len(set(reports))} reports are listed twice")
    return mistakes


def _direct(replay: Replay) -> dict[str, tuple[int, Fraction]]:
    """Visits and mean score per outlet, straight from the file: 100 · passed ÷ items, each visit in
    whole thousandths as the method says."""
    scores: dict[str, list[int]] = defaultdict(list)
    for visit in replay.inspections:
        passed = len(replay.items) - len(visit.cited)
        scores[visit.outlet].append(round(Fraction(100_000 * passed, len(replay.items))))
    return {
        outlet: (len(values), Fraction(sum(values), 1000 * len(values)))
        for outlet, values in scores.items()
    }


def _print_ranking(ranking: list[dict]) -> None:
    table = Table(title="The ranking, its ends")
    for column in ("rank", "90 %", "of", "store", "visits", "mean", "adjusted", "±se"):
        table.add_column(column, justify="left" if column == "store" else "right")
    for row in (*ranking[:5], *ranking[-5:]):
        table.add_row(
            str(row["rank"] or "–"),
            "–".join(map(str, row["rank_interval90"] or ())),
            str(row["of"]),
            row["store"]["name"],
            str(row["n_visits"]),
            f"{row['raw_mean']:.2f}",
            f"{row['adjusted_mean']:.2f}",
            f"{row['se']:.2f}",
        )
    console.print(table)


def _print_rates(rates: Rates, visits: int, stack: Stack) -> None:
    pushes = statistics.quantiles(rates.pushes, n=20)
    console.print(
        f"visits pushed: {visits / rates.pushing:.0f}/s "
        f"({len(rates.pushes)} pushes of up to {BATCH} reports, {PHONES_AT_ONCE} phones at once)\n"
        f"a push: p50 {pushes[9] * 1000:.0f} ms, p95 {pushes[18] * 1000:.0f} ms\n"
        f"scored and summed: {visits / rates.jobs:.0f} visits/s from first push to last sum\n"
        f"jobs: {rates.events / rates.jobs:.0f} events done/s ({rates.events} in all)"
    )
    memory = ", ".join(f"{part} {mb:.0f} MB" for part, mb in sorted(stack.memory().items()))
    console.print(f"resident memory: {memory}")


if __name__ == "__main__":
    main()
