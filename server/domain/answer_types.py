"""Whether a value (any JSON value) fits an item, type by type; see `server.domain.answers`."""

import math
from collections.abc import Callable
from typing import Any

from server.domain.checklist import Item, ItemType

LARGEST = 1e12
"""The largest magnitude of a number in an answer or a checklist: sums of them stay exact enough."""

LONGEST_TEXT = 10_000
"""Characters of a text answer where its item sets no `max_length`."""

SEVERITIES = ("minor", "serious", "grave")
MOST_MOMENTS = 50
MOST_EXTRAS = 20

_LATEST_MS = 253_402_300_799_999
_STEP_TOLERANCE = 1e-6


def is_number(value: Any) -> bool:
    """Whether it is a finite number of a size that is kept."""
    return _plain(value) and -LARGEST <= value <= LARGEST


def whole(value: Any, least: float, most: float) -> bool:
    """Whether it is a whole number from `least` to `most`, which for a moment is beyond LARGEST."""
    return _plain(value) and least <= value <= most and value == int(value)


def _plain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_fits(item: Item, value: Any) -> bool:
    """A number within the item's ends and on its steps."""
    if not is_number(value):
        return False
    above = item.min is None or value >= item.min
    below = item.max is None or value <= item.max
    return above and below and _on_step(item, value)


def _on_step(item: Item, value: float) -> bool:
    if not item.step:
        return True
    steps = (value - (item.min or 0)) / item.step
    return not math.isfinite(steps) or abs(steps - round(steps)) <= _STEP_TOLERANCE


def choice_fits(item: Item, value: Any) -> bool:
    """One of the choices' keys."""
    return isinstance(value, str) and any(choice.key == value for choice in item.choices)


def choices_fit(item: Item, value: Any) -> bool:
    """Different keys of choices."""
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        return False
    return len(set(value)) == len(value) and {choice.key for choice in item.choices} >= set(value)


def text_fits(item: Item, value: Any) -> bool:
    """A text that is not blank, and not too long."""
    return _text(value, LONGEST_TEXT if item.max_length is None else item.max_length)


def timer_fits(item: Item, value: Any) -> bool:
    """Seconds, or when the shopper's watch was started and stopped."""
    if not isinstance(value, dict):
        return number_fits(item, value) and value >= 0
    if not _moments(value, ("started_at", "stopped_at"), ()):
        return False
    return bool(value["stopped_at"] >= value["started_at"])


def times_fit(_: Item, value: Any) -> bool:
    """What was promised and what came true; when, if ever, the customer was told."""
    return isinstance(value, dict) and _moments(
        value, ("promised_at", "actual_at"), ("notified_at",)
    )


def emotion_fits(_: Item, value: Any) -> bool:
    """Faces from 1 to 5, before and after."""
    return _has(value, ("before", "after"), ()) and all(
        whole(face, 1, 5) for face in value.values()
    )


def extra_fits(_: Item, value: Any) -> bool:
    """Whether something was given, and what, and what it may be worth in minor units; or all that
    was given, none of it if the list is empty."""
    if isinstance(value, list):
        return len(value) <= MOST_EXTRAS and all(map(_one_extra_fits, value))
    return (
        _has(value, ("given",), ("kind", "worth"))
        and isinstance(value["given"], bool)
        and _text(value.get("kind", "-"), 200)
        and whole(value.get("worth", 0), 0, LARGEST)
    )


def _one_extra_fits(value: Any) -> bool:
    return (
        _has(value, ("kind",), ("worth",))
        and _text(value["kind"], 200)
        and whole(value.get("worth", 0), 0, LARGEST)
    )


def missed_fits(_: Item, value: Any) -> bool:
    """Whether an opportunity was missed, and which."""
    return (
        _has(value, ("missed",), ("what",))
        and isinstance(value["missed"], bool)
        and _text(value.get("what", "-"), LONGEST_TEXT)
    )


def incident_fits(_: Item, value: Any) -> bool:
    """Whether something happened: how grave, when, who by (a role, never a name), the words, and
    what was offered to make it good."""
    if not _has(
        value, ("happened",), ("severity", "at", "role", "verbatim", "remedy", "remedy_worth")
    ):
        return False
    if value["happened"] is not True:
        return value == {"happened": False}
    return (
        value.get("severity") in SEVERITIES
        and whole(value.get("at", 0), 0, _LATEST_MS)
        and all(_text(value.get(key, "-"), LONGEST_TEXT) for key in ("role", "verbatim", "remedy"))
        and whole(value.get("remedy_worth", 0), 0, LARGEST)
    )


def moments_fit(_: Item, value: Any) -> bool:
    """What the shopper noted while it happened, each with its time and how it felt, from −2 (a low
    that stays in mind) to 2 (a peak)."""
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MOST_MOMENTS
        and all(
            _has(each, ("at", "feeling"), ("what",))
            and whole(each["at"], 0, _LATEST_MS)
            and whole(each["feeling"], -2, 2)
            and _text(each.get("what", "-"), LONGEST_TEXT)
            for each in value
        )
    )


def money_fits(item: Item, value: Any) -> bool:
    """An amount in minor units of a currency (ISO 4217)."""
    if not _has(value, ("amount", "currency"), ()):
        return False
    currency = value["currency"]
    named = isinstance(currency, str) and len(currency) == 3 and currency.isalpha()
    return named and currency == currency.upper() and whole(value["amount"], 0, LARGEST) and (
        number_fits(item, value["amount"])
    )  # fmt: skip


def place_fits(_: Item, value: Any) -> bool:
    """A point on the earth, and how sure it is."""
    return (
        _has(value, ("latitude", "longitude"), ("accuracy_m",))
        and is_number(value["latitude"])
        and abs(value["latitude"]) <= 90
        and is_number(value["longitude"])
        and abs(value["longitude"]) <= 180
        and is_number(value.get("accuracy_m", 0))
        and value.get("accuracy_m", 0) >= 0
    )


def matrix_fits(item: Item, value: Any) -> bool:
    """A choice for each row."""
    rows = {row.key for row in item.rows}
    return (
        isinstance(value, dict)
        and value.keys() == rows
        and all(choice_fits(item, each) for each in value.values())
    )


def ranked_fits(item: Item, value: Any) -> bool:
    """Choices, the first one first; all of them, or as many as `max` says."""
    wanted = len(item.choices) if item.max is None else min(int(item.max), len(item.choices))
    return choices_fit(item, value) and len(value) == wanted


def _has(value: Any, needed: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    if not isinstance(value, dict):
        return False
    return set(needed) <= value.keys() <= {*needed, *allowed}


def _moments(value: dict[str, Any], needed: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Milliseconds UTC; those that are only allowed may be null."""
    return (
        _has(value, needed, allowed)
        and all(whole(value[key], 0, _LATEST_MS) for key in needed)
        and all(whole(value.get(key) or 0, 0, _LATEST_MS) for key in allowed)
    )


def _text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and value.strip() != "" and len(value) <= longest


FITS: dict[ItemType, Callable[[Item, Any], bool]] = {
    ItemType.YES_NO: lambda _, value: isinstance(value, bool),
    ItemType.SCALE: number_fits,
    ItemType.NUMBER: number_fits,
    ItemType.SINGLE_CHOICE: choice_fits,
    ItemType.MULTIPLE_CHOICE: choices_fit,
    ItemType.TEXT: text_fits,
    ItemType.PHOTO: lambda *_: False,
    ItemType.NPS: lambda _, value: whole(value, 0, 10),
    ItemType.CORRESPONDENCE: lambda _, value: whole(value, -2, 2),
    ItemType.TWO_SIDED: number_fits,
    ItemType.TIMER: timer_fits,
    ItemType.TIMES: times_fit,
    ItemType.EMOTION: emotion_fits,
    ItemType.EXTRA: extra_fits,
    ItemType.MISSED_OPPORTUNITY: missed_fits,
    ItemType.INCIDENT: incident_fits,
    ItemType.MOMENTS: moments_fit,
    ItemType.MONEY: money_fits,
    ItemType.PLACE: place_fits,
    ItemType.SIGNATURE: lambda *_: False,
    ItemType.RANKED_CHOICE: ranked_fits,
    ItemType.MATRIX: matrix_fits,
}
"""photo and signature have no value: their photos are rows of their own."""
