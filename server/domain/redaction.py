"""Finding names in texts, and putting roles in their place.

A name is found whole or by one of its words of three letters and more, as words of the text, in
whatever case and with or without accents. Position is by character of the text as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

_SHORTEST = 3
_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")
"""Letters, each with the accents that are characters of their own."""


class Field(StrEnum):
    """Which text of a revision."""

    SUMMARY = "summary"
    VALUE = "value"
    NOTE = "note"


class Name(NamedTuple):
    """A person of the staff, and the role that readers see instead."""

    name: str
    role: str


class Span(NamedTuple):
    """Where a name stands: from `start` to before `end`."""

    start: int
    end: int
    role: str


def spans(text: str, names: Iterable[Name]) -> list[Span]:
    """Where the names stand, from the first to the last, none over another. Names that follow each
    other with nothing but blanks between are one."""
    roles = {word: name.role for name in names for word in _words(name.name)}
    found: list[Span] = []
    for match in _WORD.finditer(text):
        role = roles.get(_plain(match[0]))
        if role is None:
            continue
        last = found[-1] if found else None
        if last and last.role == role and not text[last.end : match.start()].strip():
            found[-1] = last._replace(end=match.end())
        else:
            found.append(Span(match.start(), match.end(), role))
    return found


def redacted(text: str, names: Iterable[Name]) -> str:
    """The text with roles in the names' places."""
    for span in reversed(spans(text, names)):
        text = f"{text[: span.start]}[{span.role}]{text[span.end :]}"
    return text


def _words(name: str) -> Iterator[str]:
    words = [_plain(word) for word in _WORD.findall(name)]
    return (word for word in words if len(word) >= _SHORTEST or len(words) == 1)


def _plain(word: str) -> str:
    """Case and accents away: É, é and E are one."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
