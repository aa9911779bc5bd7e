"""A checklist's document: sections of items, as phones show it and as scoring reads it.

The JSON shape (docs/checklists.md):

    {"title": {"it": …, "en": …}, "bonus_cap": 5,
     "touchpoints": {ID: {"name", "stage", "channel", "interaction", "strategic", "sense", "need",
                          "domain", "owner_unit", "weight"}},                    by publishing
     "promises": {ID: {"target": 80, "depends_on": [ID…]}},                      by publishing
     "sections": [{"key", "title": {locale: text}, "weight": null, "when": [CONDITION…],
                   "delay": {"days": 3, "due_days": 7} or null, "items": [ITEM…]}],
     "contradictions": [{"when": [CONDITION…], "message": {locale: text}}]}

    ITEM = {"key", "type", "prompt": {locale: text}, "help": {locale: text}, "required": false,
            "allow_na": false, "weight": 1, "touchpoint": ID,
            "promises": [{"promise": ID, "weight": 1}],
            "critical": {"cap": 50, "below": 0.5, "scope": "visit" | "section" | "promise"},
            "bonus": 3, "facet": "fact" or "judgement", "penalty": 1,
            "tags": {"force": "certainty", "sense": ["see", "touch"], KEY: VALUE or VALUES},
            "when": [{"item": KEY, "op": "is", "value": true}…],      all must hold
            "before_visit": false,                                    asked before it begins
            "anchors": {ANSWER: {locale: text}},                      what each answer means
            "comment": {"on": [ANSWER…], "below": 0.5, "least": 20},  when a note is due
            "photos_min": 0, "photos_max": null}

and by its type "points", "min", "max", "step", "ideal", "bands", "choices", "rows", "notice",
"max_length": see `server.domain.items`. How each type's answer looks on the wire and what it earns
is told in `server.domain.answers`. An item with weight 0 is asked and not scored; one that says
none has that of its touchpoint, a moment of truth's, else 1.
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
    NPS = "nps"
    CORRESPONDENCE = "correspondence"
    TWO_SIDED = "two_sided"
    TIMER = "timer"
    TIMES = "times"
    EMOTION = "emotion"
    EXTRA = "extra"
    MISSED_OPPORTUNITY = "missed_opportunity"
    INCIDENT = "incident"
    MOMENTS = "moments"
    MONEY = "money"
    PLACE = "place"
    SIGNATURE = "signature"
    RANKED_CHOICE = "ranked_choice"
    MATRIX = "matrix"


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


class MatrixRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a matrix: each gets one of the item's choices."""

    key: str
    label: Texts


class Op(StrEnum):
    """How a test compares an answer with its `value`. Every one needs an answer: an item that is
    hidden or not answered passes none."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    INCLUDES = "includes"
    EXCLUDES = "excludes"
    ANSWERED = "answered"


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test of the answer to an earlier item."""

    item: str
    op: Op = Op.IS
    value: Any = None


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an answer needs a note of `least` characters: where it is one of `on` (as in
    `answers.word`), or earns less than the share `below` of its points."""

    on: tuple[str, ...] = ()
    below: float | None = None
    least: int = 1


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
    penalty: float = 1
    tags: dict[str, str | tuple[str, ...]] = {}
    when: tuple[Condition, ...] = ()
    before_visit: bool = False
    anchors: dict[str, Texts] = {}
    comment: Comment | None = None
    points: dict[Literal["yes", "no"], float] | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    ideal: float | None = None
    bands: tuple[Band, ...] = ()
    notice: float | None = None
    choices: tuple[Choice, ...] = ()
    rows: tuple[MatrixRow, ...] = ()
    photos_min: int = 0
    photos_max: int | None = None
    max_length: int | None = None

    def tagged(self) -> Iterator[tuple[str, str]]:
        """Each (key, value) of its tags."""
        for key, values in self.tags.items():
            for value in (values,) if isinstance(values, str) else values:
                yield key, value


class Delay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long after the visit a section is asked, and for how many days it may be answered then
    (`server.domain.parts`)."""

    days: int
    due_days: int


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items that belong together. Where any section has a `weight`, the visit's score is the mean
    of the sections' by weight (1 where absent), re-normalised over the sections in which something
    was applicable; else every item counts by its own weight."""

    key: str
    title: Texts
    items: tuple[Item, ...]
    weight: float | None = None
    when: tuple[Condition, ...] = ()
    delay: Delay | None = None


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
    weight: float | None = None


class PromiseCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promise as it was when the version was published: what it takes for it to be kept."""

    target: float
    depends_on: tuple[str, ...] = ()


class Contradiction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers that cannot all be true: where all tests pass, the reviewer is told `message`."""

    when: tuple[Condition, ...]
    message: Texts


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole checklist. `bonus_cap` bounds the sum of the bonuses of one visit, in points."""

    title: Texts
    sections: tuple[Section, ...]
    bonus_cap: float = 5
    touchpoints: dict[str, TouchpointCopy] = {}
    promises: dict[str, PromiseCopy] = {}
    contradictions: tuple[Contradiction, ...] = ()

    def items(self) -> Iterator[Item]:
        """All items in their order."""
        for section in self.sections:
            yield from section.items


def parse(document: Any) -> Document:
    """The typed document of a JSON one, its items' default weights filled in: an item that says
    none has its touchpoint's, if that has one, else 1. msgspec.ValidationError names the first
    wrong place."""
    typed = msgspec.convert(document, Document)
    if all(copy.weight is None for copy in typed.touchpoints.values()):
        return typed
    sections = tuple(
        msgspec.structs.replace(section, items=tuple(_weighed(typed, section, said["items"])))
        for section, said in zip(typed.sections, document["sections"], strict=True)
    )
    return msgspec.structs.replace(typed, sections=sections)


def _weighed(document: Document, section: Section, said: Any) -> Iterator[Item]:
    for item, fields in zip(section.items, said, strict=True):
        copy = document.touchpoints.get(item.touchpoint or "")
        if copy is None or copy.weight is None or "weight" in fields:
            yield item
        else:
            yield msgspec.structs.replace(item, weight=copy.weight)
