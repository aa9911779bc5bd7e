"""What customers said elsewhere: imported, and read beside the visits of the same month."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server import clock
from server.db import atomic, chunks, insert
from server.domain.actor import Actor
from server.domain.redaction import redacted
from server.models import Mention, Store
from server.services import monthly_files, outcomes, selections, staff
from server.services.monthly_files import MonthlyImport, Refused
from server.services.paging import Page, page
from server.services.selections import Filters
from server.services.summaries import score

LONGEST_TEXT = 10_000
_LONGEST_REFERENCE = 160
_AT_ONCE = 500
_KEY = ("brand_id", "source", "reference")
_KEPT = ("store_id", "month", "rating", "text", "imported_at")


def imported(actor: Actor, brand_id: str, source: str, data: bytes) -> MonthlyImport:
    """Keep a source's mentions of a CSV file with the columns store, month, reference (its name at
    the source), rating (a number or none) and text, in place of former ones of the same reference.
    Invalid if nothing can be made of the file."""
    more = ("reference", "rating", "text")
    rows, report = monthly_files.read(
        actor, brand_id, source, data, more=more, key=("reference",), values=_words
    )
    _write(brand_id, source, rows)
    return report


def _words(row: Mapping[str, str]) -> dict[str, Any]:
    reference, rating, text = row["reference"], row["rating"], row["text"]
    if not 1 <= len(reference) <= _LONGEST_REFERENCE or len(text) > LONGEST_TEXT:
        raise Refused("The reference is empty, or it or the text is too long.")
    number = monthly_files.number(rating) if rating else None
    return {"reference": reference, "rating": number, "text": text or None}


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


def _write(brand_id: str, source: str, rows: list[dict[str, Any]]) -> None:
    now = clock.now()
    whole = [
        {"id": clock.new_id(), "brand_id": brand_id, "source": source, "imported_at": now} | row
        for row in rows
    ]
    with atomic():
        for some in chunks(whole):
            insert(Mention, some, key=_KEY, update=_KEPT)
