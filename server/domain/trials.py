"""What a visit with certain answers would come to: trying a checklist before shoppers do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain import answers, conditions, scoring, submissions
from server.domain.checklist import Document


@dataclass(frozen=True, slots=True)
class Answers:
    """By item key: values, notes, and how many photos there are."""

    values: Mapping[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)
    photos: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`seen`, `missing` and `unfit` are keys of items; scores are points, 0–100, by measure;
    `coverage` is the share, 0–1, of the checklist's weight that was answered."""

    seen: list[str]
    missing: list[str]
    unfit: list[str]
    scores: dict[str, float]
    coverage: float
    critical_failed: list[str]


def outcome(document: Document, given: Answers) -> Outcome:
    """What the shopper would see, what would be missing, and what the visit would score."""
    seen = conditions.visible(document, given.values)
    figures = scoring.score(document, given.values)
    return Outcome(
        seen=[item.key for item in document.items() if item.key in seen],
        missing=submissions.missing(document, _revision(given)),
        unfit=_unfit(document, given),
        scores={measure: score / 1000 for measure, score in figures.measures.items()},
        coverage=figures.coverage / 1000,
        critical_failed=figures.critical_failed,
    )


def _unfit(document: Document, given: Answers) -> list[str]:
    """Items whose value does not fit, in their order, then keys that the checklist lacks."""
    items = {item.key: item for item in document.items()}
    wrong = [
        key
        for key, item in items.items()
        if given.values.get(key) is not None and not answers.fits(item, given.values[key])
    ]
    named = dict.fromkeys([*given.values, *given.notes, *given.photos])
    return wrong + [key for key in named if key not in items]


def _revision(given: Answers) -> dict[str, Any]:
    """The answers as a frozen revision holds them."""
    keys = {*given.values, *given.notes}
    return {
        "answers": {
            key: {"value": given.values.get(key), "note": given.notes.get(key)} for key in keys
        },
        "photos": {key: [""] * count for key, count in given.photos.items()},
    }
