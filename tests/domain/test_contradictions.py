"""Contradictions that a draft declares: each must fit its items, and be possible."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain import answers, checklist, drafts
from tests.domain.test_drafts import PROGRAMME, draft, item, texts


def found(*tests: dict[str, Any], **more: Any) -> list[dict[str, str]]:
    rule = {"when": list(tests), "message": texts()} | more
    both = draft(item("greeted"), item("smile", "scale", min=1, max=5, step=1))
    return drafts.problems(both | {"contradictions": [rule]}, PROGRAMME)


NOT_GREETED = {"item": "greeted", "value": False}
SMILED = {"item": "smile", "op": "at_least", "value": 4}


def test_a_sound_one_is_published() -> None:
    assert found(SMILED, NOT_GREETED) == [], "the order of the items does not matter"


@pytest.mark.parametrize(
    ("tests", "pointer", "words"),
    [
        ([NOT_GREETED], "/when", "two tests"),
        ([NOT_GREETED, {"item": "nobody"}], "/when/1/item", "no item of this checklist"),
        ([NOT_GREETED, SMILED | {"op": "includes"}], "/when/1/op", "tested by"),
        ([NOT_GREETED, NOT_GREETED | {"value": True}], "/when", "never be met"),
    ],
)
def test_what_is_wrong_is_named(tests: list[Any], pointer: str, words: str) -> None:
    (problem,) = found(*tests)
    assert problem["pointer"] == f"/draft/contradictions/0{pointer}"
    assert words in problem["detail"]


def test_it_stays_within_a_part_of_the_visit() -> None:
    later = {"key": "later", "title": texts(), "delay": {"days": 3, "due_days": 7},
        "items": [item("smile", "scale", min=1, max=5, step=1)]}  # fmt: skip
    whole = draft(item("greeted"))
    whole["sections"].append(later)
    rule = {"when": [NOT_GREETED, SMILED], "message": texts()}
    (problem,) = drafts.problems(whole | {"contradictions": [rule]}, PROGRAMME)
    assert "several parts" in problem["detail"]


def test_its_message_is_in_every_language() -> None:
    (problem,) = found(SMILED, NOT_GREETED, message={"en": "Odd."})
    assert problem["pointer"].startswith("/draft/contradictions/0/message")


def test_there_are_not_too_many() -> None:
    rule = {"when": [SMILED, NOT_GREETED], "message": texts()}
    both = draft(item("greeted"), item("smile", "scale", min=1, max=5, step=1))
    many = both | {"contradictions": [rule] * (drafts.MOST_CONTRADICTIONS + 1)}
    assert [one["pointer"] for one in drafts.problems(many, PROGRAMME)] == ["/draft/contradictions"]
    assert len(checklist.parse(many).contradictions) == drafts.MOST_CONTRADICTIONS + 1


NUMBERS = st.none() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False)
NUMBERS |= st.sampled_from([1e308, -1e308, 1e12, 1e-300, 5e-324, -1e-300, 2**63])


@given(
    st.sampled_from(["scale", "two_sided", "number", "timer"]),
    st.fixed_dictionaries(dict.fromkeys(("min", "max", "step"), NUMBERS)),
    st.sampled_from(["is", "is_not", "at_least", "at_most", "in"]),
    NUMBERS,
)
@example("scale", {"min": 1e308, "max": -1e308, "step": 1}, "is_not", 0)
@example("number", {"min": 0, "max": 1e12, "step": 1e-300}, "at_least", 1)
@example("number", {"min": 0, "max": 1e12, "step": 1e-300}, "is", 1)
def test_a_draft_of_any_numbers_is_judged(
    kind: str, ends: dict[str, Any], op: str, value: Any
) -> None:
    test = {"item": "much", "op": op, "value": [value] if op == "in" else value}
    rule = {"when": [test, NOT_GREETED], "message": texts()}
    much = item("much", **ends, anchors={}) | {"type": kind}
    whole = draft(item("greeted"), much, item("why", when=[test])) | {"contradictions": [rule]}
    wrong = {problem["pointer"] for problem in drafts.problems(whole, PROGRAMME)}
    for name in ("min", "max"):
        if abs(ends[name] or 0) > answers.LARGEST:
            assert f"/draft/sections/0/items/1/{name}" in wrong
