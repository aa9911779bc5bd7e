"""server.domain.conditions: what a shopper sees, and what follows for score and completeness."""

from typing import Any

import pytest

from server.domain import conditions, scoring, submissions
from server.domain.checklist import Condition, Document, Item, ItemType, Op, Section

TEXTS = {"en": "?"}


def item(key: str, kind: ItemType = ItemType.YES_NO, *when: Condition, **values: Any) -> Item:
    return Item(key=key, type=kind, prompt=TEXTS, when=when, **values)


def document(*items: Item, then: Section | None = None) -> Document:
    sections = (Section("s", TEXTS, items), *([then] if then else []))
    return Document(TEXTS, sections)


BOUGHT = Condition("bought", Op.IS, True)
CHECKLIST = document(
    item("bought"),
    item("paid", ItemType.NPS, BOUGHT),
    item("why_not", ItemType.TEXT, Condition("bought", Op.IS, False), required=True),
    item("sure", ItemType.YES_NO, Condition("paid", Op.AT_LEAST, 9)),
    then=Section("after", TEXTS, (item("used", required=True),), when=(BOUGHT,)),
)


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({}, {"bought"}),
        ({"bought": {"na": True}}, {"bought"}),
        ({"bought": "yes"}, {"bought"}),
        ({"bought": False, "paid": 10}, {"bought", "why_not"}),
        ({"bought": True, "paid": 8}, {"bought", "paid", "used"}),
        ({"bought": True, "paid": 9}, {"bought", "paid", "used", "sure"}),
    ],
)
def test_what_is_seen(values: dict[str, Any], seen: set[str]) -> None:
    assert conditions.visible(CHECKLIST, values) == seen


def test_without_conditions_all_is_seen() -> None:
    assert conditions.visible(document(item("a"), item("b")), {}) == {"a", "b"}


def test_a_timer_is_compared_by_its_seconds() -> None:
    checklist = document(
        item("wait", ItemType.TIMER),
        item("long", ItemType.TEXT, Condition("wait", Op.AT_LEAST, 60)),
    )
    ran = {"started_at": 0, "stopped_at": 61_000}
    assert "long" in conditions.visible(checklist, {"wait": ran})
    assert "long" not in conditions.visible(checklist, {"wait": 59})


@pytest.mark.parametrize(
    ("test", "answer", "passes"),
    [
        (Condition("x", Op.IS, 1), True, False),
        (Condition("x", Op.IS, 1), 1.0, True),
        (Condition("x", Op.IN, [1, 2]), 2, True),
        (Condition("x", Op.IS_NOT, "a"), "b", True),
        (Condition("x", Op.INCLUDES, "a"), ["b"], False),
        (Condition("x", Op.EXCLUDES, "a"), ["b"], True),
        (Condition("x", Op.AT_MOST, 3), 3, True),
    ],
)
def test_each_test(test: Condition, answer: Any, passes: bool) -> None:
    assert conditions.holds(test, answer) is passes


def test_what_is_hidden_is_not_scored_whatever_was_answered_before() -> None:
    shown = scoring.score(CHECKLIST, {"bought": True, "paid": 10, "used": False})
    hidden = scoring.score(CHECKLIST, {"bought": False, "paid": 10, "used": False})
    assert shown.items == {"bought": 100_000, "paid": 100_000, "used": 0}
    assert hidden.items == {"bought": 0}


def test_what_is_hidden_is_not_missing() -> None:
    def missing(bought: bool) -> list[str]:
        answers = {"bought": {"value": bought, "note": None, "answered_at": None}}
        return submissions.missing(CHECKLIST, {"answers": answers, "photos": {}})

    assert missing(True) == ["used"]
    assert missing(False) == ["why_not"]


def test_what_is_lost_may_count_more_than_what_is_won() -> None:
    trust = document(item("kept", ItemType.NPS, penalty=2))
    scores = [scoring.score(trust, {"kept": value}).measures["visit"] for value in (10, 8, 5, 0)]
    assert scores == [100_000, 60_000, 0, 0]
