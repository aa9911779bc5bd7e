"""What changed from one version of a checklist to another, by the keys of sections and items."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from server.domain.checklist import Document, Item, Section


class Change(NamedTuple):
    """`kind` is added, removed, changed or moved; `what` names the document, a section or an item;
    `fields` are those that changed."""

    kind: str
    what: str
    key: str | None
    fields: tuple[str, ...] = ()


def changes(old: Document, new: Document) -> list[Change]:
    """All changes, in the order of the new version, what was removed at the end."""
    return [*_of_document(old, new), *_of_sections(old, new), *_of_items(old, new)]


def _of_document(old: Document, new: Document) -> Iterator[Change]:
    if fields := _different(old, new, "sections"):
        yield Change("changed", "document", None, fields)


def _of_sections(old: Document, new: Document) -> Iterator[Change]:
    before = {section.key: section for section in old.sections}
    after = {section.key: section for section in new.sections}
    yield from _pairs("section", before, after, ("items",))
    if _moved(list(before), list(after)):
        yield Change("moved", "section", None)


def _of_items(old: Document, new: Document) -> Iterator[Change]:
    yield from _pairs(
        "item",
        {item.key: item for item in old.items()},
        {item.key: item for item in new.items()},
    )
    homes = {item.key: section.key for section in old.sections for item in section.items}
    for section in new.sections:
        for item in section.items:
            if homes.get(item.key, section.key) != section.key:
                yield Change("moved", "item", item.key)


def _pairs(
    what: str,
    before: dict[str, Any],
    after: dict[str, Any],
    ignored: tuple[str, ...] = (),
) -> Iterator[Change]:
    for key, thing in after.items():
        if key not in before:
            yield Change("added", what, key)
        elif fields := _different(before[key], thing, *ignored):
            yield Change("changed", what, key, fields)
    for key in before:
        if key not in after:
            yield Change("removed", what, key)


def _different(old: Document | Section | Item, new: Any, *ignored: str) -> tuple[str, ...]:
    return tuple(
        field.encode_name
        for field in msgspec.structs.fields(old)
        if field.name not in ignored and getattr(old, field.name) != getattr(new, field.name)
    )


def _moved(before: list[str], after: list[str]) -> bool:
    common = set(before) & set(after)
    return [key for key in before if key in common] != [key for key in after if key in common]
