"""Reading rankings: pages of stores, whole tables, groups of stores, within what the actor sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from server.domain.actor import Actor
from server.models import RankedStore, Ranking, Region
from server.services import paging, publishing, selections
from server.services.selections import Filters, Selection

__all__ = ["Filters", "Page", "grouped", "listed", "ranked", "shown", "whole"]

SORTS: dict[str, Any] = {
    "rank": RankedStore.position,
    "code": RankedStore.code,
    "name": RankedStore.name,
    "n_visits": RankedStore.n_visits,
    "raw_mean": RankedStore.raw_mean,
    "adjusted_mean": RankedStore.adjusted_mean,
    "change": RankedStore.delta,
}
"""What a ranking can be sorted by; with a minus before it, from the largest."""

GROUPS: dict[str, Any] = {
    "region": RankedStore.region_id,
    "format": RankedStore.format,
    "ownership": RankedStore.ownership,
}
"""What a ranking's stores can be grouped by."""

_OF_ALL = ("period", "method_version", "weights_version")
METHODS = "/v1/methods"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a ranking's stores under its head, as they are answered."""

    head: dict[str, Any]
    items: list[dict[str, Any]]
    next_cursor: str | None = None


def listed(
    actor: Actor,
    brand_id: str,
    filters: Filters,
    *,
    limit: int,
    cursor: str | None,
    sort: str = "rank",
    as_of: datetime | None = None,
) -> Page:
    """One page of the ranking in force, or of that which was then; ranks and the head are of the
    whole. A cursor goes on in the ranking that it began in."""
    selection = selections.select(actor, brand_id, filters)
    if cursor is None:
        ranking, offset = publishing.of(selection, as_of), 0
    else:
        ranking, offset = _place(selection, cursor)
    rows = list(_sorted(ranking, sort, offset, limit + 1))
    more = paging.encode(f"{ranking.id} {offset + limit}") if len(rows) > limit else None
    return Page(head_of(ranking), [item(ranking, row) for row in rows[:limit]], more)


def ranked(actor: Actor, brand_id: str, filters: Filters, as_of: datetime | None = None) -> Page:
    """The whole ranking in one."""
    return whole(publishing.of(selections.select(actor, brand_id, filters), as_of))


def whole(ranking: Ranking) -> Page:
    """All of a ranking."""
    chosen = RankedStore.select(RankedStore.figures).where(RankedStore.ranking_id == ranking.id)
    rows: Any = chosen.order_by(RankedStore.position).tuples()
    return Page(head_of(ranking), [item(ranking, figures) for (figures,) in rows])


def shown(ranking: Ranking, most: int, around: int | None = None) -> list[RankedStore | int]:
    """At most so many of a ranking's stores, in its order, a number for those left out between:
    the first and the last, and where a position is given most of them about that."""
    count, place = ranking.head["n_stores"], RankedStore.position
    ends = most // 2 if around is None else most // 10
    wanted = (place <= ends) | (place > count - ends)
    if count <= most:
        wanted = place > 0
    elif around is not None:
        reach = most // 2 - ends
        wanted |= place.between(around - reach, around + reach - 1)
    columns = (place, RankedStore.store_id, RankedStore.figures)
    chosen: Any = RankedStore.select(*columns).where(RankedStore.ranking_id == ranking.id, wanted)
    found: list[RankedStore | int] = []
    last = 0
    for row in chosen.order_by(place):
        if row.position > last + 1:
            found.append(row.position - last - 1)
        found.append(row)
        last = row.position
    return found


def grouped(
    actor: Actor, brand_id: str, filters: Filters, by: str, as_of: datetime | None = None
) -> Page:
    """The ranking's stores in groups, each with the means over its stores, the best first."""
    ranking = publishing.of(selections.select(actor, brand_id, filters), as_of)
    column, fn = GROUPS[by], peewee.fn
    rows: Any = (
        RankedStore.select(
            column.alias("value"),
            fn.COUNT(RankedStore.store_id).alias("n_stores"),
            fn.SUM(RankedStore.n_visits).alias("n_visits"),
            fn.AVG(RankedStore.raw_mean).alias("raw_mean"),
            fn.AVG(RankedStore.adjusted_mean).alias("adjusted_mean"),
        )
        .where(RankedStore.ranking_id == ranking.id)
        .group_by(column)
        .dicts()
    )
    names = _region_names(brand_id) if by == "region" else {}
    items = [
        {
            "value": row["value"],
            "name": names.get(row["value"], row["value"]),
            "n_stores": row["n_stores"],
            "n_visits": int(row["n_visits"]),
            "raw_mean": round(row["raw_mean"], 3),
            "adjusted_mean": round(row["adjusted_mean"], 3),
        }
        for row in rows
    ]
    items.sort(key=lambda item: (-item["adjusted_mean"], item["name"] or ""))
    return Page(head_of(ranking) | {"by": by}, items)


def head_of(ranking: Ranking) -> dict[str, Any]:
    """What is true of the whole ranking."""
    published = ranking.head.get("published") or {"number": ranking.number}
    return ranking.head | {
        "ranking_id": ranking.id,
        "number": published["number"],
        "computed_at": ranking.made_at,
        "method": f"{METHODS}/{ranking.head['method_version']}",
    }


def _sorted(ranking: Ranking, sort: str, offset: int, limit: int) -> Iterator[dict[str, Any]]:
    column, falling = SORTS[sort.removeprefix("-")], sort.startswith("-")
    rows: Any = RankedStore.select(RankedStore.figures).where(RankedStore.ranking_id == ranking.id)
    if sort == "rank":  # by the key, so that no page costs more than the first
        rows = rows.where(RankedStore.position > offset)
        offset = 0
    order = column.desc(nulls="LAST") if falling else column.asc(nulls="LAST")
    rows = rows.order_by(order, RankedStore.position).offset(offset).limit(limit)
    for (figures,) in rows.tuples():
        yield figures


def item(ranking: Ranking, figures: dict[str, Any]) -> dict[str, Any]:
    """A store's figures with what is true of all."""
    of_all = {name: ranking.head[name] for name in _OF_ALL}
    return figures | of_all | {"computed_at": ranking.made_at}


def _place(selection: Selection, cursor: str) -> tuple[Ranking, int]:
    """The ranking that a cursor goes on in, and how many of its stores were given."""
    ranking_id, _, offset = paging.decode(cursor).partition(" ")
    if not offset.isascii() or not offset.isdigit() or len(offset) > 9:
        raise paging.not_ours()
    ranking = Ranking.get_or_none(Ranking.id == ranking_id, Ranking.brand_id == selection.brand_id)
    if ranking is None or ranking.key not in _keys(selection, ranking):
        raise paging.not_ours()
    return ranking, int(offset)


def _keys(selection: Selection, ranking: Ranking) -> set[str]:
    """The keys under which a ranking would be one of the selection's."""
    published = ranking.head.get("published")
    part = {publishing.part_key(selection, published["id"])} if published else set()
    return {selection.key} | part


def _region_names(brand_id: str) -> dict[str, str]:
    rows: Any = Region.select(Region.id, Region.name).where(Region.brand_id == brand_id)
    return dict(rows.tuples())
