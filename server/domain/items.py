"""What makes an item of a checklist sound, whatever its type; for each type see `item_types`."""

import msgspec

from server.domain import answers, item_types, tags
from server.domain.checklist import Comment, Critical, Item, ItemType
from server.domain.programme import LARGEST_WEIGHT, Programme, check_texts, check_within
from server.domain.shaping import Mistakes, step

MOST_PHOTOS = 60
LARGEST_PENALTY = 10
LONGEST_COMMENT = 1_000

_SCALED = frozenset({ItemType.SCALE, ItemType.TWO_SIDED})
_NUMBERS = _SCALED | {ItemType.NUMBER}
_BANDED = frozenset({ItemType.NUMBER, ItemType.TIMER, ItemType.TIMES, ItemType.MONEY})
_CHOOSING = frozenset(
    {
        ItemType.SINGLE_CHOICE,
        ItemType.MULTIPLE_CHOICE,
        ItemType.RANKED_CHOICE,
        ItemType.MATRIX,
    }
)
_TYPES_WITH: dict[str, frozenset[ItemType]] = {
    "points": frozenset({ItemType.YES_NO}),
    "min": _NUMBERS | {ItemType.TIMER, ItemType.MONEY},
    "max": _NUMBERS | {ItemType.TIMER, ItemType.MONEY, ItemType.RANKED_CHOICE},
    "step": _NUMBERS,
    "ideal": frozenset({ItemType.TWO_SIDED}),
    "bands": _BANDED,
    "notice": frozenset({ItemType.TIMES}),
    "choices": _CHOOSING,
    "rows": frozenset({ItemType.MATRIX}),
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
    former = programme.kinds.get(item.key, item.type)
    if former != item.type:
        detail = f"Was a {former} in an earlier version: give the new item a key of its own."
        mistakes.add(step(pointer, "key"), detail)
    tags.check(item.tags, step(pointer, "tags"), mistakes)
    _check_photos(item, pointer, mistakes)
    if isinstance(item.type, ItemType):
        _check_foreign_fields(item, pointer, mistakes)
        item_types.check(item, pointer, programme, mistakes)
        _check_scoring(item, pointer, mistakes)
        _check_anchors(item, pointer, programme, mistakes)
        if item.comment is not None:
            _check_comment(item, item.comment, step(pointer, "comment"), mistakes)


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
    check_within(item.penalty, 1, LARGEST_PENALTY, step(pointer, "penalty"), mistakes)
    for name in ("bonus", "critical"):
        if getattr(item, name) is not None and not can_score:
            mistakes.add(step(pointer, name), "No answer to this item earns points.")
    if item.critical is not None:
        _check_critical(item, item.critical, step(pointer, "critical"), mistakes)


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


def _check_photos(item: Item, pointer: str, mistakes: Mistakes) -> None:
    check_within(item.photos_min, 0, MOST_PHOTOS, step(pointer, "photos_min"), mistakes)
    check_within(item.photos_max, 1, MOST_PHOTOS, step(pointer, "photos_max"), mistakes)
    if item.photos_max is not None and item.photos_min > item.photos_max:
        mistakes.add(step(pointer, "photos_max"), "Must not be below photos_min.")


def _check_anchors(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    """What each answer means is told for every anchored answer, and must be for the ends of what
    is scored: two shoppers who see the same must answer the same."""
    place = step(pointer, "anchors")
    for answer, texts in item.anchors.items():
        value = item_types.value_of(item, answer)
        if value is None or not answers.fits(item, value):
            mistakes.add(step(place, answer), "Is no answer to this item.")
        check_texts(texts, step(place, answer), programme, mistakes)
    if item.weight > 0 or item.bonus is not None:
        for answer in item_types.ends(item):
            if answer not in item.anchors:
                mistakes.add(
                    step(place, answer), "Is missing: say what this answer means, it is scored."
                )


def _check_comment(item: Item, rule: Comment, pointer: str, mistakes: Mistakes) -> None:
    check_within(rule.least, 1, LONGEST_COMMENT, step(pointer, "least"), mistakes)
    check_within(rule.below, 0, 1, step(pointer, "below"), mistakes)
    if not rule.on and rule.below is None:
        mistakes.add(pointer, "Says on no answer that it is due: give on, or below.")
    if rule.below is not None and not answers.can_score(item):
        mistakes.add(step(pointer, "below"), "No answer to this item earns points.")
    for index, answer in enumerate(rule.on):
        value = item_types.value_of(item, answer)
        if value is None or not answers.fits(item, value):
            mistakes.add(step(pointer, "on", index), "Is no answer to this item.")
