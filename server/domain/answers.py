"""Answers to checklist items: whether a value fits its item, and what points it earns.

    type             value                     earned, of possible
    yes_no           true or false             `points` of the answer, of the larger; 1, 0 default
    scale            a number on the scale     value - min, of max - min
    single_choice    a choice's key            its points, of the most that one choice gives
    multiple_choice  a list of keys, maybe []  the sum of the chosen, within 0 and what is possible,
                                               of the sum of the positive points
    number           a number                  its band's points (0 outside all), of the highest
                                               band's; unscored without bands
    text             a text, not blank         unscored
    photo            nothing                   unscored

null is no answer to anything. Where the item allows it, {"na": true} says "not applicable".
"""

from collections.abc import Callable
from typing import Any

from server.domain.checklist import Item, ItemType

LARGEST = 1e12
"""The largest magnitude of a number in an answer or a checklist: sums of them stay exact enough."""

LONGEST_TEXT = 10_000
"""Characters of a text answer where its item sets no `max_length`."""

_STEP_TOLERANCE = 1e-6

Points = tuple[float, float]


def is_na(value: Any) -> bool:
    """Whether a value says "not applicable"; whether its item allows that is `fits`' matter."""
    return isinstance(value, dict) and len(value) == 1 and value.get("na") is True


def fits(item: Item, value: Any) -> bool:
    """Whether `value` (any JSON value) answers `item`. One that does not counts as unanswered."""
    if is_na(value):
        return item.allow_na
    return _FITS[item.type](item, value)


def answered(item: Item, value: Any, photos: int = 0) -> bool:
    """Whether a required item has what it asks for; `photos` is the count of its photo rows."""
    if item.type == ItemType.PHOTO and not is_na(value):
        return photos >= max(1, item.photos_min)
    return fits(item, value)


def points(item: Item, value: Any) -> Points | None:
    """(earned, possible) with 0 ≤ earned ≤ possible and possible > 0, before any weight; None
    where nothing is scored: unanswered, not applicable, or an item that gives no points."""
    score = _POINTS.get(item.type)
    if score is None or is_na(value) or not fits(item, value):
        return None
    earned, possible = score(item, value)
    return (min(max(earned, 0.0), possible), possible) if possible > 0 else None


def can_score(item: Item) -> bool:
    """Whether some answer to the item earns points, whatever its weight."""
    score = _POINTS.get(item.type)
    return score is not None and score(item, _ANY[item.type])[1] > 0


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -LARGEST <= value <= LARGEST


def _number_fits(item: Item, value: Any) -> bool:
    if not _is_number(value):
        return False
    above = item.min is None or value >= item.min
    below = item.max is None or value <= item.max
    return above and below and _on_step(item, value)


def _on_step(item: Item, value: float) -> bool:
    if not item.step:
        return True
    steps = (value - (item.min or 0)) / item.step
    return abs(steps - round(steps)) <= _STEP_TOLERANCE


def _choice_fits(item: Item, value: Any) -> bool:
    return isinstance(value, str) and any(choice.key == value for choice in item.choices)


def _choices_fit(item: Item, value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        return False
    return len(set(value)) == len(value) and {choice.key for choice in item.choices} >= set(value)


def _text_fits(item: Item, value: Any) -> bool:
    longest = LONGEST_TEXT if item.max_length is None else item.max_length
    return isinstance(value, str) and value.strip() != "" and len(value) <= longest


_FITS: dict[ItemType, Callable[[Item, Any], bool]] = {
    ItemType.YES_NO: lambda _, value: isinstance(value, bool),
    ItemType.SCALE: _number_fits,
    ItemType.NUMBER: _number_fits,
    ItemType.SINGLE_CHOICE: _choice_fits,
    ItemType.MULTIPLE_CHOICE: _choices_fit,
    ItemType.TEXT: _text_fits,
    ItemType.PHOTO: lambda *_: False,
}


def _yes_no(item: Item, value: bool) -> Points:
    given = {"yes": 1.0, "no": 0.0} if item.points is None else item.points
    return given.get("yes" if value else "no", 0.0), max(given.values(), default=0.0)


def _scale(item: Item, value: float) -> Points:
    if item.min is None or item.max is None:
        return 0.0, 0.0
    return float(value - item.min), float(item.max - item.min)


def _number(item: Item, value: float) -> Points:
    possible = max((band.points for band in item.bands), default=0.0)
    for band in item.bands:
        if (band.start is None or value >= band.start) and (band.to is None or value < band.to):
            return band.points, possible
    return 0.0, possible


def _single_choice(item: Item, value: str) -> Points:
    earned = sum(choice.points for choice in item.choices if choice.key == value)
    return earned, max((choice.points for choice in item.choices), default=0.0)


def _multiple_choice(item: Item, value: list[str]) -> Points:
    earned = sum(choice.points for choice in item.choices if choice.key in value)
    return earned, sum(choice.points for choice in item.choices if choice.points > 0)


_POINTS: dict[ItemType, Callable[[Item, Any], Points]] = {
    ItemType.YES_NO: _yes_no,
    ItemType.SCALE: _scale,
    ItemType.NUMBER: _number,
    ItemType.SINGLE_CHOICE: _single_choice,
    ItemType.MULTIPLE_CHOICE: _multiple_choice,
}

_ANY: dict[ItemType, Any] = {
    ItemType.YES_NO: True,
    ItemType.SCALE: 0,
    ItemType.NUMBER: 0,
    ItemType.SINGLE_CHOICE: "",
    ItemType.MULTIPLE_CHOICE: [],
}
