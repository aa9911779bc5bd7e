"""Coverage: which stages, touchpoints and promises checklists ask of and visits tell of."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from server.domain import cube, scoring
from server.domain.checklist import Document
from server.domain.journey import Stage
from server.services.summaries import Summary, score, visits


def covered(summary: Summary, asked: Sequence[Document]) -> dict[str, Any]:
    """Stages, touchpoints and promises that no visit tells of, or no item of the documents asks,
    and how long ago the others were seen."""
    touchpoints, promises, stages = _asked(asked)
    names = sorted(summary.touchpoints.values(), key=lambda one: (one.stage, one.name))
    kept = sorted(summary.promises.values(), key=lambda one: (one.adjective, one.id))
    return {
        **visits(summary),
        "method_version": scoring.METHOD_VERSION,
        "stages": [
            {"stage": str(one), "n_items": stages[one]} | _told(summary, "stage", str(one))
            for one in Stage
        ],
        "touchpoints": [
            {"touchpoint_id": one.id, "name": one.name, "stage": one.stage}
            | {"moment_of_truth": one.strategic, "weight": one.weight}
            | {"n_items": touchpoints[one.id]}
            | _told(summary, cube.TOUCHPOINT, one.id)
            for one in names
            if one.archived_at is None or one.id in summary.total(cube.TOUCHPOINT)
        ],
        "promises": [
            {"promise_id": one.id, "adjective": one.adjective, "n_items": promises[one.id]}
            | _told(summary, cube.PROMISE, one.id)
            for one in kept
            if one.archived_at is None or one.id in summary.total(cube.PROMISE)
        ],
    }


def _asked(documents: Sequence[Document]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many items ask of each touchpoint, promise and stage."""
    places: Counter[str] = Counter()
    promises: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    for document in documents:
        for item in document.items():
            promises.update(link.promise for link in item.promises)
            if item.touchpoint is not None:
                places[item.touchpoint] += 1
                if copy := document.touchpoints.get(item.touchpoint):
                    stages[copy.stage] += 1
    return places, promises, stages


def _told(summary: Summary, dimension: str, value: str) -> dict[str, Any]:
    sums = summary.total(dimension).get(value)
    seen = [
        month
        for (name, month), packed in summary.rolled.items()
        if name == dimension and value in packed
    ]
    last = max(seen, default=None)
    return {"n": sums[0] if sums else 0, "score": score(sums), "last_month": last}
