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
        own = set(said.get(kind, ()))
        if not own:
            unsaid.append(kind)
        elif (own & set(words)) if kind in ANY else own >= set(words):
            met.append(kind)
        else:
            return None
    return Fit(tuple(met), tuple(unsaid))
