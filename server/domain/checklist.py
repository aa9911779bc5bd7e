"""A checklist's document: sections of items, as phones show it and as scoring reads it.

The JSON shape (docs/checklists.md):

    {"title": {"it": …, "en": …}, "bonus_cap": 5,
     "touchpoints": {ID: {"name", "stage", "channel", "interaction", "strategic", "sense", "need",
                          "domain", "owner_unit"}},                              by publishing
     "sections": [{"key", "title": {locale: text}, "weight": null, "items": [ITEM…]}]}

    ITEM = {"key", "type", "prompt": {locale: text}, "help": {locale: text}, "required": false,
            "allow_na": false, "weight": 1, "touchpoint": ID,
            "promises": [{"promise": ID, "weight": 1}],
            "critical": {"cap": 50, "below": 0.5, "scope": "visit" | "section" | "promise"},
            "bonus": 3, "facet": "fact" or "judgement", "recommend": false,
            "tags": {"force": "certainty", "sense": ["see", "touch"], KEY: VALUE or VALUES},
            scale, number: "min", "max", "step";  number: "bands": [{"from", "to", "points"}]
            single_choice, multiple_choice: "choices": [{"key", "label": {locale: text}, "points"}]
            yes_no: "points": {"yes": 1, "no": 0};  photo: "photos_min", "photos_max"
            text: "max_length"}

Answer values on the wire (JSON): yes_no true or false; scale and number a number; single_choice
a choice's key; multiple_choice a list of keys; text a string; photo nothing (its photos are rows of
their own); where `allow_na`, {"na": true}. An item with weight 0 is asked and not scored.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Literal

import msgspec

KEY_PATTERN = r"[A-Za-z0-9_-]{1,64}"
"""Keys become part of answers' ids, so they hold only what every sync client takes."""

NOT_APPLICABLE: dict[str, bool] = {"na": True}

Texts = dict[str, str]


class ItemType(StrEnum):
    """What an item asks for."""

    YES_NO = "yes_no"
    SCALE = "scale"
    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    NUMBER = "number"
    TEXT = "text"
    PHOTO = "photo"


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer to choose; `points` may be 0 or, for multiple choice, negative."""

    key: str
    label: Texts
    points: float = 0


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """Points for a number from `start` (inclusive) to `to` (exclusive); None is unbounded."""

    points: float
    start: float | None = None
    to: float | None = None


class Critical(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A failing that caps the score of its scope: failed where the item's share of its points is
    less than `below`. `cap` is 0–100."""

    cap: float
    below: float = 0.5
    scope: Literal["visit", "section", "promise"] = "visit"


class PromiseLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much an item tells of a promise (λ of docs/scoring.md)."""

    promise: str
    weight: float = 1


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to look at. See the module's docstring for which fields each type has."""

    key: str
    type: ItemType
    prompt: Texts
    help: Texts = {}
    required: bool = False
    allow_na: bool = False
    weight: float = 1
    touchpoint: str | None = None
    promises: tuple[PromiseLink, ...] = ()
    critical: Critical | None = None
    bonus: float | None = None
    facet: Literal["fact", "judgement"] = "fact"
    tags: dict[str, str | tuple[str, ...]] = {}
    recommend: bool = False
    points: dict[Literal["yes", "no"], float] | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    bands: tuple[Band, ...] = ()
    choices: tuple[Choice, ...] = ()
    photos_min: int = 0
    photos_max: int | None = None
    max_length: int | None = None

    def tagged(self) -> Iterator[tuple[str, str]]:
        """Each (key, value) of its tags."""
        for key, values in self.tags.items():
            for value in (values,) if isinstance(values, str) else values:
                yield key, value


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items that belong together. Where any section has a `weight`, the visit's score is the mean
    of the sections' by weight (1 where absent), re-normalised over the sections in which something
    was applicable; else every item counts by its own weight."""

    key: str
    title: Texts
    items: tuple[Item, ...]
    weight: float | None = None


class TouchpointCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A touchpoint as it was when the version was published, so that the version never changes."""

    name: str
    stage: str
    channel: str
    interaction: str = "direct"
    strategic: bool = False
    sense: str | None = None
    need: str | None = None
    domain: str | None = None
    owner_unit: str | None = None


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole checklist. `bonus_cap` bounds the sum of the bonuses of one visit, in points."""

    title: Texts
    sections: tuple[Section, ...]
    bonus_cap: float = 5
    touchpoints: dict[str, TouchpointCopy] = {}

    def items(self) -> Iterator[Item]:
        """All items in their order."""
        for section in self.sections:
            yield from section.items


def parse(document: Any) -> Document:
    """The typed document of a JSON one. msgspec.ValidationError names the first wrong place."""
    return msgspec.convert(document, Document)
