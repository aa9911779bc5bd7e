"""Exact sums over the visits that count: per store, shopper, wave, month and dimension.

The ledger is the counted rows of VisitScore; the sums follow from it, integer for integer, so a
visit is added or taken back at a cost that does not grow with how many there are.

Whoever writes a brand's sums holds their lock: rows are read, added to and written back. A brand's
visits are counted by one job at a time in any case (docs/decisions/0003-one-drain-job-per-kind.md).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import peewee

from server.db import atomic, database, is_postgres, serialize, snapshot
from server.domain import cube
from server.models import ScoreSum, VisitScore
from server.services import figures

Progress = Callable[[int, int], None]
"""Called with how many visits are done, and of how many."""

Key = tuple[str, ...]
"""brand, dimension, month, store, shopper, wave: the primary key of ScoreSum, in its order."""

_KEY = (
    ScoreSum.brand_id,
    ScoreSum.dimension,
    ScoreSum.month,
    ScoreSum.store_id,
    ScoreSum.shopper_id,
    ScoreSum.wave_id,
)
_NOTHING = (0, 0, 0)
_BLOCK = 500
_VISITS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the sums and the ledger disagree; (0, 0, 0) is what is not there."""

    key: Key
    value: str
    stored: tuple[int, ...]
    expected: tuple[int, ...]


def add(score: VisitScore) -> None:
    """Count a visit in; call it once for each, under the report's lock."""
    _apply(score, 1)


def take_back(score: VisitScore) -> None:
    """Count a visit out again; sums of no visits go."""
    _apply(score, -1)


def rename(brand_id: str, shopper_id: str, pseudonym: str) -> int:
    """Let a shopper's counted visits be another's, visit for visit and integer for integer; how
    many sums. Sums that the other has already are added to."""
    of_brand = (ScoreSum.brand_id == brand_id) & ScoreSum.shopper_id.in_([shopper_id, pseudonym])
    with atomic():
        _lock(brand_id)
        VisitScore.update(shopper_id=pseudonym).where(
            VisitScore.brand_id == brand_id, VisitScore.shopper_id == shopper_id
        ).execute()
        renamed: dict[Key, cube.Packed] = {}
        stored = _stored(ScoreSum.select().where(of_brand))
        for key, packed in stored.items():
            named = tuple(pseudonym if part == shopper_id else part for part in key)
            cube.merge(renamed.setdefault(named, {}), packed)
        ScoreSum.delete().where(of_brand).execute()
        _write(renamed)
    return len(stored)


def rebuild(brand_id: str, progress: Progress | None = None) -> int:
    """Make the brand's sums anew from the ledger of its counted visits, some stores a transaction,
    and give the number of visits. Undamaged sums come out as the same integers; whatever stops it
    leaves every store with its old sums or its new ones."""
    done, total = 0, _counted(brand_id).count()
    for stores in _blocks(brand_id):
        with atomic():
            _lock(brand_id)
            expected, visits = _ledger(brand_id, stores)
            ScoreSum.delete().where(*_of(ScoreSum, brand_id, stores)).execute()
            _write({key: packed for key, packed in expected.items() if packed})
            figures.changed(brand_id)
        done += visits
        if progress is not None:
            progress(done, max(done, total))
    return done


def verify(brand_id: str, progress: Progress | None = None) -> Iterator[Difference]:
    """Where the brand's sums differ from its ledger: nowhere, if all is well. Changes nothing."""
    done, total = 0, _counted(brand_id).count()
    for stores in _blocks(brand_id):
        with snapshot():
            expected, visits = _ledger(brand_id, stores)
            stored = _stored(ScoreSum.select().where(*_of(ScoreSum, brand_id, stores)))
        yield from _differences(stored, expected)
        done += visits
        if progress is not None:
            progress(done, max(done, total))


def _apply(score: VisitScore, sign: int) -> None:
    _lock(score.brand_id)
    visit = cube.entries(
        score.measures, score.items, score.tallies, str(score.checklist_version_id)
    )
    keys = [_key(score, dimension) for dimension in sorted(visit)]
    stored = _stored(
        ScoreSum.select().where(
            ScoreSum.brand_id == score.brand_id,
            ScoreSum.dimension.in_(list(visit)),
            ScoreSum.month == score.month,
            ScoreSum.store_id == score.store_id,
            ScoreSum.shopper_id == score.shopper_id,
            ScoreSum.wave_id == score.wave_id,
        )
    )
    sums = {key: stored.get(key, {}) for key in keys}
    for key, packed in sums.items():
        cube.apply(packed, visit[key[1]], sign)
    _write({key: packed for key, packed in sums.items() if packed})
    if emptied := [key for key, packed in sums.items() if not packed]:
        _delete(score, [key[1] for key in emptied])
    figures.changed(score.brand_id)
    VisitScore.update(counted=sign > 0).where(VisitScore.revision_id == score.revision_id).execute()


def _lock(brand_id: str) -> None:
    serialize(f"sums {brand_id}")


def _key(score: VisitScore, dimension: str) -> Key:
    return (
        score.brand_id,
        dimension,
        score.month,
        score.store_id,
        score.shopper_id,
        score.wave_id,
    )


def _stored(rows: Any) -> dict[Key, cube.Packed]:
    found = rows.select(*_KEY, ScoreSum.sums).tuples()
    return {tuple(row[: len(_KEY)]): row[-1] for row in found}


def _delete(score: VisitScore, dimensions: list[str]) -> None:
    ScoreSum.delete().where(
        ScoreSum.brand_id == score.brand_id,
        ScoreSum.dimension.in_(dimensions),
        ScoreSum.month == score.month,
        ScoreSum.store_id == score.store_id,
        ScoreSum.shopper_id == score.shopper_id,
        ScoreSum.wave_id == score.wave_id,
    ).execute()


def _write(sums: dict[Key, cube.Packed]) -> None:
    """Write rows, in as few statements as the databases' limit of parameters allows."""
    rows = [(*key, orjson.dumps(packed).decode()) for key, packed in sums.items()]
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        database.execute_sql(_upsert(len(block)), [value for row in block for value in row])


def _upsert(rows: int) -> str:
    """The statement that writes so many rows. Its text is kept: to make it takes longer than to
    run it, and visits by one checklist all have the same."""
    return _upsert_text(rows, is_postgres())


@lru_cache(maxsize=_BLOCK)
def _upsert_text(rows: int, _postgres: bool) -> str:
    nothing = ("",) * (len(_KEY) + 1)
    statement = ScoreSum.insert_many([nothing] * rows, fields=[*_KEY, ScoreSum.sums]).on_conflict(
        conflict_target=_KEY, preserve=[ScoreSum.sums]
    )
    return str(statement.sql()[0])


def _of(table: Any, brand_id: str, stores: list[str]) -> tuple[Any, Any]:
    return table.brand_id == brand_id, table.store_id.in_(stores)


def _counted(brand_id: str) -> Any:
    return VisitScore.select().where(VisitScore.brand_id == brand_id, VisitScore.counted)


def _blocks(brand_id: str) -> Iterator[list[str]]:
    """The brand's stores, a few at a time: so many that their visits fit into memory."""
    rows: Any = (
        VisitScore.select(VisitScore.store_id, peewee.fn.COUNT(VisitScore.revision_id))
        .where(VisitScore.brand_id == brand_id)
        .group_by(VisitScore.store_id)
        .tuples()
    )
    visits = dict(rows)
    known: Any = ScoreSum.select(ScoreSum.store_id).where(ScoreSum.brand_id == brand_id)
    block: list[str] = []
    held = 0
    for store in sorted(visits.keys() | {store for (store,) in known.distinct().tuples()}):
        if block and (held + visits.get(store, 0) > _VISITS_AT_ONCE or len(block) == _BLOCK):
            yield block
            block, held = [], 0
        block.append(store)
        held += visits.get(store, 0)
    if block:
        yield block


def _ledger(brand_id: str, stores: list[str]) -> tuple[dict[Key, cube.Packed], int]:
    """What the sums of some stores should be, and the number of visits in them."""
    sums: dict[Key, cube.Packed] = {}
    visits = 0
    counted = _counted(brand_id).where(VisitScore.store_id.in_(stores))
    for score in counted.iterator():
        visits += 1
        version = str(score.checklist_version_id)
        entries = cube.entries(score.measures, score.items, score.tallies, version)
        for dimension, values in entries.items():
            cube.apply(sums.setdefault(_key(score, dimension), {}), values, 1)
    return sums, visits


def _differences(
    stored: dict[Key, cube.Packed], expected: dict[Key, cube.Packed]
) -> Iterator[Difference]:
    for key in sorted(stored.keys() | expected.keys()):
        have, want = stored.get(key, {}), expected.get(key, {})
        if have == want:
            continue
        for value in sorted(have.keys() | want.keys()):
            pair = tuple(have.get(value, _NOTHING)), tuple(want.get(value, _NOTHING))
            if pair[0] != pair[1]:
                yield Difference(key, value, *pair)
