"""The cube: exact sums of visits' scores by dimension and value (docs/scoring.md).

A measure is a text, "dimension:value", or the dimension alone where it has one value:

    visit                         the whole visit
    section:KEY  facet:NAME       stage:NAME  channel:NAME  touchpoint:ID  owner_unit:NAME
    promise:ID                    promise_touchpoint:PROMISE/TOUCHPOINT
    promise_given:ID              the promise, in visits that kept all that it depends on
    KEY:VALUE                     of items' tags, whatever their key
    item@VERSION:KEY              an item's share of its points, by checklist version
    tally:NAME                    counts: see `Tally`
    answer:KEY/WORD               what was answered: see `server.domain.answer_counts`

Sums are packed by dimension: {value: [n, Σy, Σy²]}, all integers, so that adding a visit and taking
it back is the identity, and a visit touches a row a dimension and not a row a measure.
"""

from collections.abc import Mapping
from enum import StrEnum

Sums = list[int]
"""[n, Σy, Σy²]."""

Packed = dict[str, Sums]

ITEM = "item"
ANSWER = "answer"
TALLY = "tally"
PROMISE = "promise"
TOUCHPOINT = "touchpoint"
PROMISE_TOUCHPOINT = "promise_touchpoint"
PROMISE_GIVEN = "promise_given"


class Tally(StrEnum):
    """What is counted of a visit beside its scores; y is a small whole number."""

    CRITICAL = "critical"
    """Critical items that failed."""
    GLUE = "glue"
    """1 where an unexpected extra was given, 0 where the checklist asks for one and none was."""
    NPS = "nps"
    """1 of a promoter (9, 10), 0 of a passive (7, 8), −1 of a detractor (0 to 6)."""
    COVERAGE = "coverage"
    """Thousandths of the checklist's weight that was applicable and answered."""
    LOST = "lost"
    """Of customers who meant to come: 1 where after the visit they no more do, else 0."""
    THIN = "thin"
    """1 where that is too little for the score to rest on."""
    INCOMPLETE = "incomplete"
    """1 where a later part that the visit called for is not in its score, 0 where all are."""
    DEPENDED = "depended"
    """"depended/PROMISE": of a promise that depends on others, of which the visit tells: 1 where it
    kept all of these, else 0."""


def parted(measure: str) -> tuple[str, str]:
    """The measure's dimension and value."""
    dimension, _, value = measure.partition(":")
    return dimension, value


def measure_of(dimension: str, value: str) -> str:
    """The measure of a value of a dimension."""
    return f"{dimension}:{value}" if value else dimension


def item_dimension(checklist_version_id: str) -> str:
    """The dimension of the items of a checklist version: keys are unique within one."""
    return f"{ITEM}@{checklist_version_id}"


def entries(
    measures: Mapping[str, int],
    items: Mapping[str, int] | None,
    tallies: Mapping[str, int] | None,
    checklist_version_id: str,
) -> dict[str, dict[str, int]]:
    """All that a visit adds to the cube: y by dimension and value."""
    found: dict[str, dict[str, int]] = {}
    for measure, y in measures.items():
        dimension, value = parted(measure)
        found.setdefault(dimension, {})[value] = y
    if items:
        found[item_dimension(checklist_version_id)] = dict(items)
    for name, count in (tallies or {}).items():
        kind, _, value = name.partition("/")
        if kind == ANSWER:
            found.setdefault(ANSWER, {})[value] = count
        else:
            found.setdefault(TALLY, {})[name] = count
    return found


def apply(packed: Packed, values: Mapping[str, int], sign: int) -> None:
    """Add a visit's values to a dimension's sums (sign 1), or take them back (−1). Sums of no
    visits go."""
    for value, y in values.items():
        sums = packed.get(value)
        if sums is None:
            packed[value] = [sign, sign * y, sign * y * y]
            continue
        sums[0] += sign
        sums[1] += sign * y
        sums[2] += sign * y * y
        if sums == [0, 0, 0]:
            del packed[value]


def merge(into: Packed, other: Mapping[str, Sums]) -> None:
    """Add sums to sums."""
    for value, (n, total, squares) in other.items():
        sums = into.setdefault(value, [0, 0, 0])
        sums[0] += n
        sums[1] += total
        sums[2] += squares
