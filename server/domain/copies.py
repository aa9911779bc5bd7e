"""Whether a text is nearly another one.

A text is the set of its shingles: each four words in a row, whatever their case, accents and
punctuation. Two texts resemble each other by the share of all their shingles that both have (A.
Broder, "On the resemblance and containment of documents", 1997). To find candidates without
reading all texts, each is looked up by the eight smallest hashes of its shingles: of two texts that
share half of their shingles, at least one of the eight agrees in more than 99 of 100 cases.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

LEAST_WORDS = 12
"""Texts of fewer words are alike by chance: "The store was clean and everyone was friendly."""

ALIKE = 0.5
"""The resemblance from which on a text counts as copied. A word that is changed takes four shingles
away, so of a text of 60 words some seven may differ."""

_SHINGLE = 4
_SKETCH = 8
_WORD = re.compile(r"\w+")

Shingles = frozenset[int]


def shingles(text: str) -> Shingles:
    """The hashes (63 bits) of a text's shingles; none of a text that is too short."""
    words = _words(text)
    if len(words) < LEAST_WORDS:
        return frozenset()
    starts = range(len(words) - _SHINGLE + 1)
    return frozenset(_hash(" ".join(words[at : at + _SHINGLE])) for at in starts)


def sketch(of: Shingles) -> list[int]:
    """What the text is looked up by."""
    return sorted(of)[:_SKETCH]


def resemblance(one: Shingles, other: Shingles) -> float:
    """0: nothing in common; 1: the same words in the same order."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def best(mine: Shingles, others: Iterable[Shingles]) -> float:
    """The resemblance to the most alike of the others."""
    return max((resemblance(mine, each) for each in others), default=0.0)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(bare.casefold())


def _hash(shingle: str) -> int:
    digest = hashlib.blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
