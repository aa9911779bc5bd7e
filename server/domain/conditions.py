"""Which items a shopper sees: those whose conditions on earlier answers hold.

A condition is a list of tests that must all pass. Every test needs an answer that fits, so an item
that is hidden, unanswered or not applicable passes none. What is hidden is as what is not
applicable: it is not scored and not missing, whatever was answered before it was hidden.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from server.domain import answers
from server.domain.checklist import Condition, Document, Item, ItemType, Op

NUMERIC = frozenset(
    {
        ItemType.SCALE,
        ItemType.NUMBER,
        ItemType.NPS,
        ItemType.CORRESPONDENCE,
        ItemType.TWO_SIDED,
        ItemType.TIMER,
    }
)
_OPS: dict[ItemType, frozenset[Op]] = {
    ItemType.YES_NO: frozenset({Op.IS}),
    ItemType.SINGLE_CHOICE: frozenset({Op.IS, Op.IS_NOT, Op.IN}),
    ItemType.MULTIPLE_CHOICE: frozenset({Op.INCLUDES, Op.EXCLUDES}),
    **dict.fromkeys(NUMERIC, frozenset({Op.IS, Op.IS_NOT, Op.IN, Op.AT_LEAST, Op.AT_MOST})),
}


def ops(item: Item) -> frozenset[Op]:
    """How answers to the item can be tested."""
    return _OPS.get(item.type, frozenset()) | {Op.ANSWERED}


def visible(document: Document, values: Mapping[str, Any]) -> set[str]:
    """The keys of the items that are seen with these answers, in one pass: conditions look back."""
    if not any(section.when for section in document.sections) and not any(
        item.when for item in document.items()
    ):
        return {item.key for item in document.items()}
    return _walk(document, values)[0]


def answers_seen(document: Document, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that tests see: of items that are seen, those that fit."""
    return _walk(document, values)[1]


def _walk(document: Document, values: Mapping[str, Any]) -> tuple[set[str], dict[str, Any]]:
    seen: dict[str, Any] = {}
    shown: set[str] = set()
    for section in document.sections:
        here = passes(section.when, seen)
        for item in section.items:
            if here and passes(item.when, seen):
                shown.add(item.key)
                value = values.get(item.key)
                if value is not None and not answers.is_na(value) and answers.fits(item, value):
                    seen[item.key] = answers.plain(item, value)
    return shown, seen


def passes(tests: Iterable[Condition], seen: Mapping[str, Any]) -> bool:
    """Whether all tests pass, given the answers to the items that are seen."""
    return all(test.item in seen and holds(test, seen[test.item]) for test in tests)


def holds(test: Condition, answer: Any) -> bool:
    """Whether an answer passes a test."""
    value = test.value
    match test.op:
        case Op.IS:
            return _same(answer, value)
        case Op.IS_NOT:
            return not _same(answer, value)
        case Op.IN:
            return isinstance(value, list) and any(_same(answer, one) for one in value)
        case Op.AT_LEAST:
            return bool(answer >= value)
        case Op.AT_MOST:
            return bool(answer <= value)
        case Op.INCLUDES:
            return value in answer
        case Op.EXCLUDES:
            return value not in answer
        case Op.ANSWERED:
            return True


def _same(answer: Any, value: Any) -> bool:
    """1 is 1.0, but not true."""
    return bool(answer == value) and isinstance(answer, bool) == isinstance(value, bool)
