"""Outcomes from elsewhere (sales, reviews, returns): imported per store and month, and listed
beside the scores of the same store and month."""

from collections.abc import Mapping
from typing import Any

from server import clock
from server.db import atomic, chunks, insert
from server.domain import scoring
from server.domain.actor import Actor
from server.models import Outcome, ScoreSum, Store
from server.services import monthly_files, selections, tables
from server.services.monthly_files import MONTH, MonthlyImport
from server.services.paging import Page, decode, encode, not_ours
from server.services.selections import Filters
from server.services.summaries import score
from server.services.tables import Table

_KEY = ("brand_id", "kind", "month", "store_id")
_COLUMNS_OUT = ("store_id", "store_code", "month", "value", "score", "n")


def imported(actor: Actor, brand_id: str, kind: str, data: bytes) -> MonthlyImport:
    """Keep a kind's values of a CSV file with the columns store, month and value, in place of
    former ones of the same store and month. Invalid if nothing can be made of the file."""
    rows, report = monthly_files.read(
        actor, brand_id, kind, data, more=("value",), key=("store", "month"), values=_value
    )
    _write(brand_id, kind, rows)
    return report


def _value(row: Mapping[str, str]) -> dict[str, float]:
    return {"value": monthly_files.number(row["value"])}


def listed(
    actor: Actor, brand_id: str, kind: str, filters: Filters, *, limit: int, cursor: str | None
) -> Page:
    """A page of a kind's values by store and month, with the visits' mean of the same month."""
    selection = selections.select(actor, brand_id, filters)
    query = _kept(selection, kind)
    if cursor is not None:
        month, _, store = decode(cursor).partition(" ")
        if not MONTH.fullmatch(month):
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


def _write(brand_id: str, kind: str, rows: list[dict[str, Any]]) -> None:
    now = clock.now()
    whole = [{"brand_id": brand_id, "kind": kind, "imported_at": now} | row for row in rows]
    with atomic():
        for some in chunks(whole):
            insert(Outcome, some, key=_KEY, update=("value", "imported_at"))
