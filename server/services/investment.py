"""What the programme costs by month and place, beside imported sales and the scores. For those who
see assignments: what a visit is paid is no store's to know."""

from collections import defaultdict
from dataclasses import replace
from typing import Any, NamedTuple

import peewee

from server import clock
from server.domain import investment, months
from server.domain.actor import Actor
from server.domain.investment import COLUMN_NOTES, NOTES, Cell, Place
from server.domain.permissions import Permission
from server.domain.ranking import Period, Sums
from server.domain.scoring import METHOD_VERSION
from server.domain.states import AssignmentStatus
from server.errors import Invalid
from server.figures.workbook import Sheet, workbook
from server.models import Assignment, Outcome, Region, Report, ScoreSum, Store, VisitScore
from server.services import outcomes, selections, tables
from server.services.access import require
from server.services.selections import Filters, Selection
from server.services.tables import Table

LATEST = 12
"""Months that are told where none are named."""

MOST_MONTHS = 120

COLUMNS = (
    "place_id", "place_code", "place_name", "from", "to", "currency", "n_stores", "fees", "n_fees",
    "costs", "cost", "cost_change", "sales", "n_with_sales", "sales_change", "sales_change_share",
    "n_comparable", "sales_change_per_cost", "score", "interval95_low", "interval95_high", "n",
    "score_change", "score_change_interval95_low", "score_change_interval95_high",
)  # fmt: skip
_WHOLE = ("n_stores", "n_fees", "n_with_sales", "n_comparable", "n")
_DECIMALS = (
    dict.fromkeys(_WHOLE, 0)
    | dict.fromkeys(("fees", "costs", "cost", "cost_change", "sales", "sales_change"), 2)
    | dict.fromkeys(("sales_change_share", "sales_change_per_cost"), 4)
)


class Asked(NamedTuple):
    """By which places and spans, and what the imports are called. `currency` is that of the fees
    that are counted."""

    by: str
    over: str
    sales: str
    costs: str
    currency: str | None


def read(actor: Actor, brand_id: str, filters: Filters, asked: Asked) -> dict[str, Any]:
    """Rows by span and place, and what they do not say; of the LATEST months where none are named.
    Invalid where fees are in several currencies and none is named. The number of queries is
    fixed."""
    found = _found(actor, brand_id, filters, asked)
    return found | {"notes": [*found["notes"].values()]}


def _found(actor: Actor, brand_id: str, filters: Filters, asked: Asked) -> dict[str, Any]:
    """The same, with notes by what they are of."""
    require(actor, brand_id, Permission.ASSIGNMENTS_READ)
    selection = selections.select(actor, brand_id, filters)
    span = filters.period or _latest(selection, asked)
    if span is None:
        return _answer(asked.currency, None, [], {})
    if months.apart(*span) >= MOST_MONTHS:
        raise _wrong("period", f"Must not be more than {MOST_MONTHS} months.")
    spans = [span] if asked.over == "period" else [Period(m, m) for m in investment.calendar(span)]
    known = Period(investment.previous(spans[0]).first, span.last)
    wide = replace(selection, filters=replace(filters, period=known))
    currency, cells, left_out = _cells(wide, asked)
    unit = 10 ** investment.digits(currency)
    places = _places(selection, asked.by)
    rows = [
        investment.row(place, one, cells, unit) | {"currency": currency}
        for one in spans
        for place in places
    ]
    also = {} if filters.period else {"period": _chosen(span)}
    also |= {f"fees in {one}": f"Fees in {one} are left out." for one in left_out}
    return _answer(currency, span, rows, also)


def table(actor: Actor, brand_id: str, filters: Filters, asked: Asked) -> Table:
    """The same as a table."""
    return tables.listed(read(actor, brand_id, filters, asked)["items"], COLUMNS)


def book(actor: Actor, brand_id: str, filters: Filters, asked: Asked) -> bytes:
    """The same as a workbook, whose notes say what it does not prove."""
    found = _found(actor, brand_id, filters, asked)
    rows = tables.listed(found["items"], COLUMNS)
    sheets = [Sheet("Investment", rows.header, rows.rows, _DECIMALS)]
    told = replace(filters, period=found["period"] and Period(*found["period"].values()))
    about = selections.described(selections.select(actor, brand_id, told))
    notes = {"stores and months": about} | found["notes"] | COLUMN_NOTES
    return workbook(sheets, [*notes.items()], made_at=clock.now())


def _answer(
    currency: str | None, span: Period | None, rows: list[Any], also: dict[str, str]
) -> dict[str, Any]:
    return {
        "currency": currency,
        "period": span and span._asdict(),
        "items": rows,
        "notes": NOTES | also,
        "method_version": METHOD_VERSION,
    }


def _chosen(span: Period) -> str:
    return (
        f"No period was named: these are the {LATEST} months from {span.first} to {span.last}, the "
        "latest of which anything is known. What lies before or after is told where it is named."
    )


def _latest(selection: Selection, asked: Asked) -> Period | None:
    """The last months, up to the present one, of which anything is known."""
    stores = Store.select(Store.id).where(selection.condition)
    present = months.month_of(clock.now())
    imported = Outcome.select(peewee.fn.MAX(Outcome.month)).where(
        Outcome.brand_id == selection.brand_id,
        Outcome.kind.in_([asked.sales, asked.costs]),
        Outcome.store_id.in_(stores),
        Outcome.month <= present,
    )
    visited = ScoreSum.select(peewee.fn.MAX(ScoreSum.month)).where(
        selection.slice.condition(["visit"])
        & ScoreSum.store_id.in_(stores)
        & (ScoreSum.month <= present)
    )
    last = max((month for query in (imported, visited) if (month := query.scalar())), default=None)
    return Period(months.before(last, LATEST - 1), last) if last else None


def _places(selection: Selection, by: str) -> list[Place]:
    """The stores, the regions that stores lie in, or all stores together."""
    stores = selections.stores(selection)
    if by == "store":
        return [Place(one.id, one.code, one.name, (one.id,)) for one in stores]
    if by == "all":
        return [Place(None, None, None, tuple(one.id for one in stores))]
    within: dict[str | None, list[str]] = defaultdict(list)
    for one in stores:
        within[one.region_id].append(one.id)
    named = Region.select().where(Region.brand_id == selection.brand_id)
    regions = {one.id: one for one in named.where(Region.id.in_([*filter(None, within)]))}
    found = [
        Place(key, regions[key].code, regions[key].name, tuple(ids)) if key in regions
        else Place(None, None, None, tuple(ids))
        for key, ids in within.items()
    ]  # fmt: skip
    return sorted(found, key=lambda place: (place.id is None, place.name or "", place.id or ""))


def _cells(
    selection: Selection, asked: Asked
) -> tuple[str | None, dict[tuple[str, str], Cell], list[str]]:
    """What is known by store and month; and the currency of the fees, with those left out."""
    cells: dict[tuple[str, str], Cell] = defaultdict(Cell)
    for kind, store, month, value in _imported(selection, asked):
        cell = cells[store, month]
        cell.sales = value if kind == asked.sales else cell.sales
        cell.costs = value if kind == asked.costs else cell.costs
    ends = [("", month) for month in _span(selection)]
    for key, sums in outcomes.visit_sums(selection, ends).items():
        cells[key].visits = Sums(*sums)
    fees = [*_fees(selection), *_fees_of_parts(selection)]
    there = sorted({currency for _, _, currency, _, _ in fees})
    currency = _currency(there, asked.currency)
    for store, month, of, fee, count in fees:
        if of == currency:
            cells[store, month].fee += fee
            cells[store, month].n_fees += count
    return currency, cells, [one for one in there if one != currency]


def _currency(there: list[str], asked: str | None) -> str | None:
    if asked is not None:
        return asked
    if len(there) > 1:
        raise _wrong("currency", f"Fees are in several currencies: name one of {', '.join(there)}.")
    return there[0] if there else None


def _span(selection: Selection) -> Period:
    period = selection.filters.period
    assert period is not None
    return period


def _imported(selection: Selection, asked: Asked) -> Any:
    stores = Store.select(Store.id).where(selection.condition)
    query = Outcome.select(Outcome.kind, Outcome.store_id, Outcome.month, Outcome.value).where(
        Outcome.brand_id == selection.brand_id,
        Outcome.kind.in_([asked.sales, asked.costs]),
        Outcome.month.between(*_span(selection)),
        Outcome.store_id.in_(stores),
    )
    return query.tuples()


def _fees(selection: Selection) -> Any:
    """(store, month, currency, sum of fees, how many) of the visits that count."""
    return _summed(selection, Assignment, _visits())


def _fees_of_parts(selection: Selection) -> Any:
    """The same of later parts that were approved: a fee of theirs is beside their visit's."""
    part = Assignment.alias()
    approved = part.status == str(AssignmentStatus.APPROVED)
    joined = _visits().join(part, on=(part.part_of == Assignment.id) & approved)
    return _summed(selection, part, joined)


def _visits() -> Any:
    same = (Assignment.id == Report.assignment_id) & (Assignment.attempt == Report.attempt)
    return (
        VisitScore.select()
        .join(Report, on=Report.id == VisitScore.report_id)
        .join(Assignment, on=same)
    )


def _summed(selection: Selection, paid: Any, query: Any) -> Any:
    counting = (VisitScore.brand_id == selection.brand_id) & VisitScore.counted
    counting &= VisitScore.month.between(*_span(selection))
    counting &= VisitScore.store_id.in_(Store.select(Store.id).where(selection.condition))
    if selection.filters.wave is not None:
        counting &= VisitScore.wave_id == selection.filters.wave
    key = (VisitScore.store_id, VisitScore.month, paid.currency)
    sums = (peewee.fn.SUM(paid.fee), peewee.fn.COUNT(paid.id))
    found = query.select(*key, *sums).where(counting, paid.fee.is_null(False)).group_by(*key)
    return found.tuples()


def _wrong(name: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[{"pointer": name, "detail": detail}])
