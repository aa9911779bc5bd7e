"""What an answer that fits earns, of what is possible, type by type (`server.domain.answers`)."""

from collections.abc import Callable
from typing import Any

from server.domain.checklist import Item, ItemType

Points = tuple[float, float]

_MINUTE_MS = 60_000


def seconds(value: Any) -> float:
    """The seconds of a timer's answer."""
    if isinstance(value, dict):
        return float(value["stopped_at"] - value["started_at"]) / 1000
    return float(value)


def minutes_late(value: dict[str, Any]) -> float:
    """How late what was promised came true; negative: early."""
    return float(value["actual_at"] - value["promised_at"]) / _MINUTE_MS


def told_in_time(value: dict[str, Any]) -> bool:
    """Whether the customer heard of the delay before the promised time had passed."""
    told = value.get("notified_at")
    return told is not None and told <= value["promised_at"]


def given(value: dict[str, Any] | list[Any]) -> bool:
    """Whether an extra's answer tells of one; how many there were earns no more."""
    return bool(value) if isinstance(value, list) else bool(value["given"])


def _banded(item: Item, number: float) -> Points:
    possible = max((band.points for band in item.bands), default=0.0)
    for band in item.bands:
        if (band.start is None or number >= band.start) and (band.to is None or number < band.to):
            return band.points, possible
    return 0.0, possible


def _yes_no(item: Item, value: bool) -> Points:
    given = {"yes": 1.0, "no": 0.0} if item.points is None else item.points
    return given.get("yes" if value else "no", 0.0), max(given.values(), default=0.0)


def _scale(item: Item, value: float) -> Points:
    if item.min is None or item.max is None:
        return 0.0, 0.0
    return float(value - item.min), float(item.max - item.min)


def _two_sided(item: Item, value: float) -> Points:
    """Best at `ideal`, by default the middle; nothing at the end that is farther from it."""
    if item.min is None or item.max is None:
        return 0.0, 0.0
    ideal = (item.min + item.max) / 2 if item.ideal is None else item.ideal
    farthest = float(max(ideal - item.min, item.max - ideal))
    return farthest - abs(value - ideal), farthest


def _times(item: Item, value: dict[str, Any]) -> Points:
    """The band of the minutes late; of what came late, the share `notice` is earned by telling
    the customer in time."""
    late = minutes_late(value)
    earned, possible = _banded(item, late)
    if item.notice is None or late <= 0 or possible <= 0:
        return earned, possible
    told = possible if told_in_time(value) else 0.0
    return earned * (1 - item.notice) + told * item.notice, possible


def _single_choice(item: Item, value: str) -> Points:
    earned = sum(choice.points for choice in item.choices if choice.key == value)
    return earned, max((choice.points for choice in item.choices), default=0.0)


def _multiple_choice(item: Item, value: list[str]) -> Points:
    earned = sum(choice.points for choice in item.choices if choice.key in value)
    return earned, sum(choice.points for choice in item.choices if choice.points > 0)


def _matrix(item: Item, value: dict[str, str]) -> Points:
    each = {choice.key: choice.points for choice in item.choices}
    possible = max(each.values(), default=0.0) * len(item.rows)
    return sum(each[key] for key in value.values()), possible


POINTS: dict[ItemType, Callable[[Item, Any], Points]] = {
    ItemType.YES_NO: _yes_no,
    ItemType.SCALE: _scale,
    ItemType.NUMBER: lambda item, value: _banded(item, value),
    ItemType.SINGLE_CHOICE: _single_choice,
    ItemType.MULTIPLE_CHOICE: _multiple_choice,
    ItemType.NPS: lambda _, value: (float(value), 10.0),
    ItemType.CORRESPONDENCE: lambda _, value: (value + 2.0, 4.0),
    ItemType.TWO_SIDED: _two_sided,
    ItemType.TIMER: lambda item, value: _banded(item, seconds(value)),
    ItemType.TIMES: _times,
    ItemType.EMOTION: lambda _, value: (value["after"] - 1.0, 4.0),
    ItemType.EXTRA: lambda _, value: (float(given(value)), 1.0),
    ItemType.MONEY: lambda item, value: _banded(item, value["amount"]),
    ItemType.MATRIX: _matrix,
}
"""Types that are not here are never scored."""

ANY: dict[ItemType, Any] = {
    ItemType.YES_NO: True,
    ItemType.SCALE: 0,
    ItemType.NUMBER: 0,
    ItemType.SINGLE_CHOICE: "",
    ItemType.MULTIPLE_CHOICE: [],
    ItemType.NPS: 0,
    ItemType.CORRESPONDENCE: 0,
    ItemType.TWO_SIDED: 0,
    ItemType.TIMER: 0,
    ItemType.TIMES: {"promised_at": 0, "actual_at": 0},
    ItemType.EMOTION: {"before": 1, "after": 1},
    ItemType.EXTRA: {"given": False},
    ItemType.MONEY: {"amount": 0, "currency": "EUR"},
    ItemType.MATRIX: {},
}
"""A value of each, to ask what is possible."""
