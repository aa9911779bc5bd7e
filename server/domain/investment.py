"""What a programme costs, and beside it what was sold and how visits scored: rows of a place and a
span of months, each against the span before.

What goes together is told, and no cause: sales follow the season, prices and what is advertised,
too, and who is visited more often may be so because they sell more.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import scipy

from server.domain import months
from server.domain.ranking import Period, Sums, points

NOTES = {
    "cause": "These figures lie beside each other. They do not prove that the programme moved "
    "sales: the season, prices, openings and advertising move them too, and no store was left "
    "without it.",
    "sales_change": "A change of sales is that of the stores with sales in each month of both "
    "spans; n_comparable says how many.",
    "sales_change_per_cost": "sales_change_per_cost is what the change would be per unit of cost "
    "of these same stores if all of it came of the programme. It is no return that was shown.",
    "cost": "Costs are fees of visits that count and of their approved later parts, in the visit's "
    "month, and imported costs. What is not imported is not in them.",
}
"""What goes with every answer and every file, by what it is of."""

COLUMN_NOTES = {
    "from, to": "The first and the last month of the row. A change is against the span before, of "
    "as many months.",
    "fees, costs": "In whole units of currency: the fees of n_fees visits and parts, and what was "
    "imported. cost is both together, cost_change its difference from the span before.",
    "sales": "Imported, of the n_with_sales stores that have any in the span.",
    "sales_change_share": "sales_change as a share of the same stores' sales in the span before.",
    "score": "The plain mean of the row's n visits, from 0 to 100.",
    "interval95_low, interval95_high": "The 95 % interval of score: where the mean of many more "
    "such visits would lie. Empty where there are fewer than two.",
    "score_change": "score less that of the span before, in points.",
    "score_change_interval95_low, score_change_interval95_high": "Welch's 95 % interval of "
    "score_change. Where 0 lies between its ends, the change may be chance. Empty where one of the "
    "spans has fewer than two visits.",
}
"""What else the columns of a file mean."""

_NO_DECIMALS = frozenset(
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
        "VUV", "XAF", "XOF", "XPF",
    }
)  # fmt: skip
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_POINT = 1000


@dataclass(slots=True)
class Cell:
    """What is known of a store in a month: fees in minor units and of how many visits, imported
    costs and sales (None: none were imported), and the sums of its visits."""

    fee: int = 0
    n_fees: int = 0
    costs: float | None = None
    sales: float | None = None
    visits: Sums = field(default_factory=Sums)


Cells = Mapping[tuple[str, str], Cell]
"""By store and month."""


class Place(NamedTuple):
    """A store, a region's stores, or all: with the ids of its stores."""

    id: str | None
    code: str | None
    name: str | None
    stores: tuple[str, ...]


def digits(currency: str | None) -> int:
    """How many decimals the currency's minor unit is (ISO 4217)."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def previous(span: Period) -> Period:
    """The span of as many months that ends before this one."""
    count = months.apart(*span) + 1
    return Period(months.before(span.first, count), months.before(span.first, 1))


def calendar(span: Period) -> list[str]:
    """All months of a span."""
    count = months.apart(*span)
    return [months.before(span.last, back) for back in range(count, -1, -1)]


def row(place: Place, span: Period, cells: Cells, unit: int) -> dict[str, Any]:
    """A place's span beside the one before; `unit` is how many minor units the fees' unit has."""
    now, before = (_Figures.of(place, one, cells, unit) for one in (span, previous(span)))
    return {
        "place_id": place.id,
        "place_code": place.code,
        "place_name": place.name,
        "from": span.first,
        "to": span.last,
        "n_stores": len(place.stores),
        "fees": round(now.fees, 3),
        "n_fees": now.n_fees,
        "costs": now.costs,
        "cost": round(now.cost, 3),
        "cost_change": round(now.cost - before.cost, 3) if before.known else None,
        "sales": now.sales,
        "n_with_sales": now.n_with_sales,
        **_sold(now, before),
        "score": points(now.visits.mean),
        "interval95": now.visits.interval95,
        "n": now.visits.n,
        "score_change": _scored(now.visits, before.visits),
        "score_change_interval95": change_interval(now.visits, before.visits),
    }


def change_interval(now: Sums, before: Sums) -> list[float] | None:
    """Welch's 95 % interval of the difference of two means, in points. None where one of them has
    fewer than two visits, or where the visits of each are all equal."""
    if now.mean is None or before.mean is None:
        return None
    errors = now.standard_error, before.standard_error
    if errors[0] is None or errors[1] is None or not any(errors):
        return None
    parts = [error**2 for error in errors if error is not None]
    weighed = sum(v**2 / (one.n - 1) for v, one in zip(parts, (now, before), strict=True))
    freedom = sum(parts) ** 2 / weighed
    reach = math.sqrt(sum(parts)) * float(scipy.special.stdtrit(freedom, 0.975))
    middle = float(now.mean - before.mean)
    return [round((middle + side * reach) / _POINT, 3) for side in (-1, 1)]


@dataclass(slots=True)
class _Figures:
    """A place's figures of one span. `whole` are the sales of each store that has them in all of
    its months, `spent` the cost of each store."""

    known: bool
    fees: float
    n_fees: int
    costs: float | None
    sales: float | None
    n_with_sales: int
    whole: dict[str, float]
    spent: dict[str, float]
    visits: Sums

    @classmethod
    def of(cls, place: Place, span: Period, cells: Cells, unit: int) -> "_Figures":
        """The sums of the place's cells."""
        wanted = calendar(span)
        by_store = {
            store: [cells[store, month] for month in wanted if (store, month) in cells]
            for store in place.stores
        }
        found = [cell for mine in by_store.values() for cell in mine]
        sold = {
            store: [cell.sales for cell in mine if cell.sales is not None]
            for store, mine in by_store.items()
        }
        return cls(
            known=bool(found),
            fees=sum(cell.fee for cell in found) / unit,
            n_fees=sum(cell.n_fees for cell in found),
            costs=_total(cell.costs for cell in found),
            sales=_total(cell.sales for cell in found),
            n_with_sales=sum(map(bool, sold.values())),
            whole={
                store: math.fsum(given)
                for store, given in sold.items()
                if len(given) == len(wanted)
            },
            spent={
                store: sum(cell.fee for cell in mine) / unit
                + math.fsum(cell.costs or 0.0 for cell in mine)
                for store, mine in by_store.items()
            },
            visits=sum((cell.visits for cell in found), Sums()),
        )

    @property
    def cost(self) -> float:
        return self.fees + (self.costs or 0.0)


def _sold(now: _Figures, before: _Figures) -> dict[str, Any]:
    """How sales changed, of the stores that can be compared."""
    alike = now.whole.keys() & before.whole.keys()
    change = math.fsum(now.whole[one] - before.whole[one] for one in alike) if alike else None
    base = math.fsum(before.whole[one] for one in alike)
    cost = math.fsum(now.spent[one] for one in alike)
    return {
        "sales_change": None if change is None else round(change, 3),
        "sales_change_share": _ratio(change, base),
        "n_comparable": len(alike),
        "sales_change_per_cost": _ratio(change, cost),
    }


def _ratio(change: float | None, base: float) -> float | None:
    return None if change is None or base <= 0 else round(change / base, 4)


def _scored(now: Sums, before: Sums) -> float | None:
    if now.mean is None or before.mean is None:
        return None
    return points(now.mean - before.mean)


def _total(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return math.fsum(given) if given else None
