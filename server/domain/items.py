"""What makes an item of a checklist sound, whatever its type and for each type."""

from collections.abc import Callable
from typing import Any

import msgspec

from server.domain import answers, tags
from server.domain.answers import LARGEST
from server.domain.checklist import Band, Critical, Item, ItemType
from server.domain.programme import (
    LARGEST_WEIGHT,
    Programme,
    check_keys,
    check_texts,
    check_within,
)
from server.domain.shaping import Mistakes, step

LARGEST_POINTS = 1e6
MOST_PHOTOS = 60
SMALLEST_STEP = 1e-6

_TYPES_WITH: dict[str, frozenset[ItemType]] = {
    "points": frozenset({ItemType.YES_NO}),
    "min": frozenset({ItemType.SCALE, ItemType.NUMBER}),
    "max": frozenset({ItemType.SCALE, ItemType.NUMBER}),
    "step": frozenset({ItemType.SCALE, ItemType.NUMBER}),
    "bands": frozenset({ItemType.NUMBER}),
    "choices": frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE}),
    "photos_min": frozenset({ItemType.PHOTO}),
    "photos_max": frozenset({ItemType.PHOTO}),
    "max_length": frozenset({ItemType.TEXT}),
}
_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(Item)}


def check(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    """Name all that is wrong with one item. Its key is not judged here: it takes all of them."""
    check_texts(item.prompt, step(pointer, "prompt"), programme, mistakes)
    if item.help:
        check_texts(item.help, step(pointer, "help"), programme, mistakes)
    check_within(item.weight, 0, LARGEST_WEIGHT, step(pointer, "weight"), mistakes)
    _check_links(item, pointer, programme, mistakes)
    tags.check(item.tags, step(pointer, "tags"), mistakes)
    if item.type in _OF_TYPE:
        _check_foreign_fields(item, pointer, mistakes)
        _OF_TYPE[item.type](item, pointer, programme, mistakes)
        _check_scoring(item, pointer, mistakes)


def _check_links(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    if item.touchpoint is not None and item.touchpoint not in programme.touchpoints:
        mistakes.add(step(pointer, "touchpoint"), "Is no mapped touchpoint of this brand.")
    seen: set[str] = set()
    for index, link in enumerate(item.promises):
        place = step(pointer, "promises", index)
        check_within(link.weight, 0, LARGEST_WEIGHT, step(place, "weight"), mistakes)
        if link.promise not in programme.promises:
            mistakes.add(step(place, "promise"), "Is no promise of this brand, or archived.")
        elif link.promise in seen:
            mistakes.add(step(place, "promise"), "Is linked twice.")
        seen.add(link.promise)


def _check_foreign_fields(item: Item, pointer: str, mistakes: Mistakes) -> None:
    for name, types in _TYPES_WITH.items():
        if item.type not in types and getattr(item, name) != _DEFAULTS[name]:
            owners = " and ".join(sorted(types))
            mistakes.add(step(pointer, name), f"Only {owners} items have this.")


def _check_scoring(item: Item, pointer: str, mistakes: Mistakes) -> None:
    can_score = answers.can_score(item)
    if item.bonus is not None:
        check_within(item.bonus, 0, 100, step(pointer, "bonus"), mistakes)
    elif can_score and item.weight > 0:
        _check_is_placed(item, pointer, mistakes)
    for name in ("bonus", "critical"):
        if getattr(item, name) is not None and not can_score:
            mistakes.add(step(pointer, name), "No answer to this item earns points.")
    if item.critical is not None:
        _check_critical(item, item.critical, step(pointer, "critical"), mistakes)
    if item.recommend and (item.type, item.min, item.max) != (ItemType.SCALE, 0, 10):
        detail = "Only a scale from 0 to 10 can be the question whether one recommends."
        mistakes.add(step(pointer, "recommend"), detail)


def _check_is_placed(item: Item, pointer: str, mistakes: Mistakes) -> None:
    if item.touchpoint is None:
        mistakes.add(step(pointer, "touchpoint"), "Is missing: a scored item needs its touchpoint.")
    if not any(link.weight > 0 for link in item.promises):
        detail = "A scored item must link at least one promise, with a weight above 0."
        mistakes.add(step(pointer, "promises"), detail)


def _check_critical(item: Item, critical: Critical, pointer: str, mistakes: Mistakes) -> None:
    check_within(critical.cap, 0, 100, step(pointer, "cap"), mistakes)
    if not 0 < critical.below <= 1:
        mistakes.add(step(pointer, "below"), "Must be above 0 and at most 1.")
    if critical.scope == "promise" and not item.promises:
        mistakes.add(step(pointer, "scope"), "The item links no promise to cap.")


def _yes_no(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    for word, points in (item.points or {}).items():
        check_within(points, 0, LARGEST_POINTS, step(pointer, "points", word), mistakes)


def _scale(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    for name in ("min", "max"):
        if getattr(item, name) is None:
            mistakes.add(step(pointer, name), "Is missing: a scale needs both its ends.")
    _check_range(item, pointer, mistakes)
    if _has_ends_and_step(item) and not answers.fits(item, item.max):
        mistakes.add(step(pointer, "step"), "No whole number of steps leads from min to max.")


def _has_ends_and_step(item: Item) -> bool:
    ends = item.min is not None and item.max is not None and item.min < item.max <= LARGEST
    return ends and item.step is not None and item.step >= SMALLEST_STEP


def _number(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    _check_range(item, pointer, mistakes)
    place = step(pointer, "bands")
    for index, band in enumerate(item.bands):
        _check_band(band, step(place, index), mistakes)
    _check_overlaps(item.bands, place, mistakes)


def _check_range(item: Item, pointer: str, mistakes: Mistakes) -> None:
    for name in ("min", "max"):
        check_within(getattr(item, name), -LARGEST, LARGEST, step(pointer, name), mistakes)
    check_within(item.step, SMALLEST_STEP, LARGEST, step(pointer, "step"), mistakes)
    if item.min is not None and item.max is not None and item.min >= item.max:
        mistakes.add(step(pointer, "max"), "Must be above min.")


def _check_band(band: Band, pointer: str, mistakes: Mistakes) -> None:
    check_within(band.points, 0, LARGEST_POINTS, step(pointer, "points"), mistakes)
    check_within(band.start, -LARGEST, LARGEST, step(pointer, "from"), mistakes)
    check_within(band.to, -LARGEST, LARGEST, step(pointer, "to"), mistakes)
    if band.start is not None and band.to is not None and band.start >= band.to:
        mistakes.add(step(pointer, "to"), "Must be above from.")


def _check_overlaps(bands: tuple[Band, ...], pointer: str, mistakes: Mistakes) -> None:
    def start(index: int) -> float:
        begins = bands[index].start
        return -LARGEST if begins is None else begins

    reached: float | None = None
    for index in sorted(range(len(bands)), key=start):
        if reached is not None and start(index) < reached:
            mistakes.add(step(pointer, index), "Overlaps another band.")
        to = bands[index].to
        end = LARGEST if to is None else to
        reached = end if reached is None else max(reached, end)


def _choice(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    place = step(pointer, "choices")
    if not item.choices:
        mistakes.add(place, "Must not be empty.")
    check_keys(
        ((choice.key, step(place, index)) for index, choice in enumerate(item.choices)), mistakes
    )
    least = 0 if item.type == ItemType.SINGLE_CHOICE else -LARGEST_POINTS
    for index, choice in enumerate(item.choices):
        check_texts(choice.label, step(place, index, "label"), programme, mistakes)
        check_within(choice.points, least, LARGEST_POINTS, step(place, index, "points"), mistakes)


def _text(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    place = step(pointer, "max_length")
    check_within(item.max_length, 1, answers.LONGEST_TEXT, place, mistakes)


def _photo(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    check_within(item.photos_min, 0, MOST_PHOTOS, step(pointer, "photos_min"), mistakes)
    check_within(item.photos_max, 1, MOST_PHOTOS, step(pointer, "photos_max"), mistakes)
    if item.photos_max is not None and item.photos_min > item.photos_max:
        mistakes.add(step(pointer, "photos_max"), "Must not be below photos_min.")


_OF_TYPE: dict[Any, Callable[[Item, str, Programme, Mistakes], None]] = {
    ItemType.YES_NO: _yes_no,
    ItemType.SCALE: _scale,
    ItemType.NUMBER: _number,
    ItemType.SINGLE_CHOICE: _choice,
    ItemType.MULTIPLE_CHOICE: _choice,
    ItemType.TEXT: _text,
    ItemType.PHOTO: _photo,
}
