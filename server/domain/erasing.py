"""What is left of a visit when its shopper is erased: what was judged, so that scores and sums stay
and can be computed again; no word, place, device or exact moment.

A moment becomes the middle of the visit's month, which figures are kept by anyway.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from server.domain import answers, merging
from server.domain.answer_points import seconds
from server.domain.checklist import Item, ItemType
from server.domain.mending import value_of
from server.domain.submissions import CLOCKS

ERASED = "[erased]"
"""Stands where a text was, so that what was answered stays answered."""

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


def middle_of(month: str) -> int:
    """Noon of the 15th of YYYY-MM, in milliseconds: of that month in every time zone."""
    return round(datetime(int(month[:4]), int(month[5:7]), 15, 12, tzinfo=UTC).timestamp() * 1000)


def value(item: Item | None, answer: Any, moment: int) -> Any:
    """An answer without its words. What does not fit its item never was an answer and goes."""
    if item is None or not answers.fits(item, answer):
        return None
    if answers.is_na(answer):
        return answer
    if item.type == ItemType.TEXT:
        return ERASED
    if item.type == ItemType.PLACE:
        return _NOWHERE
    if item.type == ItemType.TIMER:
        return seconds(answer)
    if item.type == ItemType.TIMES:
        return _moved(answer, moment)
    if item.type in _TEXTS:
        hidden = dict.fromkeys(_TEXTS[item.type], ERASED)
        return {name: hidden.get(name, each) for name, each in answer.items() if name != "at"}
    return answer


def _moved(times: dict[str, Any], moment: int) -> dict[str, Any]:
    """The same distances between the times, elsewhere."""
    by = moment - times["promised_at"]
    return {name: times[name] + by for name in _TIMES if times.get(name) is not None}


def revision(document: Mapping[str, Any], items: Items, moment: int) -> dict[str, Any]:
    """A frozen revision's document."""
    fields = {name: _field(name, known, moment) for name, known in document["fields"].items()}
    said = {
        key: {
            "value": value(items.get(key), answer["value"], moment),
            "note": ERASED if answer.get("note") else None,
            "answered_at": None,
        }
        for key, answer in document["answers"].items()
    }
    return {"fields": fields, "answers": said, "photos": document["photos"]}


def report(document: merging.Document, items: Items, moment: int) -> merging.Document:
    """A report's document: its present values, and no history, late edit, conflict or device."""
    fields = {
        name: [_field(name, known, moment), merging.seq_of(document), "", None]
        for name, known in merging.values_of(document).items()
        if known is not None
    }
    said = {key: _cells(document, key, items.get(key), moment) for key in document["answers"]}
    kept: dict[str, Any] = {name: document[name] for name in _COUNTERS if name in document}
    return {"fields": fields, "answers": said, **kept}


def _cells(document: merging.Document, key: str, item: Item | None, moment: int) -> dict[str, Any]:
    values = merging.values_of(document, key)
    left = value(item, value_of(values.get("value"))[0], moment)
    cells = {"value": None if left is None else orjson.dumps(left).decode()}
    if values.get("note"):
        cells["note"] = ERASED
    return {name: [each, merging.seq_of(document, key), "", None] for name, each in cells.items()}


def _field(name: str, known: Any, moment: int) -> Any:
    if name in CLOCKS:
        return None if known is None else moment
    return known if name in _COUNTS else None
