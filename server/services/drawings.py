"""Plots of rankings and of figures, as SVG or PNG, within what the actor sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain.actor import Actor
from server.figures import caterpillar, gaps, heat, radar, trend
from server.figures.canvas import Kind
from server.models import RankedStore, Ranking
from server.services import insights, publishing, rankings, selections, summaries
from server.services.selections import Filters
from server.services.summaries import Summary


def ranking(
    actor: Actor, brand_id: str, filters: Filters, as_of: datetime | None, kind: Kind
) -> bytes:
    """The ranking as a caterpillar plot."""
    selection = selections.select(actor, brand_id, filters)
    found = publishing.of(selection, as_of)
    title = f"{selections.described(selection)}: stores by {selections.measured(selection)}"
    return stores(found, rankings.shown(found, caterpillar.MOST), title, kind)


@dataclass(frozen=True, slots=True)
class Drawable:
    """What plots and their tables are made of; `title` says whose figures they are."""

    title: str
    summary: Summary
    promises: list[dict[str, Any]]


def of_store(actor: Actor, brand_id: str, store_id: str, filters: Filters) -> Drawable:
    """One store's figures. NotFound outside the actor's."""
    known = insights.portrait(actor, brand_id, store_id, filters)
    title = f"{known.store.name}, {selections.described(known.selection)}"
    return Drawable(title, known.summary, insights.promises(known))


def of_selection(actor: Actor, brand_id: str, filters: Filters) -> Drawable:
    """The figures of stores together."""
    selection = selections.select(actor, brand_id, filters)
    summary = summaries.read(selection)
    return Drawable(selections.described(selection), summary, summaries.promises(summary))


def plot(drawable: Drawable, name: str, kind: Kind) -> bytes:
    """One of `PLOTS`, under a title if there is one."""
    title = drawable.title and f"{drawable.title}: {SUBJECTS[name]}"
    return PLOTS[name](drawable, title, kind)


def stores(
    ranking: Ranking,
    rows: Sequence[RankedStore | int],
    title: str,
    kind: Kind,
    marked: str | None = None,
) -> bytes:
    """Some of a ranking's stores, one of them marked, beside the mean of all the brand's."""
    drawn = [row if isinstance(row, int) else _ranked(row, marked) for row in rows]
    return caterpillar.picture(drawn, title=title, mu=ranking.head["mu"], kind=kind)


def promise_gaps(drawable: Drawable, title: str, kind: Kind) -> bytes:
    """How far promises are kept."""
    rows = [
        gaps.Row(one["adjective"], one["score"], one["target"], *(one["interval95"] or ()))
        for one in drawable.promises
    ]
    return gaps.picture(rows, title=title, kind=kind)


def months(drawable: Drawable, title: str, kind: Kind) -> bytes:
    """The visits' mean by month, a month without visits too."""
    told = {one["month"]: one for one in summaries.trend(drawable.summary)}
    points = [
        trend.Point(month, one["score"], one["n"], *(one["interval95"] or ()))
        if (one := told.get(month))
        else trend.Point(month, None, 0)
        for month in summaries.calendar(drawable.summary, trend.MOST)
    ]
    return trend.picture(points, title=title, kind=kind)


def touchpoints(drawable: Drawable, title: str, kind: Kind) -> bytes:
    """Touchpoint × month, the weakest touchpoint first."""
    columns = summaries.calendar(drawable.summary, heat.MOST_COLUMNS)
    found = []
    for row in summaries.heat(drawable.summary):
        cells = {cell["month"]: cell for cell in row["months"]}
        n = sum(cell["n"] for cell in cells.values())
        mean = sum(cell["score"] * cell["n"] for cell in cells.values()) / n
        scores = [cells[month]["score"] if month in cells else None for month in columns]
        found.append((mean, row["name"], scores))
    found.sort(key=lambda one: one[:2])
    names, values = [name for _, name, _ in found], [scores for *_, scores in found]
    return heat.picture(names, columns, values, title=title, kind=kind)


def matrix(drawable: Drawable, title: str, kind: Kind) -> bytes:
    """Promise × touchpoint."""
    rows = summaries.matrix(drawable.summary)
    names: dict[str, str] = {
        cell["touchpoint_id"]: cell["name"] for row in rows for cell in row["touchpoints"]
    }
    values = [
        [scores.get(key) for key in names]
        for row in rows
        for scores in [{cell["touchpoint_id"]: cell["score"] for cell in row["touchpoints"]}]
    ]
    return heat.picture(
        [row["adjective"] for row in rows],
        list(names.values()),
        values,
        title=title,
        kind=kind,
    )


def forces(drawable: Drawable, title: str, kind: Kind) -> bytes:
    """The six forces as a radar."""
    rows = summaries.forces(drawable.summary)
    axes = [radar.Axis(row["force"].replace("_", " "), row["score"], row["n"]) for row in rows]
    return radar.picture(axes, title=title, kind=kind)


Plot = Callable[[Drawable, str, Kind], bytes]
PLOTS: dict[str, Plot] = {
    "gaps": promise_gaps,
    "trend": months,
    "heat": touchpoints,
    "matrix": matrix,
    "forces": forces,
}
"""By the name that routes have."""

SUBJECTS = {
    "gaps": "promises",
    "trend": "visits by month",
    "heat": "touchpoints by month",
    "matrix": "promises by touchpoint",
    "forces": "the six forces",
}


def _ranked(row: RankedStore, marked: str | None) -> caterpillar.Row:
    figures = row.figures
    low, high = figures["interval95"] or (None, None)
    return caterpillar.Row(
        rank=figures["rank"],
        label=f"{figures['store']['code']} {figures['store']['name']}",
        mean=figures["adjusted_mean"],
        low=low,
        high=high,
        tier=figures["tier"],
        provisional=figures["provisional"],
        n_visits=figures["n_visits"],
        marked=row.store_id == marked,
    )
