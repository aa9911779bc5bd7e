"""The score of one visit (docs/scoring.md, method version 1).

Scores are whole thousandths of a point on 0–100, so sums over visits are exact; within a visit all
arithmetic is rational, so the order of items never matters, and rounding (half to even) is the
last step. A measure is a text:

    "visit"            all applicable items by weight; or, where sections have weights, the mean of
                       the sections' scores by those weights
    "section:KEY"      "stage:NAME"  "channel:NAME"  "touchpoint:ID"  "facet:fact|judgement"
    "mode:physical|digital" by the channel
    "interaction:NAME"  "owner_unit:NAME"  "KEY:VALUE" of an item's tags, or its touchpoint's
    "promise:ID"       weights are multiplied by those of the item's links to the promise
    "promise_touchpoint:PROMISE/TOUCHPOINT"  likewise, of the touchpoint's items alone
    "promise_given:ID" the promise's score, if the visit kept all promises that it depends on
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from server.domain import answer_counts, answers, conditions
from server.domain.checklist import Document, Item, ItemType, Section
from server.domain.cube import Tally
from server.domain.journey import MODES

METHOD_VERSION = "1"

VISIT = "visit"

COVERAGE_FLOOR = 600
"""Thousandths: a visit that covers less of its checklist's weight is flagged."""

_INHERITED = frozenset({"sense", "need", "domain"})
"""Tags that an item has of its touchpoint where it has none of its own."""

_FULL = 100_000
_POINT = 1000

Exact = int | Fraction


@dataclass(frozen=True, slots=True)
class VisitFigures:
    """What one visit comes to. A measure with nothing applicable is absent, which is not 0.
    `coverage` is thousandths of the checklist's scored weight that was applicable and answered;
    `critical_failed` are the keys of failed critical items, in the checklist's order. `items` is
    each item's share of its points, bonuses and items of weight 0 too, in the scores' unit;
    `tallies` are counts by `cube.Tally` and `answer_counts`, for visits that have a score."""

    measures: dict[str, int]
    coverage: int
    critical_failed: list[str]
    items: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scored:
    """An item with the share of its points that it earned, 0–1; None: nothing to score."""

    section: Section
    item: Item
    share: Exact | None

    @property
    def counts(self) -> bool:
        """Whether the item stands in denominators; a bonus never does."""
        return self.share is not None and self.item.bonus is None and self.item.weight > 0

    @property
    def failed(self) -> bool:
        """Whether the item is critical and failed."""
        critical = self.item.critical
        if critical is None or self.share is None:
            return False
        return self.share < _exact(critical.below)


def promise_measure(promise_id: str) -> str:
    """The measure of a promise."""
    return f"promise:{promise_id}"


def given_measure(promise_id: str) -> str:
    """The measure of a promise in visits that kept all that it depends on."""
    return f"promise_given:{promise_id}"


def measures(document: Document) -> set[str]:
    """Every measure that a visit by this checklist can have."""
    counting = [
        _Scored(section, item, 1) for section in document.sections for item in section.items
    ]
    return {
        measure
        for one in counting
        if one.counts and answers.can_score(one.item)
        for measure, _ in _weights(document, one, 0, 0)
    }


def score(document: Document, values: Mapping[str, Any]) -> VisitFigures:
    """The figures of a visit; `values` are answers by item key. One that does not fit its item
    counts as none, and an item without an answer is as one that is not applicable."""
    seen = conditions.visible(document, values)
    scored = [
        _Scored(section, item, _share(item, values.get(item.key)) if item.key in seen else None)
        for section in document.sections
        for item in section.items
    ]
    scores = _means(document, scored)
    if VISIT in scores:
        bonus = min(_bonus(scored), _exact(document.bonus_cap))
        scores[VISIT] = min(_FULL, scores[VISIT] + _POINT * bonus)
    for one in scored:
        if one.failed:
            _cap(scores, one)
    coverage = _coverage(scored)
    failed = [one.item.key for one in scored if one.failed]
    measures = {measure: round(value) for measure, value in scores.items()}
    given = _given(document, measures)
    return VisitFigures(
        measures | given,
        coverage,
        failed,
        {one.item.key: round(_FULL * one.share) for one in scored if one.share is not None},
        _tallies(scored, values, coverage, len(failed))
        | _depended(document, measures, given)
        | answer_counts.counts((one.item for one in scored if one.item.key in seen), values)
        if VISIT in scores
        else {},
    )


def _tallies(
    scored: list[_Scored], values: Mapping[str, Any], coverage: int, failed: int
) -> dict[str, int]:
    """What is counted of a visit, where the checklist asks for it."""
    counts = {Tally.COVERAGE: coverage, Tally.THIN: int(coverage < COVERAGE_FLOOR)}
    if any(one.item.critical is not None for one in scored):
        counts[Tally.CRITICAL] = failed
    extras = [one.share for one in scored if one.item.bonus is not None]
    if extras:
        counts[Tally.GLUE] = int(any(extras))
    said = [
        values[one.item.key]
        for one in scored
        if one.item.type == ItemType.NPS and one.share is not None
    ]
    if said:
        counts[Tally.NPS] = answer_counts.nps(said[0])
    return {str(name): count for name, count in counts.items()}


def _share(item: Item, value: Any) -> Exact | None:
    points = answers.points(item, value)
    if points is None:
        return None
    earned, possible = points
    if earned in (0, possible):
        return int(earned == possible)
    share = Fraction(_exact(earned)) / _exact(possible)
    if item.penalty != 1:
        share = max(Fraction(0), 1 - _exact(item.penalty) * (1 - share))
    return share


def _means(document: Document, scored: list[_Scored]) -> dict[str, Exact]:
    """Every measure's weighted mean, in thousandths. The sums are of integers, over the common
    denominator of all shares and in units that the weights are whole numbers of (which cancel
    out): rational numbers would take several times as long."""
    counting = [one for one in scored if one.counts]
    shares = math.lcm(*(one.share.denominator for one in counting if one.share is not None))
    unit = math.lcm(*(_exact(one.item.weight).denominator for one in counting))
    link_unit = math.lcm(
        *(_exact(link.weight).denominator for one in counting for link in one.item.promises)
    )
    earned: dict[str, int] = {}
    possible: dict[str, int] = {}
    for one in counting:
        share = _whole(one.share or 0, shares)
        for measure, weight in _weights(document, one, unit, link_unit):
            earned[measure] = earned.get(measure, 0) + weight * share
            possible[measure] = possible.get(measure, 0) + weight
    means: dict[str, Exact] = {
        measure: Fraction(_FULL * earned[measure], weight * shares)
        for measure, weight in possible.items()
        if weight > 0
    }
    if any(section.weight is not None for section in document.sections):
        _weigh_sections(document, means)
    return means


def _whole(number: Exact, denominator: int) -> int:
    """How many `denominator`-ths a number is of which that is a multiple."""
    return number.numerator * (denominator // number.denominator)


def _weights(
    document: Document, one: _Scored, unit: int, link_unit: int
) -> Iterator[tuple[str, int]]:
    """The measures that an item speaks of, with its weight in each: in 1/unit, and where links
    weigh it in 1/(unit·link_unit)."""
    item, weight = one.item, _whole(_exact(one.item.weight), unit)
    yield VISIT, weight
    yield f"section:{one.section.key}", weight
    yield f"facet:{item.facet}", weight
    if item.touchpoint is not None:
        yield f"touchpoint:{item.touchpoint}", weight
        if touchpoint := document.touchpoints.get(item.touchpoint):
            yield f"stage:{touchpoint.stage}", weight
            yield f"channel:{touchpoint.channel}", weight
            if mode := MODES.get(touchpoint.channel):
                yield f"mode:{mode}", weight
            if touchpoint.owner_unit:
                yield f"owner_unit:{touchpoint.owner_unit}", weight
            yield f"interaction:{touchpoint.interaction}", weight
            for key in _INHERITED - item.tags.keys():
                if value := getattr(touchpoint, key):
                    yield f"{key}:{value}", weight
    for key, value in item.tagged():
        yield f"{key}:{value}", weight
    for link in item.promises:
        linked = weight * _whole(_exact(link.weight), link_unit)
        yield promise_measure(link.promise), linked
        if item.touchpoint is not None:
            yield f"promise_touchpoint:{link.promise}/{item.touchpoint}", linked


def spoken_of(document: Document, section: Section, item: Item) -> list[str]:
    """The measures that an item speaks of."""
    return [measure for measure, _ in _weights(document, _Scored(section, item, None), 1, 1)]


def _weigh_sections(document: Document, means: dict[str, Exact]) -> None:
    """Make the visit the mean of its sections, re-normalised over those that have a score."""
    weights = {
        f"section:{section.key}": _exact(1 if section.weight is None else section.weight)
        for section in document.sections
    }
    present = {measure: weight for measure, weight in weights.items() if measure in means}
    means.pop(VISIT, None)
    if total := sum(present.values()):
        weighted = sum(weight * means[measure] for measure, weight in present.items())
        means[VISIT] = Fraction(weighted) / total


def _given(document: Document, measures: dict[str, int]) -> dict[str, int]:
    """The scores of promises that depend on others, where the visit kept each of those: it told of
    it, and its score reached the target."""

    def kept(promise_id: str) -> bool:
        score, copy = measures.get(promise_measure(promise_id)), document.promises.get(promise_id)
        return score is not None and copy is not None and score >= _POINT * _exact(copy.target)

    return {
        given_measure(promise_id): measures[promise_measure(promise_id)]
        for promise_id, copy in document.promises.items()
        if copy.depends_on
        and promise_measure(promise_id) in measures
        and all(kept(other) for other in copy.depends_on)
    }


def _depended(
    document: Document, measures: Mapping[str, int], given: Mapping[str, int]
) -> dict[str, int]:
    """Whether the visit kept all that a promise depends on, of each that it tells of."""
    return {
        f"{Tally.DEPENDED}/{promise_id}": int(given_measure(promise_id) in given)
        for promise_id, copy in document.promises.items()
        if copy.depends_on and promise_measure(promise_id) in measures
    }


def _bonus(scored: list[_Scored]) -> Exact:
    """Points earned by unexpected extras (G.L.U.E.), before their cap."""
    earned = [one.share * _exact(one.item.bonus) for one in scored if one.share and one.item.bonus]
    return max(0, sum(earned))


def _cap(scores: dict[str, Exact], failed: _Scored) -> None:
    """Hold the measures in the scope of a failed critical item under its cap."""
    critical = failed.item.critical
    assert critical is not None
    for measure in _SCOPES[critical.scope](failed):
        if measure in scores:
            scores[measure] = min(scores[measure], _POINT * _exact(critical.cap))


_SCOPES: dict[str, Callable[[_Scored], list[str]]] = {
    "visit": lambda _: [VISIT],
    "section": lambda one: [f"section:{one.section.key}"],
    "promise": lambda one: [promise_measure(link.promise) for link in one.item.promises],
}


def _coverage(scored: list[_Scored]) -> int:
    """Thousandths of the weight of all items that could have been scored; 0 where none could."""
    could = [
        one
        for one in scored
        if one.item.bonus is None and one.item.weight > 0 and answers.can_score(one.item)
    ]
    whole = sum(_exact(one.item.weight) for one in could)
    covered = sum(_exact(one.item.weight) for one in could if one.share is not None)
    return round(Fraction(1000 * covered) / whole) if whole else 0


@lru_cache(maxsize=4096)
def _exact(number: float) -> Exact:
    """The number that was written: 0.1 is a tenth, not the binary fraction next to it."""
    return int(number) if number == int(number) else Fraction(repr(number))
