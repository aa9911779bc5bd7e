"""Whether a checklist's draft can be published: every problem, each with its JSON pointer; and
what should be thought over before.

A draft may be saved in any state; publishing refuses it while this finds anything.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from server.domain import items, parts, reachability
from server.domain.checklist import Document, Item, ItemType, Section
from server.domain.programme import (
    LARGEST_WEIGHT,
    Programme,
    check_keys,
    check_texts,
    check_within,
)
from server.domain.shaping import Mistakes, TooManyMistakes, read, step

ROOT = "/draft"
"""Where the draft lies in the bodies that carry it: pointers begin here."""

MOST_ITEMS = 500
MOST_CONTRADICTIONS = 100

MOST_LATER_PARTS = 12
LONGEST_DELAY = 365

PUBLISHED = frozenset({"touchpoints", "promises"})
"""Fields of a document that publishing writes."""

_PERCEIVED = frozenset({ItemType.EMOTION, ItemType.CORRESPONDENCE, ItemType.NPS})
"""Types that ask for a perception by themselves."""


def problems(draft: Any, programme: Programme) -> list[dict[str, str]]:
    """All that keeps `draft` (any JSON value) from being published, as {pointer, detail}; at most
    `shaping.MOST_MISTAKES`."""
    mistakes = Mistakes()
    with suppress(TooManyMistakes):
        _check(draft, programme, mistakes)
    return mistakes.found


def warnings(draft: Any, programme: Programme) -> list[dict[str, str]]:
    """What a publisher should think over, as {pointer, detail}; it keeps nothing from being
    published. The experience is what customers perceive at each touchpoint (docs/checklists.md),
    so each that the draft looks at should be judged, too. None of a draft beyond reading."""
    try:
        document: Document = read(Document, _own(draft), ROOT, Mistakes())
    except TooManyMistakes:
        return []
    found: dict[str, dict[str, str]] = {}
    perceived: set[str] = set()
    for item, pointer in _items(document):
        key = item.touchpoint
        if key is None or key not in programme.touchpoints:
            continue
        detail = "No item asks how this touchpoint felt: add one of facet judgement."
        found.setdefault(key, {"pointer": step(pointer, "touchpoint"), "detail": detail})
        if item.facet == "judgement" or item.type in _PERCEIVED:
            perceived.add(key)
    return [warning for key, warning in found.items() if key not in perceived]


def _own(draft: Any) -> Any:
    """The draft without what publishing writes, whatever stood there."""
    if not isinstance(draft, dict):
        return draft
    return {name: value for name, value in draft.items() if name not in PUBLISHED}


def _check(draft: Any, programme: Programme, mistakes: Mistakes) -> None:
    document: Document = read(Document, _own(draft), ROOT, mistakes)
    check_texts(document.title, step(ROOT, "title"), programme, mistakes)
    check_within(document.bonus_cap, 0, 100, step(ROOT, "bonus_cap"), mistakes)
    _check_sections(document, programme, mistakes)
    check_keys(((item.key, pointer) for item, pointer in _items(document)), mistakes)
    for item, pointer in _items(document):
        items.check(item, pointer, programme, mistakes)
    reachability.check(document, ROOT, mistakes)
    _check_before_visit(document, mistakes)
    _check_contradictions(document, programme, mistakes)


def _check_sections(document: Document, programme: Programme, mistakes: Mistakes) -> None:
    if not document.sections:
        mistakes.add(step(ROOT, "sections"), "Must not be empty.")
    if sum(1 for _ in document.items()) > MOST_ITEMS:
        mistakes.add(step(ROOT, "sections"), f"Must not have more than {MOST_ITEMS} items.")
    check_keys(((each.key, pointer) for each, pointer in _sections(document)), mistakes)
    _check_delays(document, mistakes)
    for section, pointer in _sections(document):
        check_texts(section.title, step(pointer, "title"), programme, mistakes)
        check_within(section.weight, 0, LARGEST_WEIGHT, step(pointer, "weight"), mistakes)
        if not section.items:
            mistakes.add(step(pointer, "items"), "Must not be empty.")


def _check_delays(document: Document, mistakes: Mistakes) -> None:
    delayed = [each for each in document.sections if each.delay is not None]
    if delayed and len(delayed) == len(document.sections):
        detail = "At least one section must come without delay: a visit begins with it."
        mistakes.add(step(ROOT, "sections"), detail)
    if len(parts.later(document)) > MOST_LATER_PARTS:
        mistakes.add(
            step(ROOT, "sections"), f"Must not come in more than {MOST_LATER_PARTS} later parts."
        )
    for section, pointer in _sections(document):
        if section.delay is not None:
            place = step(pointer, "delay")
            for name in ("days", "due_days"):
                days = getattr(section.delay, name)
                check_within(days, 1, LONGEST_DELAY, step(place, name), mistakes)


def _check_before_visit(document: Document, mistakes: Mistakes) -> None:
    """What is asked before the visit can stand on nothing that is asked in it, or after it."""
    before = {item.key for item in document.items() if item.before_visit}
    for section, pointer in _sections(document):
        for index, item in enumerate(section.items):
            place = step(pointer, "items", index, "before_visit")
            if item.before_visit and section.delay is not None:
                mistakes.add(place, "Its section comes after the visit.")
            elif item.before_visit and {t.item for t in (*section.when, *item.when)} - before:
                mistakes.add(place, "Looks at an answer that is only given in the visit.")


def _check_contradictions(document: Document, programme: Programme, mistakes: Mistakes) -> None:
    if len(document.contradictions) > MOST_CONTRADICTIONS:
        detail = f"Must not be more than {MOST_CONTRADICTIONS}."
        mistakes.add(step(ROOT, "contradictions"), detail)
    for index, one in enumerate(document.contradictions):
        place = step(ROOT, "contradictions", index, "message")
        check_texts(one.message, place, programme, mistakes)
    reachability.check_contradictions(document, ROOT, mistakes)


def _sections(document: Document) -> Iterator[tuple[Section, str]]:
    for index, section in enumerate(document.sections):
        yield section, step(ROOT, "sections", index)


def _items(document: Document) -> Iterator[tuple[Item, str]]:
    for section, pointer in _sections(document):
        for index, item in enumerate(section.items):
            yield item, step(pointer, "items", index)
