"""What goes with an outcome: LMG shares of the visits' score, of the NPS or of an imported outcome,
by the values of a dimension."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from server.domain import cube, scoring
from server.domain.actor import Actor
from server.domain.cube import Tally
from server.domain.drivers import MOST_PREDICTORS, Drivers, drivers
from server.errors import Invalid
from server.models import Outcome, ScoreSum, Store
from server.services import correlations, measures, selections, summaries
from server.services.selections import Filters, Selection
from server.services.summaries import Summary

Told = tuple[float, dict[str, float]]
"""An outcome, and the scores that stand beside it."""

_NAMED = (cube.PROMISE, cube.TOUCHPOINT)
_TOLD = ("r2", "r2_interval95", "adjusted_r2")


def driven(
    actor: Actor,
    brand_id: str,
    filters: Filters,
    outcome: str,
    by: str,
    values: Sequence[str] = (),
) -> dict[str, Any]:
    """How much of an outcome's variation goes with each value of a dimension (LMG): of store
    months for an imported kind, else of visits (`correlations` names what they tell). Without
    `values` the twelve that most visits tell of are taken. Invalid where a dimension or a value is
    unknown."""
    selection = selections.select(actor, brand_id, filters)
    measures.check_dimension(brand_id, by)
    _check_apart(outcome, by, values)
    rows = _rows(selection, Store.select(Store.id).where(selection.condition), outcome, by)
    known = summaries.read(selection, Store.id.is_null()) if by in _NAMED else None
    return _answer(rows, outcome, by, values, known)


def _check_apart(outcome: str, by: str, values: Sequence[str]) -> None:
    """Invalid of what would explain itself."""
    itself = outcome == by if by == scoring.VISIT else outcome in {f"{by}:{one}" for one in values}
    if itself:
        detail = f"{outcome!r} explains itself: name another outcome, dimension or value."
        raise Invalid(detail, errors=[{"pointer": "outcome", "detail": detail}])


def of_store(selection: Selection, store: Store, summary: Summary) -> dict[str, Any]:
    """What goes with one store's NPS, or with its visits' score where nobody was asked, by
    promise."""
    asked = summary.total(cube.TALLY).get(Tally.NPS, [0])[0] > 1
    outcome = str(Tally.NPS) if asked else scoring.VISIT
    rows = _rows(selection, [store.id], outcome, cube.PROMISE)
    return _answer(rows, outcome, cube.PROMISE, (), summary)


def _rows(selection: Selection, stores: Any, outcome: str, by: str) -> list[Told]:
    of = _of_months if correlations.is_imported(outcome) else _of_visits
    return of(selection, stores, outcome, by)


def _answer(
    rows: list[Told], outcome: str, by: str, values: Sequence[str], known: Summary | None
) -> dict[str, Any]:
    counts = Counter(name for _, scores in rows for name in scores)
    if unknown := sorted(set(values) - counts.keys()):
        wrong = [{"pointer": "value", "detail": f"No visit tells of {name!r}."} for name in unknown]
        raise Invalid(f"Choose among the values of {by} that visits tell of.", errors=wrong)
    most = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_PREDICTORS]
    names = sorted(set(values) or most)
    told = [(y, scores) for y, scores in rows if all(name in scores for name in names)]
    found = _found(told, names)
    return {
        "outcome": outcome,
        "by": by,
        "n": len(told),
        "n_incomplete": len(rows) - len(told),
        **{name: _rounded(getattr(found, name)) for name in _TOLD},
        "shares": [
            {
                "value": name,
                "name": _name(known, by, name),
                "share": _rounded(found.shares[at] if found.shares else None),
                "interval95": _rounded(found.intervals95[at] if found.intervals95 else None),
            }
            for at, name in enumerate(names)
        ],
        "left_out": [
            {"value": name, "name": _name(known, by, name)}
            for name in sorted(counts.keys() - set(names))
        ],
        "why": _why(rows, told, names) if found.r2 is None else None,
    }


def _found(told: list[Told], names: list[str]) -> Drivers:
    if not told or not names:
        return Drivers(None, None, len(told))
    table = [[scores[name] for name in names] for _, scores in told]
    return drivers([y for y, _ in told], table)


def _why(rows: list[Told], told: list[Told], names: list[str]) -> str:
    """Why nothing can be told."""
    if not rows:
        return "Nothing here has that outcome."
    if not names:
        return "Nothing that has the outcome is scored by that dimension."
    if len(told) <= len(names) + 1:
        return (
            f"{len(told)} of {len(rows)} have a score of each of the {len(names)} values, and more "
            f"than {len(names) + 1} must: choose fewer values, or more visits."
        )
    return "The outcome never varies."


def _of_visits(selection: Selection, stores: Any, outcome: str, by: str) -> list[Told]:
    found = []
    for of_visit, items, tallies in correlations.visits(selection, stores):
        y = correlations.of_visit(outcome, of_visit, items, tallies)
        if y is not None:
            scores = dict(items or {}) if by == cube.ITEM else _scores(of_visit, by)
            scores = {name: one for name, one in scores.items() if f"{by}:{name}" != outcome}
            found.append((float(y), scores))
    return found


def _scores(of_visit: dict[str, float], by: str) -> dict[str, float]:
    return {
        value: score
        for measure, score in of_visit.items()
        for dimension, value in [cube.parted(measure)]
        if dimension == by
    }


def _of_months(selection: Selection, stores: Any, kind: str, by: str) -> list[Told]:
    """Each store's months that have the imported outcome, with the means of its scores then."""
    outcomes: Any = Outcome.select(Outcome.store_id, Outcome.month, Outcome.value).where(
        Outcome.brand_id == selection.brand_id, Outcome.kind == kind, Outcome.store_id.in_(stores)
    )
    scored = selection.slice.condition() & ScoreSum.store_id.in_(stores)
    scored &= (
        ScoreSum.dimension.startswith(f"{cube.ITEM}@")
        if by == cube.ITEM
        else ScoreSum.dimension == by
    )
    sums: Any = ScoreSum.select(ScoreSum.store_id, ScoreSum.month, ScoreSum.sums).where(scored)
    means: dict[tuple[str, str], cube.Packed] = {}
    for store, month, packed in sums.tuples():
        cube.merge(means.setdefault((store, month), {}), packed)
    return [
        (value, {name: total / n for name, (n, total, _) in means[store, month].items()})
        for store, month, value in outcomes.tuples()
        if (store, month) in means
    ]


def _name(known: Summary | None, by: str, value: str) -> str:
    return summaries.name_of(known, by, value) if known else value


def _rounded(value: float | Iterable[float] | None) -> Any:
    if value is None or isinstance(value, float):
        return value if value is None else round(value, 4)
    return [round(end, 4) for end in value]
