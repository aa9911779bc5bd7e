"""Exact sums over the visits that count: per store, shopper, wave, month and measure.

The ledger is the counted rows of VisitScore; the sums follow from it, integer for integer, so a
visit is added or taken back at a cost that does not grow with how many there are.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import peewee

from server.db import atomic, database, is_postgres, snapshot
from server.models import ScoreSum, VisitScore

Progress = Callable[[str, int, int], None]
"""Called with a month that is done, how many are, and of how many."""

Key = tuple[str, ...]
"""brand, measure, month, store, shopper, wave: the primary key of ScoreSum, in its order."""

Sums = dict[Key, tuple[int, int, int]]
"""(n, Σy, Σy²), y in thousandths of a point."""

_KEY = (
    ScoreSum.brand_id,
    ScoreSum.measure,
    ScoreSum.month,
    ScoreSum.store_id,
    ScoreSum.shopper_id,
    ScoreSum.wave_id,
)
_SUMS = (ScoreSum.n, ScoreSum.total, ScoreSum.total_squares)
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the sums and the ledger disagree; (0, 0, 0) is an absent row."""

    key: tuple[str, ...]
    stored: tuple[int, int, int]
    expected: tuple[int, int, int]


def add(score: VisitScore) -> None:
    """Count a visit in; call it once for each, under the report's lock."""
    _insert({key: (1, value, value * value) for key, value in _entries(score)})
    _mark(score, counted=True)


def take_back(score: VisitScore) -> None:
    """Count a visit out again; sums of no visits go."""
    _insert({key: (-1, -value, -value * value) for key, value in _entries(score)})
    ScoreSum.delete().where(
        ScoreSum.brand_id == score.brand_id,
        ScoreSum.measure.in_(list(score.measures)),
        ScoreSum.month == score.month,
        ScoreSum.store_id == score.store_id,
        ScoreSum.shopper_id == score.shopper_id,
        ScoreSum.wave_id == score.wave_id,
        ScoreSum.n == 0,
    ).execute()
    _mark(score, counted=False)


def rebuild(brand_id: str, progress: Progress | None = None) -> int:
    """Make the brand's sums anew from the ledger of its counted visits, a month a transaction, and
    give the number of visits. Undamaged sums come out as the same integers."""
    months, visits = _months(brand_id), 0
    for done, month in enumerate(months, start=1):
        with atomic():
            _close_sums()
            sums, counted = _ledger(brand_id, month)
            ScoreSum.delete().where(*_of(ScoreSum, brand_id, month)).execute()
            _insert(sums)
        visits += counted
        if progress is not None:
            progress(month, done, len(months))
    return visits


def verify(brand_id: str) -> list[Difference]:
    """Where the brand's sums differ from its ledger: nowhere, if all is well. Changes nothing."""
    return [one for month in _months(brand_id) for one in _differences(brand_id, month)]


def _mark(score: VisitScore, *, counted: bool) -> None:
    statement = VisitScore.update(counted=counted)
    statement.where(VisitScore.revision_id == score.revision_id).execute()


def _entries(score: VisitScore) -> Iterator[tuple[tuple[Any, ...], int]]:
    """The keys of ScoreSum that a visit adds to, in their order (so that two writers meet the
    rows in one order), with its value in each."""
    for measure in sorted(score.measures):
        key = (score.brand_id, measure, score.month)
        yield (*key, score.store_id, score.shopper_id, score.wave_id), score.measures[measure]


def _insert(sums: Sums) -> None:
    """Add to the sums, in as few statements as the databases' limit of parameters allows."""
    rows = [(*key, *values) for key, values in sums.items()]
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        database.execute_sql(_upsert(len(block)), [value for row in block for value in row])


def _upsert(rows: int) -> str:
    """The statement that adds so many rows. Its text is kept: to make it takes longer than to
    run it, and visits by one checklist all have the same."""
    return _upsert_text(rows, is_postgres())


@lru_cache(maxsize=_BLOCK)
def _upsert_text(rows: int, _postgres: bool) -> str:
    nothing = ("",) * len(_KEY) + (0,) * len(_SUMS)
    statement = ScoreSum.insert_many([nothing] * rows, fields=[*_KEY, *_SUMS]).on_conflict(
        conflict_target=_KEY,
        update={column: column + getattr(peewee.EXCLUDED, column.name) for column in _SUMS},
    )
    return str(statement.sql()[0])


def _close_sums() -> None:
    """Let nobody else write sums until the transaction ends; reading goes on."""
    if is_postgres():
        database.execute_sql('LOCK TABLE "score_sum" IN EXCLUSIVE MODE')


def _of(table: Any, brand_id: str, month: str) -> tuple[Any, Any]:
    return table.brand_id == brand_id, table.month == month


def _months(brand_id: str) -> list[str]:
    """Every month in the brand's ledger or sums."""
    found: set[str] = set()
    for table in (VisitScore, ScoreSum):
        rows: Any = table.select(table.month).where(table.brand_id == brand_id).distinct().tuples()
        found |= {month for (month,) in rows}
    return sorted(found)


def _ledger(brand_id: str, month: str) -> tuple[Sums, int]:
    """What the sums of a month should be, and the number of visits in them."""
    n: Counter[tuple[Any, ...]] = Counter()
    total: Counter[tuple[Any, ...]] = Counter()
    squares: Counter[tuple[Any, ...]] = Counter()
    visits = 0
    counted = VisitScore.select().where(*_of(VisitScore, brand_id, month), VisitScore.counted)
    for score in counted.iterator():
        visits += 1
        for key, value in _entries(score):
            n[key] += 1
            total[key] += value
            squares[key] += value * value
    return {key: (n[key], total[key], squares[key]) for key in sorted(n)}, visits


def _differences(brand_id: str, month: str) -> list[Difference]:
    with snapshot():
        expected, _ = _ledger(brand_id, month)
        rows: Any = ScoreSum.select(*_KEY, *_SUMS).where(*_of(ScoreSum, brand_id, month)).tuples()
        stored = {tuple(row[: len(_KEY)]): tuple(row[len(_KEY) :]) for row in rows}
    nothing = (0, 0, 0)
    pairs = (
        Difference(key, stored.get(key, nothing), expected.get(key, nothing))
        for key in sorted(stored.keys() | expected.keys())
    )
    return [pair for pair in pairs if pair.stored != pair.expected]
