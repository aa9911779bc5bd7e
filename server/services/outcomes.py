"""Outcomes from elsewhere (sales, reviews, returns): imported per store and month, and listed
beside the scores of the same store and month."""

import re
from dataclasses import dataclass, field
from typing import Any

from server import clock
from server.db import atomic, chunks
from server.domain import csv_text, scoring
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.models import Outcome, ScoreSum, Store
from server.services import selections, tables
from server.services.access import require, stores_seen
from server.services.paging import Page, decode, encode, not_ours
from server.services.selections import Filters
from server.services.summaries import score
from server.services.tables import Table

COLUMNS = ("store", "month", "value")
"""A file's columns: a store's code, YYYY-MM, a number."""

_COLUMNS_OUT = ("store_id", "store_code", "month", "value", "score", "n")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MOST_REFUSALS = 1000

MOST = 1e15
"""Of a value: no shop sells more in a month, and sums and squares stay exact enough."""


@dataclass(slots=True)
class OutcomeImport:
    """What became of a file: rows that were kept, and those that were refused with their reason."""

    kind: str
    rows: int = 0
    kept: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)


def imported(actor: Actor, brand_id: str, kind: str, data: bytes) -> OutcomeImport:
    """Keep a kind's values of a CSV file, in place of former ones of the same store and month.
    Invalid if nothing can be made of the file; a row that cannot be kept, or that repeats another,
    is refused alone."""
    grants = require(actor, brand_id, Permission.STORES_WRITE)
    file = csv_text.read(data)
    place = places(file.header)
    codes: Any = Store.select(Store.code, Store.id).where(stores_seen(grants))
    known, report = dict(codes.tuples()), OutcomeImport(kind)
    values: dict[tuple[str, str], float] = {}
    first: dict[tuple[str, str], int] = {}
    for line, cells in file.records():
        report.rows += 1
        found = _read(cells, place, known)
        if isinstance(found, tuple) and found[:2] in first:
            found = f"Repeats the store and month of line {first[found[:2]]}, which is kept."
        if isinstance(found, str):
            report.refusals.append({"line": line, "reason": found})
        else:
            first[found[:2]], values[found[:2]] = line, found[2]
    if report.rows == 0:
        raise csv_text.unusable("it has no row below its header")
    _write(brand_id, kind, values)
    report.kept = len(values)
    del report.refusals[_MOST_REFUSALS:]
    return report


def listed(
    actor: Actor, brand_id: str, kind: str, filters: Filters, *, limit: int, cursor: str | None
) -> Page:
    """A page of a kind's values by store and month, with the visits' mean of the same month."""
    selection = selections.select(actor, brand_id, filters)
    query = _kept(selection, kind)
    if cursor is not None:
        month, _, store = decode(cursor).partition(" ")
        if not _MONTH.fullmatch(month):
            raise not_ours()
        query = query.where(
            (Outcome.month > month) | ((Outcome.month == month) & (Outcome.store_id > store))
        )
    found: Any = query.order_by(Outcome.month, Outcome.store_id).limit(limit + 1).dicts()
    rows: list[dict[str, Any]] = list(found)
    page = rows[:limit]
    more = encode(f"{page[-1]['month']} {page[-1]['store_id']}") if len(rows) > limit else None
    return Page(_beside(selection, page), more)


def whole(actor: Actor, brand_id: str, kind: str, filters: Filters) -> Table:
    """All of a kind's values, with the scores beside them."""
    selection = selections.select(actor, brand_id, filters)
    found: Any = _kept(selection, kind).order_by(Outcome.month, Outcome.store_id).dicts()
    return tables.listed(_beside(selection, list(found)), _COLUMNS_OUT)


def _kept(selection: selections.Selection, kind: str) -> Any:
    stores = Store.select(Store.id).where(selection.condition)
    query = (
        Outcome.select(Outcome.store_id, Store.code, Outcome.month, Outcome.value)
        .join(Store, on=Store.id == Outcome.store_id)
        .where(
            Outcome.brand_id == selection.brand_id,
            Outcome.kind == kind,
            Outcome.store_id.in_(stores),
        )
    )
    if selection.filters.period is not None:
        query = query.where(Outcome.month.between(*selection.filters.period))
    return query


def visit_sums(
    selection: selections.Selection, wanted: list[tuple[str, str]]
) -> dict[tuple[str, str], list[int]]:
    """The sums of the visits of these stores' months, in one query."""
    sums: dict[tuple[str, str], list[int]] = {}
    if wanted:
        months = [month for _, month in wanted]
        found: Any = ScoreSum.select(ScoreSum.store_id, ScoreSum.month, ScoreSum.sums).where(
            selection.slice.condition([scoring.VISIT])
            & ScoreSum.store_id.in_(Store.select(Store.id).where(selection.condition))
            & ScoreSum.month.between(min(months), max(months))
        )
        for store, month, packed in found.tuples():
            mine = sums.setdefault((store, month), [0, 0, 0])
            for index, part in enumerate(packed[""]):
                mine[index] += part
    return sums


def _beside(selection: selections.Selection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sums = visit_sums(selection, [(row["store_id"], row["month"]) for row in rows])
    return [
        {
            "store_id": row["store_id"],
            "store_code": row["code"],
            "month": row["month"],
            "value": row["value"],
            "score": score(sums.get((row["store_id"], row["month"]))),
            "n": sums.get((row["store_id"], row["month"]), [0])[0],
        }
        for row in rows
    ]


def places(header: list[str], columns: tuple[str, ...] = COLUMNS) -> dict[str, int]:
    """Where the columns stand. Invalid unless each is there once."""
    names = [name.strip().lower() for name in header]
    for name in columns:
        if names.count(name) != 1:
            raise csv_text.unusable(f"its header must name the column {name!r} once")
    return {name: names.index(name) for name in columns}


def _read(
    cells: list[str] | None, place: dict[str, int], known: dict[str, str]
) -> tuple[str, str, float] | str:
    """(store's id, month, value), or what is wrong."""
    if cells is None or len(cells) <= max(place.values()):
        return "Is cut short, or cannot be read."
    code, month, number = (cells[place[name]].strip() for name in COLUMNS)
    if code not in known:
        return f"There is no store {code[:64]!r}, or it is not yours to see."
    if not _MONTH.fullmatch(month):
        return "The month is not YYYY-MM."
    if not _NUMBER.fullmatch(number):
        return "The value is not a number in the digits 0 to 9, with a point."
    value = float(number)
    return (known[code], month, value) if abs(value) <= MOST else f"The value is beyond {MOST:g}."


def _write(brand_id: str, kind: str, values: dict[tuple[str, str], float]) -> None:
    now = clock.now()
    rows = [
        {
            "brand_id": brand_id,
            "kind": kind,
            "month": month,
            "store_id": store,
            "value": value,
            "imported_at": now,
        }
        for (store, month), value in values.items()
    ]
    key = (Outcome.brand_id, Outcome.kind, Outcome.month, Outcome.store_id)
    with atomic():
        for some in chunks(rows):
            Outcome.insert_many(some).on_conflict(
                conflict_target=key, preserve=[Outcome.value, Outcome.imported_at]
            ).execute()
