"""Figures of a selection of stores together: by dimension, month, touchpoint and promise, from the
sums alone. Scores here are plain means of the visits; the ranking corrects and shrinks.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from server.domain import cube, months, ranking, scoring, tags
from server.domain.coherence import coherence
from server.domain.cube import Packed, Sums, Tally
from server.domain.journey import Stage
from server.domain.ranking import gap, points
from server.domain.shares import nps as net_promoters
from server.domain.shares import wilson
from server.models import Promise, ScoreSum, Store, Touchpoint
from server.services import checklists, promise_scores
from server.services.selections import Selection

MEND_FIRST = 10
"""Items that are named to mend."""

_OWN_PLACE = (cube.TALLY, cube.ANSWER, cube.PROMISE_TOUCHPOINT, cube.PROMISE_GIVEN)
Rolled = dict[tuple[str, str], Packed]
"""Sums by (dimension, month)."""


@dataclass
class Summary:
    """A selection's sums, and the names of what they are of."""

    rolled: Rolled
    promises: dict[str, Promise]
    touchpoints: dict[str, Touchpoint]
    totals: dict[str, Packed] = field(default_factory=dict)

    @cached_property
    def depending(self) -> dict[str, list[str]]:
        """The promises of which visits could tell how they are kept given others, and these."""
        return checklists.depending(
            name.partition("@")[2] for name, _ in self.rolled if name.startswith(f"{cube.ITEM}@")
        )

    def total(self, dimension: str) -> Packed:
        """A dimension's sums over all months."""
        if dimension not in self.totals:
            self.totals[dimension] = {}
            for (name, _), packed in self.rolled.items():
                if name == dimension:
                    cube.merge(self.totals[dimension], packed)
        return self.totals[dimension]

    def months(self) -> list[str]:
        """The months with visits."""
        return sorted({month for dimension, month in self.rolled if dimension == scoring.VISIT})

    def dimensions(self) -> list[str]:
        """What can be scored by, in its order."""
        return sorted({dimension for dimension, _ in self.rolled})


def read(selection: Selection, *conditions: Any) -> Summary:
    """The sums of a selection, in one query, with two for the names."""
    stores = Store.select(Store.id).where(selection.condition, *conditions)
    query: Any = ScoreSum.select(ScoreSum.dimension, ScoreSum.month, ScoreSum.sums).where(
        selection.slice.condition() & ScoreSum.store_id.in_(stores)
    )
    rolled: Rolled = {}
    for dimension, month, packed in query.tuples().iterator():
        cube.merge(rolled.setdefault((dimension, month), {}), packed)
    promises = Promise.select().where(Promise.brand_id == selection.brand_id)
    touchpoints = Touchpoint.select().where(Touchpoint.brand_id == selection.brand_id)
    return Summary(rolled, {one.id: one for one in promises}, {one.id: one for one in touchpoints})


def calendar(summary: Summary, most: int) -> list[str]:
    """All months from the first with visits to the last, visited or not; of many the last."""
    told = summary.months()
    if not told:
        return []
    count = min(months.apart(told[0], told[-1]) + 1, most)
    return [months.before(told[-1], back) for back in reversed(range(count))]


def figures(summary: Summary) -> dict[str, Any]:
    """All that a page of figures shows of a selection."""
    return {
        **visits(summary),
        "trend": trend(summary),
        "promises": promises(summary),
        "dimensions": dimensions(summary),
        "heat": heat(summary),
        "nps": nps(summary.total(cube.TALLY)),
        "lost": lost(summary),
        "weakest_stage": weakest_stage(summary),
        "mend_first": mend_first(summary),
        "method_version": scoring.METHOD_VERSION,
    }


def visits(summary: Summary) -> dict[str, Any]:
    """How many visits there are, their mean, what was counted, and how much they covered."""
    tallies = summary.total(cube.TALLY)
    whole = summary.total(scoring.VISIT).get("", [0, 0, 0])
    glue, coverage = tallies.get(Tally.GLUE), tallies.get(Tally.COVERAGE)
    return {
        "n_visits": whole[0],
        "raw_mean": score(whole),
        "critical_count": tallies.get(Tally.CRITICAL, [0, 0, 0])[1],
        "glue": share(glue[1], glue[0]) if glue else None,
        "coverage": round(coverage[1] / coverage[0] / 1000, 3) if coverage else None,
        "thin_visits": tallies.get(Tally.THIN, [0, 0, 0])[1],
        "incomplete_visits": tallies.get(Tally.INCOMPLETE, [0, 0, 0])[1],
    }


def trend(summary: Summary) -> list[dict[str, Any]]:
    """The visits' mean by month."""
    return [
        {
            "month": month,
            "score": score(whole),
            "interval95": interval(whole),
            "n": whole[0],
            "nps": nps(summary.rolled.get((cube.TALLY, month), {})),
        }
        for month in summary.months()
        if (whole := summary.rolled[scoring.VISIT, month].get(""))
    ]


def promises(summary: Summary) -> list[dict[str, Any]]:
    """Every promise that visits tell of, the widest gap first."""
    kept = [
        {
            "promise_id": promise.id,
            "adjective": promise.adjective,
            "score": score(sums),
            "interval95": interval(sums),
            "target": promise.target,
            "gap": gap(score(sums), promise.target),
            "n": sums[0],
            "given": given(summary, promise),
            "nps": nps(summary.total(cube.TALLY), f"{Tally.NPS}/{key}"),
        }
        for key, sums in summary.total(cube.PROMISE).items()
        if (promise := summary.promises.get(key))
    ]
    return sorted(kept, key=lambda one: (one["gap"], one["promise_id"]))


def given(summary: Summary, promise: Promise) -> dict[str, Any] | None:
    """How a promise is kept by the visits that kept all that it depends on: control, where there
    was certainty. None where it depended on none when what was visited was published."""
    depends_on = summary.depending.get(promise.id)
    if depends_on is None:
        return None
    sums = summary.total(cube.PROMISE_GIVEN).get(promise.id, [0, 0, 0])
    depended = summary.total(cube.TALLY).get(f"{Tally.DEPENDED}/{promise.id}", (0, 0))
    return {
        "depends_on": depends_on,
        "score": score(sums),
        "interval95": interval(sums),
        "n": sums[0],
        "of": promise_scores.asked(sums[0], depended),
    }


def dimensions(summary: Summary) -> list[dict[str, Any]]:
    """The scores by each dimension that has values, whatever its name."""
    return [
        {"dimension": name, "values": _values(summary, name)}
        for name in summary.dimensions()
        if name != scoring.VISIT and name not in _OWN_PLACE and not name.startswith(cube.ITEM)
    ]


def forces(summary: Summary) -> list[dict[str, Any]]:
    """The six forces of the experience, those that no visit tells of too."""
    told = summary.total("force")
    return [
        {
            "force": force,
            "score": score(told.get(force)),
            "interval95": interval(told[force]) if force in told else None,
            "n": told.get(force, [0])[0],
        }
        for force in tags.WORDS["force"]
    ]


def heat(summary: Summary) -> list[dict[str, Any]]:
    """Touchpoint × month."""
    return [
        {
            "touchpoint_id": key,
            "name": name_of(summary, cube.TOUCHPOINT, key),
            "months": [
                {"month": month, "score": score(sums), "interval95": interval(sums), "n": sums[0]}
                for month in summary.months()
                if (sums := summary.rolled.get((cube.TOUCHPOINT, month), {}).get(key))
            ],
        }
        for key in sorted(summary.total(cube.TOUCHPOINT))
    ]


def matrix(summary: Summary) -> list[dict[str, Any]]:
    """Promise × touchpoint: what each touchpoint does for each promise, and whether the promise is
    kept alike everywhere."""
    cells: dict[str, list[dict[str, Any]]] = {}
    for value, sums in sorted(summary.total(cube.PROMISE_TOUCHPOINT).items()):
        promise, _, touchpoint = value.partition("/")
        name = name_of(summary, cube.TOUCHPOINT, touchpoint)
        cell = {
            "touchpoint_id": touchpoint,
            "name": name,
            "score": score(sums),
            "interval95": interval(sums),
            "n": sums[0],
        }
        cells.setdefault(promise, []).append(cell)
    return [
        one
        | {
            "coherence": _rounded(coherence([cell["score"] for cell in of], [c["n"] for c in of])),
            "touchpoints": of,
        }
        for one in promises(summary)
        for of in [cells.get(one["promise_id"], [])]
    ]


def nps(tallies: Packed, name: str = Tally.NPS) -> dict[str, Any] | None:
    """The net promoter score of the visits that were asked; None of none."""
    n, total, squares = tallies.get(name, (0, 0, 0))
    promoters, detractors = (squares + total) // 2, (squares - total) // 2
    found = net_promoters(promoters, n - squares, detractors)
    if found is None:
        return None
    return {
        "score": round(found.value, 1),
        "interval95": [round(found.low, 1), round(found.high, 1)],
        "n": n,
        "promoters": promoters,
        "passives": n - squares,
        "detractors": detractors,
    }


def lost(summary: Summary) -> dict[str, Any] | None:
    """Of the customers who meant to come, those who after the visit mean it no more."""
    sums = summary.total(cube.TALLY).get(Tally.LOST)
    return share(sums[1], sums[0]) if sums else None


def weakest_stage(summary: Summary) -> dict[str, Any] | None:
    """The stage with the lowest mean: a journey is no better than it."""
    stages = _values(summary, "stage")
    order = list(map(str, Stage))
    return min(stages, key=lambda one: (one["score"], order.index(one["value"])), default=None)


def mend_first(summary: Summary, most: int = MEND_FIRST) -> list[dict[str, Any]]:
    """The items that cost the visits most: weight × gap, as points of the visit's score. An item
    of several versions is told once, in the words of the latest."""
    names = [name for name in summary.dimensions() if name.startswith(f"{cube.ITEM}@")]
    versions = checklists.versions(name.partition("@")[2] for name in names).values()
    by_key: dict[str, list[dict[str, Any]]] = {}
    for version in sorted(versions, key=lambda row: (row.published_at, row.id)):
        for cost in _costs(summary, version.id, summary.total(cube.item_dimension(version.id))):
            by_key.setdefault(cost["item_key"], []).append(cost)
    found = [_merged(costs) for costs in by_key.values()]
    kept = [one for one in found if one["cost"] > 0]
    return sorted(kept, key=lambda one: (-one["cost"], one["item_key"]))[:most]


def _merged(costs: list[dict[str, Any]]) -> dict[str, Any]:
    """What an item costs in all its versions: each weighs as many visits as tell of the item."""
    n = sum(one["sums"][0] for one in costs)
    told = costs[-1] | {
        "n": n,
        "score": points(sum(one["sums"][1] for one in costs) / n),
        "cost": round(sum(one["cost"] * one["sums"][0] for one in costs) / n, 3),
    }
    return {name: value for name, value in told.items() if name != "sums"}


def _costs(summary: Summary, version: str, sums: Packed) -> list[dict[str, Any]]:
    document = checklists.document(version)
    items = [item for item in document.items() if item.bonus is None and item.key in sums]
    weight = sum(item.weight * sums[item.key][0] for item in items)
    return [
        {
            "item_key": item.key,
            "checklist_version_id": version,
            "prompt": item.prompt,
            "touchpoint_id": item.touchpoint,
            "touchpoint": name_of(summary, cube.TOUCHPOINT, item.touchpoint or ""),
            "critical": item.critical is not None,
            "sums": sums[item.key],
            "cost": item.weight * (100 * sums[item.key][0] - sums[item.key][1] / 1000) / weight,
        }
        for item in items
        if weight > 0 and item.weight > 0
    ]


def score(sums: Sums | None) -> float | None:
    """The mean, in points."""
    return points(sums[1] / sums[0]) if sums and sums[0] else None


def interval(sums: Sums) -> list[float] | None:
    """The mean's 95 % interval, in points."""
    return ranking.Sums(*sums).interval95


def share(passed: int, n: int) -> dict[str, Any] | None:
    """A share with Wilson's interval."""
    found = wilson(passed, n)
    if found is None:
        return None
    ends = [round(found.low, 4), round(found.high, 4)]
    return {"value": round(found.value, 4), "interval95": ends, "n": n}


def _values(summary: Summary, dimension: str) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "name": name_of(summary, dimension, value),
            "score": score(sums),
            "interval95": interval(sums),
            "n": sums[0],
        }
        for value, sums in sorted(summary.total(dimension).items())
    ]


def name_of(summary: Summary, dimension: str, value: str) -> str:
    """What people call a value of a dimension."""
    if dimension == cube.TOUCHPOINT and value in summary.touchpoints:
        return str(summary.touchpoints[value].name)
    if dimension == cube.PROMISE and value in summary.promises:
        return str(summary.promises[value].adjective)
    return value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
