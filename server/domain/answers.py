"""Answers to checklist items: whether a value fits its item, and what points it earns.

    type                value                              earned, of possible
    yes_no              true or false                      `points` of the answer, of the larger
    scale               a number on the scale              value - min, of max - min
    nps                 0 to 10                            value, of 10
    correspondence      -2 (far below what was expected)   value + 2, of 4
                        to 2 (far above)
    two_sided           a number on the scale              by its distance from `ideal`
    single_choice       a choice's key                     its points, of the most one choice gives
    multiple_choice     a list of keys, maybe []           the sum of the chosen, within 0 and what
                                                           is possible: the sum of the positive
    matrix              {row key: choice key}              the sum of the rows' choices
    ranked_choice       a list of keys, first first        unscored
    number              a number                           its band's points (0 outside all), of the
                                                           highest; unscored without bands
    timer               seconds, or                        as number, of seconds
                        {"started_at", "stopped_at"}
    times               {"promised_at", "actual_at",       as number, of minutes late; of what is
                         "notified_at"?}                   late, `notice` is the share for telling
    money               {"amount", "currency"}, minor      as number, of the amount
                        units and ISO 4217
    emotion             {"before", "after"}, 1 to 5        after - 1, of 4
    extra               {"given", "kind"?, "worth"?}, or   1, of 1, if anything was given
                        [{"kind", "worth"?}…], maybe []
    missed_opportunity  {"missed", "what"?}                unscored
    incident            {"happened", "severity", "at"?,    unscored
                         "role"?, "verbatim"?,
                         "remedy"?, "remedy_worth"?}
    moments             [{"at", "feeling", "what"?}…],     unscored
                        feeling from -2 to 2
    place               {"latitude", "longitude",          unscored
                         "accuracy_m"?}
    text                a text, not blank                  unscored
    photo, signature    nothing: photos are rows           unscored

Times are milliseconds since 1970 UTC. null is no answer to anything. Where the item allows it,
{"na": true} says "not applicable".
"""

from typing import Any

from server.domain.answer_points import ANY, POINTS, Points, seconds
from server.domain.answer_types import FITS, LARGEST, LONGEST_TEXT
from server.domain.checklist import Item, ItemType

__all__ = ["LARGEST", "LONGEST_TEXT", "Points"]

PICTURED = frozenset({ItemType.PHOTO, ItemType.SIGNATURE})
"""Types whose answer is photos alone."""

_TIMED = ItemType.TIMER


def is_na(value: Any) -> bool:
    """Whether a value says "not applicable"; whether its item allows that is `fits`' matter."""
    return isinstance(value, dict) and len(value) == 1 and value.get("na") is True


def fits(item: Item, value: Any) -> bool:
    """Whether `value` (any JSON value) answers `item`. One that does not counts as unanswered."""
    if is_na(value):
        return item.allow_na
    return FITS[item.type](item, value)


def answered(item: Item, value: Any, photos: int = 0, note: str | None = None) -> bool:
    """Whether a required item has all that it asks for: a value that fits, its photos, and a note
    where the answer needs one."""
    if is_na(value):
        return item.allow_na
    if photos < least_photos(item):
        return False
    if item.type in PICTURED:
        return True
    return fits(item, value) and not comment_due(item, value, note)


def least_photos(item: Item) -> int:
    """How many photos the item asks for."""
    return max(1, item.photos_min) if item.type in PICTURED else item.photos_min


def comment_due(item: Item, value: Any, note: str | None) -> bool:
    """Whether an answer that fits still needs a note, or a longer one."""
    rule = item.comment
    if rule is None or len((note or "").strip()) >= rule.least:
        return False
    if word(item, value) in rule.on:
        return True
    earned = points(item, value)
    return rule.below is not None and earned is not None and earned[0] < rule.below * earned[1]


def word(item: Item, value: Any) -> str | None:
    """An answer as rules and anchors name it: "yes", "4", a choice's key; None of those that have
    no single word."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return value if isinstance(value, str) and item.type == ItemType.SINGLE_CHOICE else None


def plain(item: Item, value: Any) -> Any:
    """An answer as conditions compare it: a timer is its seconds."""
    return seconds(value) if item.type == _TIMED else value


def points(item: Item, value: Any) -> Points | None:
    """(earned, possible) with 0 ≤ earned ≤ possible and possible > 0, before any weight; None
    where nothing is scored: unanswered, not applicable, or an item that gives no points."""
    score = POINTS.get(item.type)
    if score is None or is_na(value) or not fits(item, value):
        return None
    earned, possible = score(item, value)
    return (min(max(earned, 0.0), possible), possible) if possible > 0 else None


def can_score(item: Item) -> bool:
    """Whether some answer to the item earns points, whatever its weight."""
    score = POINTS.get(item.type)
    return score is not None and score(item, ANY[item.type])[1] > 0
