"""Tags of items: each key is a dimension of the figures, so a new one needs no code.

Some keys have words that the field agrees on; any other key takes any slug.
"""

import re
from collections.abc import Mapping, Sequence

from server.domain.journey import Domain, Need, Sense
from server.domain.shaping import Mistakes, step

SLUG_PATTERN = r"[a-z][a-z0-9_]{0,31}"
MOST_TAGS = 12
MOST_VALUES = 8

WORDS: dict[str, tuple[str, ...]] = {
    # IPSOS, The Forces of Customer Experience.
    "force": ("fair_treatment", "certainty", "control", "status", "belonging", "enjoyment"),
    "sense": tuple(map(str, Sense)),
    "need": tuple(map(str, Need)),
    "domain": tuple(map(str, Domain)),
    "intention": ("before", "after"),
}
"""The words of the keys that have a fixed set."""

RESERVED = frozenset(
    {
        "visit", "section", "stage", "channel", "touchpoint", "facet", "promise",
        "promise_touchpoint", "promise_given", "interaction", "owner_unit", "item", "tally",
        "mode", "answer", "amount",
    }
)  # fmt: skip
"""Dimensions that items have without any tag."""

_SLUG = re.compile(SLUG_PATTERN)


def check(tags: Mapping[str, str | Sequence[str]], pointer: str, mistakes: Mistakes) -> None:
    """Name all that is wrong with an item's tags."""
    if len(tags) > MOST_TAGS:
        mistakes.add(pointer, f"Must not have more than {MOST_TAGS} keys.")
    for key, values in tags.items():
        place = step(pointer, key)
        if not _SLUG.fullmatch(key):
            mistakes.add(place, "A key is 1 to 32 small letters, digits and underscores.")
        elif key in RESERVED:
            mistakes.add(place, "Is a dimension already: choose another key.")
        else:
            _check_values(key, (values,) if isinstance(values, str) else values, place, mistakes)


def _check_values(key: str, values: Sequence[str], pointer: str, mistakes: Mistakes) -> None:
    if not 1 <= len(values) <= MOST_VALUES or len(set(values)) < len(values):
        mistakes.add(pointer, f"Must be 1 to {MOST_VALUES} different values.")
    words = WORDS.get(key)
    for value in values:
        if words is not None and value not in words:
            mistakes.add(pointer, f"Must be one of: {', '.join(words)}.")
        elif not _SLUG.fullmatch(value):
            mistakes.add(pointer, "A value is 1 to 32 small letters, digits and underscores.")
