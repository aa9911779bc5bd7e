"""Submission: when a report is complete, what is frozen of it, and what it lacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain import answers, checklist, conditions, merging
from server.domain.mending import value_of
from server.domain.merging import Document

FIELDS = (
    "started_at",
    "ended_at",
    "latitude",
    "longitude",
    "accuracy_m",
    "summary",
    "answer_count",
    "photo_count",
    "submitted_at",
)
CLOCKS = ("started_at", "ended_at", "submitted_at")
"""Fields that say when a visit was, the best first."""

Photos = Mapping[str, Sequence[str]]
"""Photo ids by item key; "" for those of no item."""


def complete(document: Document, photos: int) -> bool:
    """Whether the shopper is done and all that they declared has arrived: as many answer rows as
    `answer_count` (emptied ones too) and as many photo rows as `photo_count`."""
    return (
        merging.submitted_since_freeze(document)
        and len(document["answers"]) >= (merging.value_of(document, "answer_count") or 0)
        and photos >= (merging.value_of(document, "photo_count") or 0)
    )


def snapshot(document: Document, photos: Photos) -> dict[str, Any]:
    """The current state of a report as a revision keeps it: times in milliseconds UTC, answers'
    values as parsed."""
    fields = merging.values_of(document)
    return {
        "fields": {name: fields.get(name) for name in FIELDS},
        "answers": {key: _answer(document, key) for key in document["answers"]},
        "photos": {key: list(ids) for key, ids in photos.items()},
    }


def edited(document: Document, revision: dict[str, Any]) -> dict[str, int]:
    """When the phone wrote the values that a revision holds, by its clock, as far as its report
    tells: of what was changed since it was frozen it tells nothing."""
    at = {key: merging.written_at(document, key, "value") for key in document["answers"]}
    return {
        key: moment
        for key, moment in at.items()
        if moment is not None
        and key in revision["answers"]
        and revision["answers"][key]["value"] == _answer(document, key)["value"]
    }


def missing(checklist_document: checklist.Document, revision: dict[str, Any]) -> list[str]:
    """The keys of required items, among those that its shopper saw, that a frozen revision does
    not answer whole: with a value, its photos, and a note where one is due."""
    cells = revision["answers"]
    seen = conditions.visible(
        checklist_document, {key: cell["value"] for key, cell in cells.items()}
    )
    return [
        item.key
        for item in checklist_document.items()
        if item.required
        and item.key in seen
        and not answers.answered(
            item,
            cells.get(item.key, {}).get("value"),
            len(revision["photos"].get(item.key, ())),
            cells.get(item.key, {}).get("note"),
        )
    ]


def _answer(document: Document, key: str) -> dict[str, Any]:
    values = merging.values_of(document, key)
    return {
        "value": value_of(values.get("value"))[0],
        "note": values.get("note"),
        "answered_at": values.get("answered_at"),
    }
