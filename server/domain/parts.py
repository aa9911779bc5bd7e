"""The parts of a visit: what is asked at once, and what comes later, when the customer has had the
time to open, use or return what was bought.

Sections without `delay` are asked at once. The others come later, in parts: sections of one delay
whose tests of what was asked at once are the same. Those tests decide, when the first part is
submitted, whether the part is asked at all; a part's own document bears neither them nor the delay,
so a phone shows it as any other checklist.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from server.domain import conditions
from server.domain.checklist import Condition, Delay, Document, Section

AT_ONCE = 0
"""The number of the first part; later ones count from 1."""

Json = dict[str, Any]


class Part(NamedTuple):
    """A later part: its `number`, when it comes, the tests that the first part's answers must pass,
    and the indexes of its sections in the whole document."""

    number: int
    delay: Delay
    when: tuple[Condition, ...]
    sections: tuple[int, ...]

    def window(self, visited: datetime, now: datetime) -> tuple[datetime, datetime]:
        """When it opens and is due, of a visit made at `visited` and known of since `now`: a phone
        that was offline costs its shopper none of the days that they have."""
        opens = visited + timedelta(days=self.delay.days)
        return opens, max(opens, now) + timedelta(days=self.delay.due_days)


def later(document: Document) -> tuple[Part, ...]:
    """The later parts in the order in which they come."""
    asked = _asked_at_once(document)
    found: dict[bytes, list[int]] = {}
    coming: list[tuple[Delay, tuple[Condition, ...], list[int]]] = []
    for index, section in enumerate(document.sections):
        if section.delay is not None:
            when = _outer(section, asked)
            same = found.setdefault(msgspec.json.encode((section.delay, when)), [])
            if not same:
                coming.append((section.delay, when, same))
            same.append(index)
    coming.sort(key=lambda one: (one[0].days, one[0].due_days))
    return tuple(
        Part(number, delay, when, tuple(sections))
        for number, (delay, when, sections) in enumerate(coming, start=1)
    )


def expected(document: Document, values: Mapping[str, Any]) -> tuple[Part, ...]:
    """The later parts that are asked after a first part with these answers."""
    coming = later(document)
    if not any(part.when for part in coming):
        return coming
    seen = conditions.answers_seen(at_once(document), values)
    return tuple(part for part in coming if conditions.passes(part.when, seen))


def at_once(document: Document) -> Document:
    """The document of the first part."""
    sections = tuple(section for section in document.sections if section.delay is None)
    if len(sections) == len(document.sections):
        return document
    return msgspec.structs.replace(document, sections=sections)


def homes(document: Document) -> list[int]:
    """The number of each section's part."""
    by_index = {index: part.number for part in later(document) for index in part.sections}
    return [by_index.get(index, AT_ONCE) for index in range(len(document.sections))]


def shown_at_once(document: Json) -> Json:
    """The JSON of a published document as phones get it: without what comes later, of which
    `later` tells beforehand, so that shoppers know what they agree to."""
    coming = [section for section in document["sections"] if section.get("delay")]
    if not coming:
        return document
    now = [section for section in document["sections"] if not section.get("delay")]
    told = [{name: section[name] for name in ("key", "title", "delay")} for section in coming]
    return document | {"sections": now, "later": told}


def shown_later(document: Json, part: Part) -> Json:
    """The JSON of a later part's own document."""
    sections = [dict(document["sections"][index]) for index in part.sections]
    outer = {test.item for test in part.when}
    for section in sections:
        del section["delay"]
        if outer:
            section["when"] = [test for test in section["when"] if test["item"] not in outer]
    return document | {"sections": sections}


def _asked_at_once(document: Document) -> set[str]:
    now = (section for section in document.sections if section.delay is None)
    return {item.key for section in now for item in section.items}


def _outer(section: Section, asked: set[str]) -> tuple[Condition, ...]:
    """A later section's tests of what was asked at once."""
    return tuple(test for test in section.when if test.item in asked)
