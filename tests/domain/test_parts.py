"""server.domain.parts: which sections come later, together, and what a phone shows of each part."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.domain import checklist, conditions, drafts, parts
from server.domain.programme import Programme
from tests.domain.test_drafts import item, texts

PROGRAMME = Programme(("it", "en"), {"p1"}, {"t1"})
BOUGHT = {"item": "bought", "op": "is", "value": True}
SOON, LATE = {"days": 3, "due_days": 7}, {"days": 30, "due_days": 7}


def section(key: str, *items: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"key": key, "title": texts(), "items": list(items or [item(key)])} | values


def whole(*sections: dict[str, Any]) -> dict[str, Any]:
    return {"title": texts(), "sections": list(sections)}


def problems(*sections: dict[str, Any]) -> list[str]:
    return [one["pointer"] for one in drafts.problems(whole(*sections), PROGRAMME)]


BUY = section("buy", item("bought"), item("paid", "nps"))
VISIT = whole(
    BUY,
    section("return", delay=LATE),
    section("use", delay=SOON, when=[BOUGHT]),
    section("till"),
    section("care", item("asked"), delay=SOON, when=[BOUGHT, {"item": "use", "op": "answered"}]),
    section("mail", delay=SOON),
)
DOCUMENT = checklist.parse(VISIT)


def test_sections_of_one_delay_and_one_condition_come_together() -> None:
    found = [(one.number, one.delay.days, one.sections) for one in parts.later(DOCUMENT)]
    assert found == [(1, 3, (2, 4)), (2, 3, (5,)), (3, 30, (1,))]
    assert parts.homes(DOCUMENT) == [0, 3, 1, 0, 1, 2]
    assert drafts.problems(VISIT, PROGRAMME) == []


@pytest.mark.parametrize(
    ("answers", "numbers"),
    [({"bought": True}, [1, 2, 3]), ({"bought": False}, [2, 3]), ({"bought": "?"}, [2, 3])],
)
def test_what_was_answered_decides_what_is_asked_later(
    answers: dict[str, Any], numbers: list[int]
) -> None:
    assert [one.number for one in parts.expected(DOCUMENT, answers)] == numbers


def test_phones_see_each_part_as_a_checklist_of_its_own() -> None:
    first = parts.shown_at_once(VISIT)
    assert [one["key"] for one in first["sections"]] == ["buy", "till"]
    assert [(one["key"], one["delay"]) for one in first["later"]] == [
        ("return", LATE),
        ("use", SOON),
        ("care", SOON),
        ("mail", SOON),
    ]
    assert [one.key for one in parts.at_once(DOCUMENT).sections] == ["buy", "till"]
    later = parts.shown_later(VISIT, parts.later(DOCUMENT)[0])
    assert [one["key"] for one in later["sections"]] == ["use", "care"]
    shown = checklist.parse(later)
    assert all(one.delay is None for one in shown.sections)
    assert conditions.visible(shown, {}) == {"use"}
    assert conditions.visible(shown, {"use": True}) == {"use", "asked"}
    assert checklist.parse(VISIT) == DOCUMENT, "the whole is as it was"


def test_without_delays_nothing_is_told_of_later() -> None:
    plain = whole(BUY)
    assert parts.shown_at_once(plain) is plain
    assert parts.later(checklist.parse(plain)) == ()


def test_the_window_counts_from_the_visit_and_keeps_all_its_days() -> None:
    part = parts.later(DOCUMENT)[0]
    day = datetime(2026, 3, 10, 15, tzinfo=UTC)
    opens = day + timedelta(days=3)
    assert part.window(day, day) == (opens, opens + timedelta(days=7))
    known = day + timedelta(days=20)
    assert part.window(day, known) == (opens, known + timedelta(days=7))


@pytest.mark.parametrize(
    ("sections", "pointers"),
    [
        ([section("a", delay=SOON)], ["/draft/sections"]),
        ([section("a"), section("b", delay={"days": 0, "due_days": 366})],
         ["/draft/sections/1/delay/days", "/draft/sections/1/delay/due_days"]),
        ([section("a"), section("b", delay={"days": True})],
         ["/draft/sections/1/delay/days", "/draft/sections/1/delay/due_days"]),
        ([BUY, *(section(f"s{n}", delay={"days": n, "due_days": 1}) for n in range(1, 14))],
         ["/draft/sections"]),
        # What is asked at once looks into no later part, and no part into another.
        ([section("a"), section("b", delay=SOON),
          section("c", when=[{"item": "b", "value": True}])],
         ["/draft/sections/2/when/0/item"]),
        ([section("a"), section("b", delay=SOON),
          section("c", delay=LATE, when=[{"item": "b", "value": True}])],
         ["/draft/sections/2/when/0/item"]),
        # A phone has not the first part's answers at hand: only a whole section may ask for them.
        ([BUY, section("b", item("b", when=[BOUGHT]), delay=SOON)],
         ["/draft/sections/1/items/0/when/0/item"]),
        ([section("b", delay=SOON, when=[BOUGHT]), BUY], ["/draft/sections/0/when/0/item"]),
        # Also by way of the first part's answers nothing may contradict itself.
        ([BUY, section("b", delay=SOON, when=[BOUGHT, BOUGHT | {"value": False}])],
         ["/draft/sections/1/items/0"]),
    ],
)  # fmt: skip
def test_drafts_are_told_what_parts_cannot_do(
    sections: list[dict[str, Any]], pointers: list[str]
) -> None:
    assert problems(*sections) == pointers
