"""Whether a checklist's draft can be published: every problem, each with its JSON pointer.

A draft may be saved in any state; publishing refuses it while this finds anything.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from server.domain import items, reachability
from server.domain.checklist import Document, Item, Section
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


def problems(draft: Any, programme: Programme) -> list[dict[str, str]]:
    """All that keeps `draft` (any JSON value) from being published, as {pointer, detail}; at most
    `shaping.MOST_MISTAKES`."""
    mistakes = Mistakes()
    with suppress(TooManyMistakes):
        _check(draft, programme, mistakes)
    return mistakes.found


def _check(draft: Any, programme: Programme, mistakes: Mistakes) -> None:
    if isinstance(draft, dict):  # publishing writes the touchpoints, whatever stood there
        draft = {name: value for name, value in draft.items() if name != "touchpoints"}
    document: Document = read(Document, draft, ROOT, mistakes)
    check_texts(document.title, step(ROOT, "title"), programme, mistakes)
    check_within(document.bonus_cap, 0, 100, step(ROOT, "bonus_cap"), mistakes)
    _check_sections(document, programme, mistakes)
    check_keys(((item.key, pointer) for item, pointer in _items(document)), mistakes)
    for item, pointer in _items(document):
        items.check(item, pointer, programme, mistakes)
    reachability.check(document, ROOT, mistakes)


def _check_sections(document: Document, programme: Programme, mistakes: Mistakes) -> None:
    if not document.sections:
        mistakes.add(step(ROOT, "sections"), "Must not be empty.")
    if sum(1 for _ in document.items()) > MOST_ITEMS:
        mistakes.add(step(ROOT, "sections"), f"Must not have more than {MOST_ITEMS} items.")
    check_keys(((each.key, pointer) for each, pointer in _sections(document)), mistakes)
    for section, pointer in _sections(document):
        check_texts(section.title, step(pointer, "title"), programme, mistakes)
        check_within(section.weight, 0, LARGEST_WEIGHT, step(pointer, "weight"), mistakes)
        if not section.items:
            mistakes.add(step(pointer, "items"), "Must not be empty.")


def _sections(document: Document) -> Iterator[tuple[Section, str]]:
    for index, section in enumerate(document.sections):
        yield section, step(ROOT, "sections", index)


def _items(document: Document) -> Iterator[tuple[Item, str]]:
    for section, pointer in _sections(document):
        for index, item in enumerate(section.items):
            yield item, step(pointer, "items", index)
