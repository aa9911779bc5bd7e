"""Traits by which a shopper suits a persona. The words are few and fixed, so that nobody can ask
for what the law guards: health, origin, belief, or whom one loves."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

Traits = Mapping[str, Sequence[str]]
"""Words by kind; an absent or empty kind says nothing."""


class AgeBand(StrEnum):
    """Years."""

    UNDER_25 = "18-24"
    UNDER_35 = "25-34"
    UNDER_50 = "35-49"
    UNDER_65 = "50-64"
    OLDER = "65-"


class Device(StrEnum):
    """What somebody shops with."""

    IOS = "ios"
    ANDROID = "android"
    TABLET = "tablet"
    COMPUTER = "computer"


class Custom(StrEnum):
    """What somebody is to the brand already; a member has its card or account."""

    NEW = "new"
    RETURNING = "returning"
    MEMBER = "member"


LANGUAGES = "languages"
"""The kind whose words are BCP 47 tags, of which the persona's are ranges."""

ANY = frozenset({"age_bands", "customs"})
"""Kinds of which one word is enough; of languages, devices and channels all are needed: who plays
somebody that goes from the site to the shop must use both."""


class Fit(NamedTuple):
    """Of the kinds that a persona names: those that a shopper meets, and those of which the shopper
    said nothing."""

    met: tuple[str, ...]
    unsaid: tuple[str, ...]


def fit(wanted: Traits, said: Traits) -> Fit | None:
    """How a shopper suits a persona; None where anything that they said does not."""
    met, unsaid = [], []
    for kind, words in sorted(wanted.items()):
        if not words:
            continue
        own = said.get(kind, ())
        if not own:
            unsaid.append(kind)
        elif _meets(kind, words, own):
            met.append(kind)
        else:
            return None
    return Fit(tuple(met), tuple(unsaid))


def _meets(kind: str, words: Sequence[str], own: Sequence[str]) -> bool:
    if kind == LANGUAGES:
        return all(any(_in_range(tag, wanted) for tag in own) for wanted in words)
    return not set(words).isdisjoint(own) if kind in ANY else set(words) <= set(own)


def _in_range(tag: str, wanted: str) -> bool:
    """RFC 4647's basic filtering: who speaks it-IT speaks it; "it-IT" asks for more than "it"."""
    return f"{tag.lower()}-".startswith(f"{wanted.lower()}-")
