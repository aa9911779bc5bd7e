"""Figures as tables: a header and rows of plain cells, for CSV files and workbooks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.services.rankings import Page


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header. Text is as it is: whoever writes it to a file disarms it."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


RANKING = (
    "rank", "of", "store_id", "store_code", "store_name", "n_visits", "n_eff", "n_shoppers",
    "few_shoppers", "raw_mean", "adjusted_mean", "se", "interval95_low", "interval95_high",
    "reliability", "expected_rank", "rank_interval90_low", "rank_interval90_high",
    "rank_set95_low", "rank_set95_high", "rank_bounds95_low", "rank_bounds95_high",
    "p_top_quartile", "p_bottom_quartile", "tier", "provisional",
    "comparable_block", "weakest_touchpoint", "critical_count", "glue_rate", "change_delta",
    "change_z", "change_q", "change_significant", "peer_group", "period_from", "period_to",
    "measure", "method_version", "weights_version", "computed_at",
)  # fmt: skip
PROMISE = ("score", "target", "gap", "interval_low", "interval_high", "n")
GIVEN = ("given_score", "given_interval_low", "given_interval_high", "given_n", "given_of")
"""Also of a promise that depends on others: in the visits that kept these."""

_ENDS = {"first": "from", "last": "to"}


def ranking(page: Page) -> Table:
    """A store a row."""
    return Table(RANKING, [[flat.get(name) for name in RANKING] for flat in _stores(page)])


def promises_by_store(page: Page) -> Table:
    """A store a row, each promise six columns, and five more where it depends on others."""
    told = page.head["promises"]
    columns = [PROMISE + (GIVEN if one.get("given") else ()) for one in told]
    header = [
        f"{one['adjective']} {name}"
        for one, names in zip(told, columns, strict=True)
        for name in names
    ]
    return Table(header, [_row(item["promises"], columns) for item in page.items])


def _row(promises: Sequence[Mapping[str, Any]], columns: Sequence[Sequence[str]]) -> list[Any]:
    flats = map(_flat, promises)
    return [flat.get(name) for flat, names in zip(flats, columns, strict=True) for name in names]


def ranking_with_promises(page: Page) -> Table:
    """Both, side by side."""
    one, other = ranking(page), promises_by_store(page)
    rows = [[*row, *more] for row, more in zip(one.rows, other.rows, strict=True)]
    return Table([*one.header, *other.header], rows)


def listed(items: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    """An item a row, of these of its fields."""
    flats = map(_flat, items)
    return Table(columns, [[flat.get(name) for name in columns] for flat in flats])


def nested(
    items: Sequence[Mapping[str, Any]], within: str, outer: Sequence[str], inner: Mapping[str, str]
) -> Table:
    """A row for each of the things that items hold as `within`, beside what the item is; `inner`
    names fields and their columns."""
    rows = [
        [*(item[name] for name in outer), *(cell[name] for name in inner)]
        for item in items
        for cell in item[within]
    ]
    return Table([*outer, *inner.values()], rows)


def _stores(page: Page) -> Iterator[dict[str, Any]]:
    for item in page.items:
        yield _flat(item) | {"measure": page.head["measure"]}


def _flat(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures by column: what has parts becomes a column a part."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            flat |= _flat({f"{name}_{_ENDS.get(key, key)}": each for key, each in value.items()})
        elif isinstance(value, list) and len(value) == 2:
            flat[f"{name}_low"], flat[f"{name}_high"] = value
        else:
            flat[name] = value.isoformat() if hasattr(value, "isoformat") else value
    weakest = figures.get("weakest_touchpoint")
    return flat | {"weakest_touchpoint": weakest["name"] if weakest else None}
