"""What of a submitted report a reviewer should look at twice. Flags are hints for a person: none of
them refuses anything, and shoppers do not see them. docs/review.md tells why each limit is where it
is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from math import isfinite
from typing import Any, NamedTuple

from server.domain import conditions, pictures
from server.domain.checklist import Document, Item, ItemType
from server.domain.journey import Channel, Interaction
from server.domain.pictures import FAR_M, Place

SECONDS_AN_ITEM = 2.0
"""Seconds an answer, below which nobody reads the questions (Huang et al. 2012)."""

HURRIED = 0.5
"""The share of the usual time below which a report is hurried."""

TIMED = 5
"""Fewest answers of which a pace can be told."""

USUAL = 20
"""Fewest other reports that make a usual time."""

SCALED = 8
"""Fewest answers on the same scale of which sameness tells anything."""

SAME = 0.9
"""The share of equal answers from which on they are a straight line."""

SLACK = timedelta(minutes=15)
"""How far a phone's times may contradict each other."""


class FlagCode(StrEnum):
    """What may be odd about a report."""

    INCOMPLETE = "incomplete"
    LATE = "late"
    EARLY = "early"
    CLOSED_CHECKLIST = "closed-checklist"
    EXPECTATION_LATE = "expectation-late"
    FAR_AWAY = "far-away"
    TOO_FAST = "too-fast"
    STRAIGHT_LINING = "straight-lining"
    CONTRADICTING = "contradicting"
    COPIED_TEXT = "copied-text"
    DUPLICATE_PHOTO = "duplicate-photo"
    PHOTO_FAR_AWAY = "photo-far-away"
    PHOTO_TIME = "photo-time"
    PHOTO_EDITED = "photo-edited"
    PHOTO_BLURRED = "photo-blurred"
    PHOTO_REJECTED = "photo-rejected"


OF_PHOTOS = frozenset(code for code in FlagCode if "photo" in code)
"""Flags for those who may see photos; they are known once the photos have been developed."""

_OF_PICTURES = {
    pictures.FlagCode.FAR_AWAY: FlagCode.PHOTO_FAR_AWAY,
    pictures.FlagCode.TAKEN_BEFORE: FlagCode.PHOTO_TIME,
    pictures.FlagCode.TAKEN_AFTER: FlagCode.PHOTO_TIME,
    pictures.FlagCode.EDITED: FlagCode.PHOTO_EDITED,
    pictures.FlagCode.DUPLICATE: FlagCode.DUPLICATE_PHOTO,
    pictures.FlagCode.NEAR_DUPLICATE: FlagCode.DUPLICATE_PHOTO,
    pictures.FlagCode.BLURRED: FlagCode.PHOTO_BLURRED,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A hint: a plain sentence, the items that it is about, and what it was concluded from."""

    code: FlagCode
    message: str
    item_keys: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """A frozen revision and what it is held against. `store` is where it should have been, None
    where that is not known or does not matter; `closed_at` is when the checklist's version was set
    closing, in milliseconds UTC, as `arrived_at`, when the server first heard of the report, and
    `opens_at`, before which a later part should not be answered; `edited` is when the phone wrote
    each answer's value last, where that is known; `usual_seconds` is what others took for it."""

    revision: Mapping[str, Any]
    checklist: Document
    missing: tuple[str, ...] = ()
    late: bool = False
    store: Place | None = None
    closed_at: int | None = None
    arrived_at: int = 0
    opens_at: int | None = None
    edited: Mapping[str, int] = field(default_factory=dict)
    usual_seconds: float | None = None


class Copied(NamedTuple):
    """A text that resembles one of an earlier report; `whose` is "shopper" or "other"."""

    item_key: str | None
    share: float
    report_id: str
    whose: str


def flags(visit: Visit) -> list[Flag]:
    """All that is odd about a report's own content."""
    return [
        *_incomplete(visit),
        *_late(visit),
        *_early(visit),
        *_expectation_late(visit),
        *_far_away(visit),
        *_too_fast(visit),
        *_straight_lining(visit),
        *_contradicting(visit),
    ]


def seconds(revision: Mapping[str, Any], document: Document) -> float | None:
    """Between the first and the last answer of the visit itself, by the phone's clock; None where
    too few say when. What is asked before it may have been answered the evening before."""
    before = _asked_before(document)
    given = [
        each
        for key, each in revision["answers"].items()
        if each["value"] is not None and key not in before
    ]
    stamps = [each["answered_at"] for each in given if isinstance(each["answered_at"], int)]
    return (max(stamps) - min(stamps)) / 1000 if len(stamps) >= TIMED else None


def begun(revision: Mapping[str, Any], arrived_at: int) -> int:
    """When a visit began, in milliseconds UTC: as the phone says, else with its first answer, else
    when the server first heard of it."""
    started = revision["fields"].get("started_at")
    if isinstance(started, int):
        return started
    stamps = [each["answered_at"] for each in revision["answers"].values()]
    return min((stamp for stamp in stamps if isinstance(stamp, int)), default=arrived_at)


def of_photos(
    found: Mapping[str, Iterable[pictures.Flag]], rejected: Iterable[str], items: Mapping[str, str]
) -> list[Flag]:
    """The flags of a report's photos, one of each kind. `found` are the photos' own by photo,
    `rejected` those that are no picture, `items` each photo's item."""
    by_code: dict[FlagCode, list[tuple[str, str, tuple[str, ...]]]] = {}
    for photo_id, each in sorted(found.items()):
        for flag in each:
            told = (photo_id, flag.message, flag.photo_ids)
            by_code.setdefault(_OF_PICTURES[flag.code], []).append(told)
    for photo_id in sorted(rejected):
        told = (photo_id, "It is no picture that can be read.", ())
        by_code.setdefault(FlagCode.PHOTO_REJECTED, []).append(told)
    return [_of_photos(code, by_code[code], items) for code in FlagCode if code in by_code]


def copied(found: list[Copied]) -> Flag:
    """The flag of the most alike of some texts; its evidence names the other reports too."""
    first = max(found, key=lambda each: each.share)
    same = first.whose == "shopper"
    of = "another report of this shopper" if same else "another shopper's report"
    what = "The summary" if first.item_key is None else "A text"
    said = f"{what} is {first.share:.0%} the same as one in {of}, which was there before."
    others = [each.report_id for each in found if each is not first]
    evidence = {
        "report_ids": [first.report_id, *others],
        "whose": first.whose,
        "share": round(first.share, 3),
    }
    return Flag(FlagCode.COPIED_TEXT, said, (first.item_key,) if first.item_key else (), evidence)


def _of_photos(
    code: FlagCode, told: list[tuple[str, str, tuple[str, ...]]], items: Mapping[str, str]
) -> Flag:
    photos = list(dict.fromkeys(photo_id for photo_id, _, _ in told))
    keys = tuple(dict.fromkeys(items[one] for one in photos if items.get(one)))
    first = told[0][1]
    said = first if len(photos) == 1 else f"{first} So or alike: {len(photos)} photos."
    others = sorted({twin for _, _, twins in told for twin in twins})
    return Flag(code, said, keys, {"photo_ids": photos} | ({"like": others} if others else {}))


def _incomplete(visit: Visit) -> Iterator[Flag]:
    if count := len(visit.missing):
        said = f"{count} required answer{'s are' if count > 1 else ' is'} missing."
        yield Flag(FlagCode.INCOMPLETE, said, visit.missing)


def _late(visit: Visit) -> Iterator[Flag]:
    if visit.late:
        yield Flag(FlagCode.LATE, "It arrived after its time, or for a visit no longer wanted.")
    if visit.closed_at and begun(visit.revision, visit.arrived_at) > visit.closed_at:
        said = "It was begun after its checklist's version was set closing."
        yield Flag(FlagCode.CLOSED_CHECKLIST, said)


def _early(visit: Visit) -> Iterator[Flag]:
    if visit.opens_at is None:
        return
    slack = SLACK / timedelta(milliseconds=1)
    if begun(visit.revision, visit.arrived_at) < visit.opens_at - slack:
        yield Flag(FlagCode.EARLY, "It is a later part of a visit, answered before its time.")


def _expectation_late(visit: Visit) -> Iterator[Flag]:
    """An expectation is a baseline only if nothing of the visit was seen yet. All times are of one
    phone and tell an order, so there is no slack."""
    seen = _first_seen(visit)
    late = tuple(
        item.key
        for item, _ in _answered(visit)
        if item.before_visit and seen is not None and _written(visit, item.key) > seen
    )
    if late:
        count = f"{len(late)} answers that belong" if len(late) > 1 else "An answer that belongs"
        said = f"{count} before the visit came after it had begun."
        yield Flag(FlagCode.EXPECTATION_LATE, said, late)


def _first_seen(visit: Visit) -> int | None:
    """When the visit itself began: as the phone says, else with the first answer to what is not
    asked before it; None where neither tells. When the server heard of it is another clock's."""
    started = visit.revision["fields"].get("started_at")
    if isinstance(started, int):
        return started
    before = _asked_before(visit.checklist)
    answers = visit.revision["answers"].items()
    stamps = [each["answered_at"] for key, each in answers if key not in before]
    return min((stamp for stamp in stamps if isinstance(stamp, int)), default=None)


def _written(visit: Visit, key: str) -> int:
    """When an answer was given or changed last; an app may keep `answered_at` at the first time."""
    stamps = (visit.revision["answers"][key]["answered_at"], visit.edited.get(key))
    return max((stamp for stamp in stamps if isinstance(stamp, int)), default=0)


def _asked_before(document: Document) -> set[str]:
    return {item.key for item in document.items() if item.before_visit}


def _far_away(visit: Visit) -> Iterator[Flag]:
    place = _place(visit.revision["fields"])
    if place is None or visit.store is None or not _at_the_store(visit.checklist):
        return
    away = pictures.metres(place, visit.store)
    if away > FAR_M + place.accuracy_m:
        said = f"Begun {away:.0f} m from the store, ±{place.accuracy_m:.0f} m."
        yield Flag(FlagCode.FAR_AWAY, said, (), {"metres": round(away), "limit": FAR_M})


def _at_the_store(document: Document) -> bool:
    """Whether the checklist looks at anything there: a site, a reply, an advertisement can be
    looked at from anywhere. One without touchpoints does not say, and is taken to."""
    return not document.touchpoints or any(
        one.channel == Channel.STORE and one.interaction == Interaction.DIRECT
        for one in document.touchpoints.values()
    )


def _place(fields: Mapping[str, Any]) -> Place | None:
    latitude, longitude = fields.get("latitude"), fields.get("longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    accuracy = fields.get("accuracy_m") or 0.0
    return Place(latitude, longitude, accuracy if isfinite(accuracy) and accuracy > 0 else 0.0)


def _too_fast(visit: Visit) -> Iterator[Flag]:
    took = seconds(visit.revision, visit.checklist)
    if took is None:
        return
    before = _asked_before(visit.checklist)
    count = sum(value is not None for key, value in _values(visit).items() if key not in before)
    usual, least = visit.usual_seconds, SECONDS_AN_ITEM * count
    evidence = {"seconds": took, "answers": count, "usual_seconds": usual}
    if took < least:
        said = f"{count} answers within {took:.0f} seconds: nobody reads {count} questions so fast."
        yield Flag(FlagCode.TOO_FAST, said, (), evidence)
    elif usual is not None and took < HURRIED * usual:
        said = f"Answered within {took / 60:.0f} minutes, where {usual / 60:.0f} are usual."
        yield Flag(FlagCode.TOO_FAST, said, (), evidence)


def _straight_lining(visit: Visit) -> Iterator[Flag]:
    scales: dict[Any, list[tuple[str, Any]]] = {}
    for item, value in _answered(visit):
        for scale, mark in _marks(item, value):
            scales.setdefault(scale, []).append((item.key, mark))
    for given in scales.values():
        mark, count = Counter(mark for _, mark in given).most_common(1)[0]
        if len(given) >= SCALED and count >= SAME * len(given):
            said = f"{count} of {len(given)} answers on the same scale are {mark}."
            keys = tuple(dict.fromkeys(key for key, _ in given))
            evidence = {"answer": mark, "same": count, "of": len(given)}
            yield Flag(FlagCode.STRAIGHT_LINING, said, keys, evidence)


def _marks(item: Item, value: Any) -> Iterator[tuple[Any, Any]]:
    """Each mark that an answer gives, with the scale that it is given on."""
    if item.type == ItemType.MATRIX:
        scale = (item.type, *(choice.key for choice in item.choices))
        yield from ((scale, mark) for mark in value.values())
    elif item.type in (ItemType.SCALE, ItemType.TWO_SIDED):
        yield (item.type, item.min, item.max, item.step), value
    elif item.type in (ItemType.NPS, ItemType.CORRESPONDENCE):
        yield (item.type,), value


def _answered(visit: Visit) -> Iterator[tuple[Item, Any]]:
    """The items that were seen and answered by what fits."""
    values = _values(visit)
    seen = conditions.answers_seen(visit.checklist, values)
    yield from ((item, values[item.key]) for item in visit.checklist.items() if item.key in seen)


def _values(visit: Visit) -> dict[str, Any]:
    return {key: each["value"] for key, each in visit.revision["answers"].items()}


def _contradicting(visit: Visit) -> Iterator[Flag]:
    plain = conditions.answers_seen(visit.checklist, _values(visit))
    for one in visit.checklist.contradictions:
        if conditions.passes(one.when, plain):
            keys = tuple(dict.fromkeys(test.item for test in one.when))
            said = one.message.get("en") or next(iter(one.message.values()))
            yield Flag(FlagCode.CONTRADICTING, said, keys)
    for item, value in _answered(visit):
        notified = value.get("notified_at") if item.type == ItemType.TIMES else None
        if notified is not None and notified > value["actual_at"]:
            said = "The customer was told of the new time only after the thing itself."
            yield Flag(FlagCode.CONTRADICTING, said, (item.key,))
    yield from _wrong_order(visit)


def _wrong_order(visit: Visit) -> Iterator[Flag]:
    """Times of the visit that cannot follow each other."""
    revision = visit.revision
    fields = revision["fields"]
    begun, ended = fields.get("started_at"), fields.get("ended_at")
    if not isinstance(begun, int):
        return
    if isinstance(ended, int) and ended < begun:
        yield Flag(FlagCode.CONTRADICTING, "The visit ended before it began.")
    slack = SLACK / timedelta(milliseconds=1)
    before = _asked_before(visit.checklist)
    early = tuple(
        key
        for key, each in revision["answers"].items()
        if key not in before
        and isinstance(each["answered_at"], int)
        and each["answered_at"] < begun - slack
    )
    if early:
        said = f"{len(early)} answers were given before the visit began."
        yield Flag(FlagCode.CONTRADICTING, said, early)
