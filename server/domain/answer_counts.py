"""What visits answered, counted beside their scores: how many chose what, how much they spent, how
many meant to come again and will not.

    answer/KEY              1 of each visit that answered the item
    answer/KEY/WORD         1 of each that answered so
    answer/KEY/amount/EUR   what was paid or asked, in minor units
    nps/PROMISE             as the tally nps, of the item that asks it of that promise
    lost                    of those who meant to come before the visit: 1 where they no more do

Answers that have few words are counted: choices, and of what is asked and not scored yes_no, scales
and nps too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import scipy

from server.domain import answers
from server.domain.answer_points import minutes_late, told_in_time
from server.domain.checklist import Item, ItemType
from server.domain.cube import ANSWER
from server.domain.ranking import Sums

AMOUNT = "amount"
INTENTION = "intention"
"""The tag of items that ask whether the customer means to come: `before` the visit, and `after`."""

LARGEST_AMOUNT = 1_000_000_000
"""Larger amounts are not counted: sums of squares stay within 64 bits."""

_PROMOTER, _DETRACTOR = 9, 6
_LIKELY = 0.5
_PEAK = 2
_ALWAYS = frozenset(
    {
        ItemType.SINGLE_CHOICE,
        ItemType.MULTIPLE_CHOICE,
        ItemType.RANKED_CHOICE,
        ItemType.CORRESPONDENCE,
        ItemType.TIMES,
        ItemType.MISSED_OPPORTUNITY,
        ItemType.INCIDENT,
        ItemType.MOMENTS,
        ItemType.MONEY,
    }
)
_UNSCORED = frozenset({ItemType.YES_NO, ItemType.SCALE, ItemType.NPS})


def counts(items: Iterable[Item], values: Mapping[str, Any]) -> dict[str, int]:
    """All that a visit's answers add; `items` are those that the shopper saw."""
    found: dict[str, int] = {}
    told = [item for item in items if _tells(item, values.get(item.key))]
    for item in told:
        found |= _of_item(item, values[item.key])
    return found | _of_promises(told, values) | _lost(told, values)


def is_counted(item: Item) -> bool:
    """Whether answers to the item are counted."""
    unscored = item.type in _UNSCORED and item.weight == 0 and item.bonus is None
    return item.type in _ALWAYS or unscored


def nps(value: Any) -> int:
    """1 of a promoter, 0 of a passive, −1 of a detractor."""
    return (value >= _PROMOTER) - (value <= _DETRACTOR)


def _tells(item: Item, value: Any) -> bool:
    return value is not None and not answers.is_na(value) and answers.fits(item, value)


def _of_item(item: Item, value: Any) -> dict[str, int]:
    if not is_counted(item):
        return {}
    name = f"{ANSWER}/{item.key}"
    if item.type == ItemType.MONEY:
        amount = int(value["amount"])
        if amount > LARGEST_AMOUNT:
            return {}
        return {name: 1, f"{name}/{AMOUNT}/{value['currency']}": amount}
    return {name: 1} | {f"{name}/{word}": 1 for word in _words(item, value)}


def _words(item: Item, value: Any) -> Iterator[str]:
    match item.type:
        case ItemType.MULTIPLE_CHOICE:
            yield from value
        case ItemType.RANKED_CHOICE:
            yield value[0]
        case ItemType.CORRESPONDENCE:
            yield "below" if value < 0 else "exceeded" if value > 0 else "met"
        case ItemType.TIMES:
            late, told = minutes_late(value) > 0, told_in_time(value)
            yield "in_time" if not late else "late_and_told" if told else "late_and_not_told"
        case ItemType.MISSED_OPPORTUNITY:
            yield "missed" if value["missed"] else "none"
        case ItemType.INCIDENT:
            yield value["severity"] if value["happened"] else "none"
        case ItemType.MOMENTS:
            feelings = [each["feeling"] for each in value]
            yield from ["peak"] * (max(feelings) == _PEAK) + ["low"] * (min(feelings) == -_PEAK)
        case _:
            yield answers.word(item, value) or ""


def _of_promises(items: Iterable[Item], values: Mapping[str, Any]) -> dict[str, int]:
    """The first nps item that asks it of each promise."""
    found: dict[str, int] = {}
    for item in items:
        if item.type == ItemType.NPS:
            for link in item.promises:
                found.setdefault(f"nps/{link.promise}", nps(values[item.key]))
    return found


def _lost(items: Iterable[Item], values: Mapping[str, Any]) -> dict[str, int]:
    """Known of visits that tell of both; only who meant to come can be lost."""
    meant: dict[str, bool] = {}
    for item in items:
        points = answers.points(item, values[item.key])
        for key, when in item.tagged():
            if key == INTENTION and points is not None:
                meant.setdefault(when, points[0] >= _LIKELY * points[1])
    if not meant.get("before") or "after" not in meant:
        return {}
    return {"lost": int(not meant["after"])}


def mean95(sums: Sequence[int]) -> tuple[float, tuple[float, float] | None]:
    """The mean of amounts, with Student's interval; None of one amount, and of equal ones."""
    known = Sums(*sums)
    mean = float(known.mean or 0)
    if not known.standard_error:
        return mean, None
    reach = known.standard_error * float(scipy.special.stdtrit(known.n - 1, 0.975))
    return mean, (max(mean - reach, 0.0), mean + reach)
