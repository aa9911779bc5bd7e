"""Rankings that were computed: published with a number, or made on demand and kept.

A ranking never changes once it is here, so a page of it is two reads, whatever came since.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from server import clock
from server.db import atomic, database, is_postgres, serialize
from server.errors import NotFound
from server.models import RankedStore, Ranking
from server.services import computing, excerpts, figures, fits, selections
from server.services.computing import Computed
from server.services.selections import Selection

_COLUMNS = (
    "ranking_id", "position", "store_id", "code", "name", "region_id", "format", "ownership",
    "n_visits", "raw_mean", "adjusted_mean", "delta", "figures", "kept",
)  # fmt: skip
_ROWS_AT_ONCE = 500

PATIENCE = 20
"""A ranking on demand is served for so many times the seconds that it took, though the sums have
changed; a published one until the next."""

_QUICK_SECONDS = 0.5
_MOST_PATIENCE_SECONDS = 60.0

KEPT_ON_DEMAND = timedelta(days=1)
KEPT_WHOLE = timedelta(hours=1)
KEPT_HOURLY = timedelta(days=2)
"""Published rankings: all of the last hour, then the last of each hour, then of each day."""


def publish(brand_id: str) -> Ranking | None:
    """Publish the brand's ranking, if it is due. It may run twice, and at once."""
    last = _published(brand_id)
    if last is not None and last.changes >= figures.changes(brand_id):
        return None
    selection = selections.whole(brand_id)
    fits.keep_up(brand_id)
    computed = computing.compute(selection)
    with atomic():
        serialize(f"rankings {brand_id}")
        last = _published(brand_id)
        if last is not None and last.changes >= computed.changes:
            return None  # another was faster
        number = 1 if last is None else int(last.number or 0) + 1
        ranking = _keep(brand_id, selection.key, computed, number)
        figures.published(brand_id, computed.changes)
    return ranking


def of(selection: Selection, as_of: datetime | None = None) -> Ranking:
    """The ranking of a selection that is in force, or was then. NotFound where none was, or none
    can be made of what is kept."""
    if as_of is not None:
        return _then(selection, as_of)
    last = _newest(selection.brand_id, selection.key)
    if last is not None and (selection.is_whole or _holds(last)):
        return last
    if selection.is_whole:
        return publish(selection.brand_id) or _found(_published(selection.brand_id))
    computed = computing.compute(selection)
    with atomic():
        return _keep(selection.brand_id, selection.key, computed, None)


def _then(selection: Selection, as_of: datetime) -> Ranking:
    """What was in force then: a published ranking, or its part. Of a choice of visits there is only
    what somebody asked for at the time."""
    published = _newest(selection.brand_id, selections.whole(selection.brand_id).key, as_of)
    if published is None:
        raise NotFound("No ranking had been published by then.")
    if selection.is_whole:
        return published
    if not selection.is_part:
        asked = _newest(selection.brand_id, selection.key, as_of)
        return _found(asked, f"{_OF_VISITS} {_CAN_BE_HAD}")
    key = part_key(selection, published.id)
    kept = _newest(selection.brand_id, key)
    if kept is not None:
        return kept
    computed = excerpts.cut(published, selection)
    if computed is None:
        raise NotFound(f"The ranking then in force keeps too little to rank a part. {_CAN_BE_HAD}")
    with atomic():
        return _keep(selection.brand_id, key, computed, None)


def part_key(selection: Selection, published_id: str) -> str:
    """The key of a part of an earlier published ranking."""
    return hashlib.sha256(f"{selection.key} of {published_id}".encode()).hexdigest()


_OF_VISITS = (
    "A ranking by a period, a wave, a measure or a promise, or of competitors, is computed when it "
    "is asked for, and nobody asked for this one by then, or it is no longer kept."
)
_CAN_BE_HAD = (
    "What can be had is the published ranking without filters, and its parts by region, format and "
    "ownership of the brand's own as far as it keeps what that takes."
)


def thin_out() -> int:
    """Forget rankings that newer ones stand for; how many."""
    now, gone = clock.now(), []
    on_demand = Ranking.number.is_null() & (Ranking.computed_at < now - KEPT_ON_DEMAND)
    gone += [row.id for row in Ranking.select(Ranking.id).where(on_demand)]
    gone += list(_superseded(now))
    for some in _blocks(gone):
        with atomic():
            RankedStore.delete().where(RankedStore.ranking_id.in_(some)).execute()
            Ranking.delete().where(Ranking.id.in_(some)).execute()
    return len(gone)


def _superseded(now: datetime) -> Iterator[str]:
    """Published rankings that a later one of the same hour or day stands for."""
    rows = (
        Ranking.select(Ranking.id, Ranking.brand_id, Ranking.computed_at)
        .where(Ranking.number.is_null(False), Ranking.computed_at < now - KEPT_WHOLE)
        .order_by(Ranking.brand_id, Ranking.number)
    )
    earlier: tuple[str, str, str] | None = None
    for row in rows:
        hourly = row.computed_at >= now - KEPT_HOURLY
        span = row.computed_at.strftime("%Y-%m-%d %H" if hourly else "%Y-%m-%d")
        if earlier is not None and earlier[:2] == (row.brand_id, span):
            yield earlier[2]
        earlier = (row.brand_id, span, row.id)


def _holds(ranking: Ranking) -> bool:
    """Whether a ranking made on demand still says what is so, or may be served a while yet."""
    if ranking.changes == figures.changes(ranking.brand_id):
        return True
    if ranking.seconds < _QUICK_SECONDS:
        return False
    patience = min(PATIENCE * ranking.seconds, _MOST_PATIENCE_SECONDS)
    return bool(clock.now() < ranking.computed_at + timedelta(seconds=patience))


def _newest(brand_id: str, key: str, as_of: datetime | None = None) -> Ranking | None:
    mine = (Ranking.brand_id == brand_id) & (Ranking.key == key)
    if as_of is not None:
        mine &= Ranking.computed_at <= as_of
    found: Ranking | None = (
        Ranking.select().where(mine).order_by(Ranking.computed_at.desc(), Ranking.id.desc()).first()
    )
    return found


def _published(brand_id: str) -> Ranking | None:
    found: Ranking | None = (
        Ranking.select()
        .where(Ranking.brand_id == brand_id, Ranking.number.is_null(False))
        .order_by(Ranking.number.desc())
        .first()
    )
    return found


def _found(ranking: Ranking | None, otherwise: str = "No ranking was published yet.") -> Ranking:
    if ranking is None:
        raise NotFound(otherwise)
    return ranking


def _keep(brand_id: str, key: str, computed: Computed, number: int | None) -> Ranking:
    ranking = Ranking.create(
        id=clock.new_id(),
        brand_id=brand_id,
        key=key,
        number=number,
        changes=computed.changes,
        computed_at=clock.now(),
        seconds=computed.seconds,
        head=computed.head,
    )
    kept: list[Any] = computed.kept if computed.kept is not None else [None] * len(computed.rows)
    rows = (
        _values(ranking.id, position, *row)
        for position, row in enumerate(zip(computed.rows, kept, strict=True), 1)
    )
    for block in _blocks(rows):
        database.execute_sql(_insert(len(block)), [value for row in block for value in row])
    return ranking


def _values(
    ranking_id: str, position: int, row: dict[str, Any], kept: dict[str, Any] | None
) -> tuple[Any, ...]:
    store, change = row["store"], row["change"]
    return (
        ranking_id,
        position,
        *(store[name] for name in ("id", "code", "name", "region_id", "format", "ownership")),
        row["n_visits"],
        row["raw_mean"],
        row["adjusted_mean"],
        None if change is None else change["delta"],
        orjson.dumps(row).decode(),
        None if kept is None else orjson.dumps(kept).decode(),
    )


def _insert(rows: int) -> str:
    """The statement for so many rows: made by hand, as peewee takes longer over it than the
    database."""
    mark = "%s" if is_postgres() else "?"
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    values = ", ".join([f"({', '.join([mark] * len(_COLUMNS))})"] * rows)
    return f'INSERT INTO "ranked_store" ({columns}) VALUES {values}'  # noqa: S608 (no value in it)


def _blocks(rows: Any) -> Iterator[list[Any]]:
    each = iter(rows)
    while block := list(islice(each, _ROWS_AT_ONCE)):
        yield block
