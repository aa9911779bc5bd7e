"""Whether every item of a draft can be seen: conditions look back, fit what they test, and do not
contradict each other.

A condition is a conjunction, and a test needs an answer, so to see an item all tests must pass that
stand on it, on its section, and on the items that these test, and so on. They contradict each
other just where no one answer to some item passes all tests of it.
"""

from collections.abc import Iterator

from server.domain import answers, conditions, parts
from server.domain.checklist import Condition, Document, Item, ItemType, Op
from server.domain.conditions import NUMERIC
from server.domain.shaping import Mistakes, step

_MOST_TESTS = 20
_ELSEWHERE = (
    "Is asked in another part of the visit: only a section with a delay looks back, as a whole, at "
    "what is asked at once."
)
_HAIR = 1e-6
_MOST_STEPS = 1_000
_FEWEST_CONTRADICTING = 2
_NOT_HERE = "Is no item of this checklist."


def check(document: Document, root: str, mistakes: Mistakes) -> None:
    """Name every test that looks ahead, into a part of the visit where it may not, does not fit, or
    can never pass with the others."""
    before: dict[str, Item] = {}
    part_of: dict[str, int] = {}
    needed: dict[str, dict[str, list[Condition]]] = {}
    for s, (section, home) in enumerate(zip(document.sections, parts.homes(document), strict=True)):
        place = step(root, "sections", s)
        elsewhere = {key for key, part in part_of.items() if part not in (parts.AT_ONCE, home)}
        outer = _fitting(section.when, step(place, "when"), before, elsewhere, mistakes)
        here = before.copy()
        elsewhere = {key for key, part in part_of.items() if part != home}
        for i, item in enumerate(section.items):
            pointer = step(place, "items", i, "when")
            own = _fitting(item.when, pointer, here, elsewhere, mistakes)
            needed[item.key] = _closure([*outer, *own], needed)
            _check_contradiction(needed[item.key], here, pointer, bool(own), mistakes)
            here[item.key] = item
            part_of[item.key] = home
        before = here


def check_contradictions(document: Document, root: str, mistakes: Mistakes) -> None:
    """Name every declared contradiction that does not fit the items, or can never be met."""
    items = {item.key: item for item in document.items()}
    homes = zip(document.sections, parts.homes(document), strict=True)
    home = {item.key: part for section, part in homes for item in section.items}
    for index, one in enumerate(document.contradictions):
        pointer = step(root, "contradictions", index, "when")
        if len(one.when) < _FEWEST_CONTRADICTING:
            mistakes.add(pointer, "Must have two tests at least: one answer contradicts nothing.")
        tests: dict[str, list[Condition]] = {}
        for test in _fitting(one.when, pointer, items, set(), mistakes, _NOT_HERE):
            tests.setdefault(test.item, []).append(test)
        if len({home[key] for key in tests}) > 1:
            mistakes.add(pointer, "Can never be met: its items are of several parts of the visit.")
        elif not all(_possible(items[key], those) for key, those in tests.items()):
            mistakes.add(pointer, "Can never be met: no answer passes all tests of one item.")


def _fitting(
    tests: tuple[Condition, ...],
    pointer: str,
    before: dict[str, Item],
    elsewhere: set[str],
    mistakes: Mistakes,
    unknown: str = "Is no item before this one.",
) -> list[Condition]:
    """The tests that are sound; the others are named. Items `elsewhere` are of other parts."""
    if len(tests) > _MOST_TESTS:
        mistakes.add(pointer, f"Must not have more than {_MOST_TESTS} tests.")
    sound = []
    for index, test in enumerate(tests):
        place = step(pointer, index)
        item = before.get(test.item)
        if item is None:
            mistakes.add(step(place, "item"), unknown)
        elif test.item in elsewhere:
            mistakes.add(step(place, "item"), _ELSEWHERE)
        elif test.op not in conditions.ops(item):
            words = ", ".join(sorted(conditions.ops(item)))
            mistakes.add(step(place, "op"), f"Answers to {item.type} are tested by: {words}.")
        elif not _value_fits(item, test):
            mistakes.add(step(place, "value"), "Can be no answer to that item.")
        else:
            sound.append(test)
    return sound


def _value_fits(item: Item, test: Condition) -> bool:
    match test.op:
        case Op.ANSWERED:
            return test.value is None
        case Op.IN:
            listed = isinstance(test.value, list) and test.value
            return bool(listed) and all(_fits(item, one) for one in test.value)
        case Op.INCLUDES | Op.EXCLUDES:
            return any(choice.key == test.value for choice in item.choices)
        case Op.AT_LEAST | Op.AT_MOST:
            return isinstance(test.value, int | float) and not isinstance(test.value, bool)
        case _:
            return _fits(item, test.value)


def _fits(item: Item, value: object) -> bool:
    return not answers.is_na(value) and answers.fits(item, value)


def _closure(
    tests: list[Condition], needed: dict[str, dict[str, list[Condition]]]
) -> dict[str, list[Condition]]:
    """All tests, by the item that they test, that must pass with these."""
    found: dict[str, list[Condition]] = {}
    for test in tests:
        found.setdefault(test.item, []).append(test)
        for key, others in needed.get(test.item, {}).items():
            found.setdefault(key, []).extend(others)
    return found


def _check_contradiction(
    tests: dict[str, list[Condition]],
    items: dict[str, Item],
    pointer: str,
    own: bool,
    mistakes: Mistakes,
) -> None:
    for key, those in tests.items():
        if not _possible(items[key], those):
            where = pointer if own else pointer.removesuffix("/when")
            mistakes.add(where, f"Is never seen: no answer to {key} passes all tests of it.")
            return


def _possible(item: Item, tests: list[Condition]) -> bool:
    """Whether some answer to the item passes all tests of it."""
    return any(
        all(conditions.holds(test, answer) for test in tests) for answer in _candidates(item, tests)
    )


def _candidates(item: Item, tests: list[Condition]) -> Iterator[object]:
    """Answers among which one passes all tests if any does."""
    if item.type == ItemType.YES_NO:
        yield from (True, False)
    elif item.type == ItemType.SINGLE_CHOICE:
        yield from (choice.key for choice in item.choices)
    elif item.type == ItemType.MULTIPLE_CHOICE:
        excluded = {test.value for test in tests if test.op == Op.EXCLUDES}
        yield [choice.key for choice in item.choices if choice.key not in excluded]
    elif item.type in NUMERIC:
        yield from (one for one in _numbers(item, tests) if answers.fits(item, one))
    else:
        yield None  # only whether it is answered can be tested


def _numbers(item: Item, tests: list[Condition]) -> Iterator[float]:
    """The ends, what is tested for, just beside it and one step beside it, and on a short scale
    all there is."""
    if item.type == ItemType.NPS:
        yield from range(11)
    elif item.type == ItemType.CORRESPONDENCE:
        yield from range(-2, 3)
    stride = item.step or _HAIR
    for end in (item.min, item.max, 0):
        if end is not None:
            yield end
    for test in tests:
        for value in test.value if isinstance(test.value, list) else [test.value]:
            if isinstance(value, int | float):
                yield from (value, value - stride, value + stride, value + 1, value - 1)
    if item.step and item.min is not None and item.max is not None:
        # A draft may hold any numbers, whose quotient may be infinite: it is bounded first.
        span = (item.max - item.min) / item.step
        last = int(max(-1, min(span, _MOST_STEPS - 1)))
        yield from (item.min + at * item.step for at in range(last + 1))
