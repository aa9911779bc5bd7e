"""server.domain.erasing: an erased answer says nothing, and scores as it did."""

from typing import Any

import pytest

from server.domain import erasing, scoring
from server.domain.checklist import Item, parse
from server.domain.erasing import ERASED

MOMENT = erasing.middle_of("2026-03")
CHOICES = [{"key": "a", "label": {"en": "A"}, "points": 1}, {"key": "b", "label": {"en": "B"}}]


def item(kind: str, **fields: Any) -> Item:
    made = {"key": "it", "type": kind, "prompt": {"en": "?"}, "allow_na": True, **fields}
    section = {"key": "all", "title": {"en": "All"}, "items": [made]}
    return next(iter(parse({"title": {"en": "Visit"}, "sections": [section]}).items()))


@pytest.mark.parametrize(
    ("asked", "answer", "left"),
    [
        (item("yes_no"), True, True),
        (item("yes_no"), "Anna was rude", None),
        (item("text"), "Anna was rude", ERASED),
        (item("text"), {"na": True}, {"na": True}),
        (item("single_choice", choices=CHOICES), "a", "a"),
        (item("single_choice", choices=CHOICES), "Anna", None),
        (item("extra"), {"given": True, "kind": "Anna's card"}, {"given": True, "kind": ERASED}),
        (
            item("extra"),
            [{"kind": "Anna's card", "worth": 300}, {"kind": "A drink"}],
            [{"kind": ERASED, "worth": 300}, {"kind": ERASED}],
        ),
        (
            item("incident"),
            {"happened": True, "severity": "minor", "at": 1_790_000_000_000, "verbatim": "Go!"},
            {"happened": True, "severity": "minor", "verbatim": ERASED},
        ),
        (
            item("moments"),
            [
                {"at": 1790000000000, "feeling": 2, "what": "Anna smiled"},
                {"at": 1790000090000, "feeling": -1},
            ],
            [{"at": MOMENT, "feeling": 2, "what": ERASED}, {"at": MOMENT, "feeling": -1}],
        ),
        (
            item("place"),
            {"latitude": 45.4, "longitude": 9.1, "accuracy_m": 4},
            {"latitude": 0, "longitude": 0},
        ),
        (item("timer"), {"started_at": 1_790_000_000_000, "stopped_at": 1_790_000_090_000}, 90.0),
        (
            item("times"),
            {"promised_at": 1_790_000_000_000, "actual_at": 1_790_000_060_000},
            {"promised_at": MOMENT, "actual_at": MOMENT + 60_000},
        ),
        (None, "anything", None),
    ],
)
def test_what_is_left_of_an_answer(asked: Item | None, answer: Any, left: Any) -> None:
    assert erasing.value(asked, answer, MOMENT) == left
    assert erasing.value(asked, left, MOMENT) == left, "a second time changes nothing"


@pytest.mark.parametrize(
    ("kind", "fields", "answer"),
    [
        ("timer", {"bands": [{"from": 0, "to": 100, "points": 3}]},
         {"started_at": 1_790_000_000_000, "stopped_at": 1_790_000_090_000}),
        ("times", {"bands": [{"from": None, "to": 5, "points": 3}]},
         {"promised_at": 1_790_000_000_000, "actual_at": 1_790_000_060_000}),
        ("extra", {"bonus": 2}, {"given": True, "kind": "A card"}),
        ("extra", {"bonus": 2}, [{"kind": "A card"}, {"kind": "A drink", "worth": 400}]),
    ],
)  # fmt: skip
def test_it_scores_as_it_did(kind: str, fields: dict[str, Any], answer: Any) -> None:
    asked = {"key": "it", "type": kind, "prompt": {"en": "?"}, **fields}
    yes = {"key": "yes", "type": "yes_no", "prompt": {"en": "?"}}
    section = {"key": "all", "title": {"en": "All"}, "items": [asked, yes]}
    document = parse({"title": {"en": "Visit"}, "sections": [section]})
    left = erasing.value(next(iter(document.items())), answer, MOMENT)
    before = scoring.score(document, {"it": answer, "yes": True})
    assert scoring.score(document, {"it": left, "yes": True}) == before
    assert before.measures["visit"] > 0


def test_the_middle_of_a_month_is_of_that_month_everywhere() -> None:
    assert erasing.middle_of("2026-03") == 1_773_576_000_000
