"""What of a brand a checklist may refer to, and the checks of what is said in its languages."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from server.domain.checklist import KEY_PATTERN, Texts
from server.domain.shaping import Mistakes, step

LONGEST_TEXT = 2_000
LARGEST_WEIGHT = 1_000

_KEY = re.compile(KEY_PATTERN)


@dataclass(frozen=True, slots=True)
class Programme:
    """A brand's locales, and the ids of its promises and touchpoints that are not archived.
    `kinds` are the types that items had in the checklist's published versions, by key."""

    locales: tuple[str, ...]
    promises: Collection[str]
    touchpoints: Collection[str]
    kinds: Mapping[str, str] = field(default_factory=dict)


def check_texts(texts: Texts, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    """A text in each of the brand's locales; further locales may be there too."""
    for locale in programme.locales:
        if not texts.get(locale, "").strip():
            mistakes.add(step(pointer, locale), "Is missing: the brand speaks this language.")
    for locale, text in texts.items():
        if "\x00" in text or "\x00" in locale:
            mistakes.add(step(pointer, locale), "Must not contain the NUL character.")
        if len(text) > LONGEST_TEXT:
            mistakes.add(
                step(pointer, locale), f"Must not be longer than {LONGEST_TEXT} characters."
            )


def check_keys(keys: Iterable[tuple[str, str]], mistakes: Mistakes) -> None:
    """(key, pointer of its thing) pairs: each key well formed, and none twice."""
    seen: set[str] = set()
    for key, pointer in keys:
        if not _KEY.fullmatch(key):
            mistakes.add(
                step(pointer, "key"), "Must be 1 to 64 letters, digits, hyphens or underscores."
            )
        elif key in seen:
            mistakes.add(step(pointer, "key"), f"{key} is taken: keys must be unique.")
        seen.add(key)


def check_within(
    value: float | None, least: float, most: float, pointer: str, mistakes: Mistakes
) -> None:
    """A number from `least` to `most`, or None."""
    if value is not None and not least <= value <= most:
        mistakes.add(pointer, f"Must be from {least:g} to {most:g}.")
