"""What is left of a visit when its shopper is erased, or its words or moments were kept as long as
they may be: what was judged, so that scores and sums stay and can be computed again.

A moment becomes the middle of the visit's month, which figures are kept by anyway.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Flag, auto
from typing import Any

import orjson

from server.domain import answers, merging
from server.domain.answer_points import seconds
from server.domain.checklist import Item, ItemType
from server.domain.mending import value_of
from server.domain.submissions import CLOCKS


class Part(Flag):
    """What goes: texts and notes, or moments and places. History and devices always do."""

    WORDS = auto()
    MOMENTS = auto()


ALL = Part.WORDS | Part.MOMENTS
ERASED = "[erased]"
"""Stands where a text was, so that what was answered stays answered."""

PSEUDONYM = "erased-"
"""What an erased shopper's pseudonym begins with; no account's id does."""

_PLACES = ("latitude", "longitude", "accuracy_m")
_COUNTERS = ("touched", "frozen")
_COUNTS = ("answer_count", "photo_count")
_TEXTS = {
    ItemType.EXTRA: ("kind",),
    ItemType.MISSED_OPPORTUNITY: ("what",),
    ItemType.INCIDENT: ("role", "verbatim", "remedy"),
}
_NOWHERE = {"latitude": 0, "longitude": 0}
_TIMES = ("promised_at", "notified_at", "actual_at")

Items = Mapping[str, Item]


def is_pseudonym(shopper_id: str) -> bool:
    """Whether this names an erased shopper: they have no phone, and nothing can be said to them."""
    return shopper_id.startswith(PSEUDONYM)


def middle_of(month: str) -> int:
    """Noon of the 15th of YYYY-MM, in milliseconds: of that month in every time zone."""
    return round(datetime(int(month[:4]), int(month[5:7]), 15, 12, tzinfo=UTC).timestamp() * 1000)


def value(item: Item | None, answer: Any, moment: int, part: Part = ALL) -> Any:
    """An answer without its words, or without its moments and places. Of what does not fit its item
    nothing stays: it never was an answer."""
    if item is None or not answers.fits(item, answer):
        return None
    if answers.is_na(answer):
        return answer
    if part & Part.WORDS:
        answer = _without_words(item, answer)
    return _without_moments(item, answer, moment) if part & Part.MOMENTS else answer


def _without_words(item: Item, answer: Any) -> Any:
    if item.type == ItemType.TEXT:
        return ERASED
    if item.type == ItemType.MOMENTS:
        return [each | {"what": ERASED} if "what" in each else each for each in answer]
    if item.type in _TEXTS:
        hidden = dict.fromkeys(_TEXTS[item.type], ERASED)
        if isinstance(answer, list):
            return [_hiding(hidden, each) for each in answer]
        return _hiding(hidden, answer)
    return answer


def _hiding(hidden: Mapping[str, str], answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: hidden.get(name, each) for name, each in answer.items()}


def _without_moments(item: Item, answer: Any, moment: int) -> Any:
    if item.type == ItemType.PLACE:
        return _NOWHERE
    if item.type == ItemType.TIMER:
        return seconds(answer)
    if item.type == ItemType.TIMES:
        return _moved(answer, moment)
    if item.type == ItemType.MOMENTS:
        return [each | {"at": moment} for each in answer]
    if item.type == ItemType.INCIDENT:
        return {name: each for name, each in answer.items() if name != "at"}
    return answer


def _moved(times: dict[str, Any], moment: int) -> dict[str, Any]:
    """The same distances between the times, elsewhere."""
    by = moment - times["promised_at"]
    return {name: times[name] + by for name in _TIMES if times.get(name) is not None}


def revision(
    document: Mapping[str, Any], items: Items, moment: int, part: Part = ALL
) -> dict[str, Any]:
    """A frozen revision's document; `coarse` where its moments say no more than the month."""
    fields = {name: _field(name, known, moment, part) for name, known in document["fields"].items()}
    said = {
        key: {
            "value": value(items.get(key), answer["value"], moment, part),
            "note": _note(answer.get("note"), part),
            "answered_at": None if part & Part.MOMENTS else answer.get("answered_at"),
        }
        for key, answer in document["answers"].items()
    }
    left = {"fields": fields, "answers": said, "photos": document["photos"]}
    return left | {"coarse": True} if part & Part.MOMENTS else left


def report(
    document: merging.Document, items: Items, moment: int, part: Part = ALL
) -> merging.Document:
    """A report's document: its present values, and no history, late edit, conflict or device."""
    fields = {
        name: [_field(name, known, moment, part), merging.seq_of(document), "", None]
        for name, known in merging.values_of(document).items()
        if known is not None
    }
    said = {key: _cells(document, key, items.get(key), moment, part) for key in document["answers"]}
    kept: dict[str, Any] = {name: document[name] for name in _COUNTERS if name in document}
    return {"fields": fields, "answers": said, **kept}


def _cells(
    document: merging.Document, key: str, item: Item | None, moment: int, part: Part
) -> dict[str, Any]:
    values = merging.values_of(document, key)
    left = value(item, value_of(values.get("value"))[0], moment, part)
    cells = {
        "value": None if left is None else orjson.dumps(left).decode(),
        "note": _note(values.get("note"), part),
        "answered_at": None if part & Part.MOMENTS else values.get("answered_at"),
    }
    seq = merging.seq_of(document, key)
    return {name: [each, seq, "", None] for name, each in cells.items() if each is not None}


def _note(note: Any, part: Part) -> Any:
    return ERASED if note and part & Part.WORDS else note


def _field(name: str, known: Any, moment: int, part: Part) -> Any:
    if name in _COUNTS or known is None:
        return known
    if name in CLOCKS:
        return moment if part & Part.MOMENTS else known
    if name in _PLACES:
        return None if part & Part.MOMENTS else known
    return None if part & Part.WORDS else known
