"""What customers said elsewhere: imported, and read beside the visits of the same month."""

import math
import re
from datetime import datetime
from typing import Any

from server import clock
from server.db import atomic, chunks
from server.domain import csv_text
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.redaction import redacted
from server.models import Mention, Store
from server.services import outcomes, selections, staff
from server.services.access import require, stores_seen
from server.services.outcomes import OutcomeImport
from server.services.paging import Page, page
from server.services.selections import Filters
from server.services.summaries import score

COLUMNS = ("store", "month", "reference", "rating", "text")
"""A file's columns: a store's code, YYYY-MM, its name at the source, a number or none, words."""

LONGEST_TEXT = 10_000
_LONGEST_REFERENCE = 160
_MOST_REFUSALS = 1000
_AT_ONCE = 500
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)


def imported(actor: Actor, brand_id: str, source: str, data: bytes) -> OutcomeImport:
    """Keep a source's mentions of a CSV file, in place of former ones of the same reference.
    Invalid if nothing can be made of the file; a row that cannot be kept is refused alone."""
    grants = require(actor, brand_id, Permission.STORES_WRITE)
    file = csv_text.read(data)
    place = outcomes.places(file.header, COLUMNS)
    codes: Any = Store.select(Store.code, Store.id).where(stores_seen(grants))
    known, report = dict(codes.tuples()), OutcomeImport(source)
    found: dict[str, dict[str, Any]] = {}
    for line, cells in file.records():
        report.rows += 1
        row = _read(cells, place, known)
        if isinstance(row, str):
            report.refusals.append({"line": line, "reason": row})
        else:
            found[row["reference"]] = row
    if report.rows == 0:
        raise csv_text.unusable("it has no row below its header")
    _write(brand_id, source, list(found.values()))
    report.kept = len(found)
    del report.refusals[_MOST_REFUSALS:]
    return report


def listed(
    actor: Actor,
    brand_id: str,
    filters: Filters,
    *,
    limit: int,
    cursor: str | None,
    source: str | None = None,
) -> Page:
    """A page of mentions of a selection's stores, as they were imported, with the visits' mean of
    the same month. The names of a store's staff are read as their roles."""
    selection = selections.select(actor, brand_id, filters)
    stores = Store.select(Store.id).where(selection.condition)
    query = Mention.select().where(Mention.brand_id == brand_id, Mention.store_id.in_(stores))
    if source is not None:
        query = query.where(Mention.source == source)
    if filters.period is not None:
        query = query.where(Mention.month.between(*filters.period))
    found = page(query, Mention.id, limit=limit, cursor=cursor)
    sums = outcomes.visit_sums(selection, [(one.store_id, one.month) for one in found.items])
    names = staff.names_of({one.store_id for one in found.items})
    items = [
        {
            **{name: getattr(one, name) for name in ("id", "store_id", "month", "source")},
            "reference": one.reference,
            "rating": one.rating,
            "text": one.text and redacted(one.text, names.get(one.store_id, [])),
            "score": score(sums.get((one.store_id, one.month))),
            "n": sums.get((one.store_id, one.month), [0])[0],
        }
        for one in found.items
    ]
    return Page(items, found.next_cursor)


def forget(brand_id: str, before: datetime) -> int:
    """Delete some that were imported before; how many. Until none is left."""
    old = (Mention.brand_id == brand_id) & (Mention.imported_at < before)
    some: Any = Mention.select(Mention.id).where(old).limit(_AT_ONCE).tuples()
    ids = [mention_id for (mention_id,) in some]
    with atomic():
        return int(Mention.delete().where(Mention.id.in_(ids)).execute())


def _read(
    cells: list[str] | None, place: dict[str, int], known: dict[str, str]
) -> dict[str, Any] | str:
    """A row's values, or what is wrong."""
    if cells is None or len(cells) <= max(place.values()):
        return "Is cut short, or cannot be read."
    code, month, reference, number, text = (cells[place[name]].strip() for name in COLUMNS)
    if code not in known:
        return f"There is no store {code[:64]!r}, or it is not yours to see."
    if not _MONTH.fullmatch(month):
        return "The month is not YYYY-MM."
    if not 1 <= len(reference) <= _LONGEST_REFERENCE or len(text) > LONGEST_TEXT:
        return "The reference is empty, or it or the text is too long."
    try:
        rating = float(number) if number else None
    except ValueError:
        return "The rating is not a number."
    if rating is not None and not math.isfinite(rating):
        return "The rating is not finite."
    values = {"store_id": known[code], "month": month, "reference": reference}
    return values | {"rating": rating, "text": text or None}


def _write(brand_id: str, source: str, rows: list[dict[str, Any]]) -> None:
    now = clock.now()
    whole = [
        {"id": clock.new_id(), "brand_id": brand_id, "source": source, "imported_at": now} | row
        for row in rows
    ]
    key = (Mention.brand_id, Mention.source, Mention.reference)
    kept = [Mention.store_id, Mention.month, Mention.rating, Mention.text, Mention.imported_at]
    with atomic():
        for some in chunks(whole):
            Mention.insert_many(some).on_conflict(conflict_target=key, preserve=kept).execute()
