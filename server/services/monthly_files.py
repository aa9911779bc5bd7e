"""CSV files of what others say of stores by month, read row by row: what cannot be kept is refused
alone, with its line and the reason."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server import clock
from server.domain import csv_text, months
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.models import Store
from server.services.access import require, stores_seen

MONTH = re.compile(months.PATTERN)
MOST = 1e15
"""Of a number: no shop sells more in a month, and sums and squares stay exact enough."""

_STORE_AND_MONTH = ("store", "month")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MOST_REFUSALS = 1000

Row = dict[str, Any]


class Refused(Exception):
    """What is wrong with a row."""


@dataclass(slots=True)
class MonthlyImport:
    """What became of a file: rows that were kept, and those that were refused with their reason."""

    kind: str
    rows: int = 0
    kept: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)


def read(
    actor: Actor,
    brand_id: str,
    kind: str,
    data: bytes,
    *,
    more: tuple[str, ...],
    key: tuple[str, ...],
    values: Callable[[Mapping[str, str]], Row],
) -> tuple[list[Row], MonthlyImport]:
    """The rows to be kept of a file with the columns store (a code), month (YYYY-MM) and `more`,
    of which `values` gives what is kept, or raises Refused. A row that repeats another's `key` is
    refused, and so is a month later than the next: its year is mistaken. Invalid if nothing can be
    made of the file."""
    grants = require(actor, brand_id, Permission.STORES_WRITE)
    file = csv_text.read(data)
    place = _places(file.header, (*_STORE_AND_MONTH, *more))
    codes: Any = Store.select(Store.code, Store.id).where(stores_seen(grants))
    known, report = dict(codes.tuples()), MonthlyImport(kind)
    latest = months.before(months.month_of(clock.now()), -1)
    rows: list[Row] = []
    first: dict[tuple[str, ...], int] = {}
    for line, cells in file.records():
        report.rows += 1
        try:
            row = _cells(cells, file.header, place)
            kept = _store_and_month(row, known, latest) | values(row)
            named = tuple(row[name] for name in key)
            if named in first:
                told = f"Repeats the {' and '.join(key)} of line {first[named]}, which is kept."
                raise Refused(told)
        except Refused as refused:
            report.refusals.append({"line": line, "reason": str(refused)})
        else:
            first[named] = line
            rows.append(kept)
    if report.rows == 0:
        raise csv_text.unusable("it has no row below its header")
    report.kept = len(rows)
    del report.refusals[_MOST_REFUSALS:]
    return rows, report


def number(text: str) -> float:
    """A finite number that is not too large. Refused."""
    if not _NUMBER.fullmatch(text):
        raise Refused("The number is not one in the digits 0 to 9, with a point.")
    value = float(text)
    if abs(value) > MOST:
        raise Refused(f"The number is beyond {MOST:g}.")
    return value


def _places(header: list[str], columns: tuple[str, ...]) -> dict[str, int]:
    """Where the columns stand. Invalid unless each is there once."""
    names = [name.strip().lower() for name in header]
    for name in columns:
        if names.count(name) != 1:
            raise csv_text.unusable(f"its header must name the column {name!r} once")
    return {name: names.index(name) for name in columns}


def _cells(cells: list[str] | None, header: list[str], place: dict[str, int]) -> dict[str, str]:
    fault = csv_text.fault(cells, header)
    if cells is None or fault is not None:
        told = fault or ""
        raise Refused(f"{told[:1].upper()}{told[1:]}.")
    return {name: cells[index].strip() for name, index in place.items()}


def _store_and_month(row: Mapping[str, str], known: Mapping[str, str], latest: str) -> Row:
    if row["store"] not in known:
        raise Refused(f"There is no store {row['store'][:64]!r}, or it is not yours to see.")
    if not MONTH.fullmatch(row["month"]):
        raise Refused("The month is not YYYY-MM.")
    if row["month"] > latest:
        raise Refused(f"The month is later than {latest}, the next.")
    return {"store_id": known[row["store"]], "month": row["month"]}
