"""What makes an item sound by its type.

type                             its own fields
yes_no                           points {"yes": 1, "no": 0}
scale, two_sided                 min, max, step; two_sided: ideal (default: the middle)
number, timer, money             min, max, bands [{"from", "to", "points"}]; number: step
times                            bands of minutes late; notice: the share of the points for
                                 telling the customer in time (0 to 1)
single_choice, multiple_choice   choices [{"key", "label", "points"}]
ranked_choice                    choices; max: how many are to be ranked
matrix                           rows [{"key", "label"}], choices
text                             max_length
nps, correspondence, emotion, extra, missed_opportunity, incident, moments, place, photo,
signature: none
"""

from collections.abc import Callable
from typing import Any

from server.domain import answers
from server.domain.answers import LARGEST
from server.domain.checklist import Band, Item, ItemType
from server.domain.programme import Programme, check_keys, check_texts, check_within
from server.domain.shaping import Mistakes, step

LARGEST_POINTS = 1e6
SMALLEST_STEP = 1e-6
_MOST_ROWS = 50


def check(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    """Name all that is wrong with the fields that the item's type has."""
    if checker := _OF_TYPE.get(item.type):
        checker(item, pointer, programme, mistakes)


def value_of(item: Item, answer: str) -> Any:
    """The value that `answers.word` calls `answer`; None if it calls none so."""
    if item.type == ItemType.YES_NO:
        return {"yes": True, "no": False}.get(answer)
    if item.type == ItemType.SINGLE_CHOICE:
        return answer
    try:
        number = float(answer)
    except ValueError:
        return None
    return number if answers.word(item, number) == answer else None


def ends(item: Item) -> tuple[str, ...]:
    """The answers whose meaning must be told where the item is scored. Choices tell it in their
    labels, numbers in their bands, emotions are faces."""
    if item.type == ItemType.YES_NO:
        return ("yes", "no")
    if item.type in (ItemType.SCALE, ItemType.TWO_SIDED):
        found = (item.min, item.max)
        return tuple(f"{end:g}" for end in found if end is not None)
    return {ItemType.NPS: ("0", "10"), ItemType.CORRESPONDENCE: ("-2", "2")}.get(item.type, ())


def _yes_no(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    for word, points in (item.points or {}).items():
        check_within(points, 0, LARGEST_POINTS, step(pointer, "points", word), mistakes)


def _scale(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    for name in ("min", "max"):
        if getattr(item, name) is None:
            mistakes.add(step(pointer, name), "Is missing: a scale needs both its ends.")
    _check_range(item, pointer, mistakes)
    if _has_ends_and_step(item) and not answers.fits(item, item.max):
        mistakes.add(step(pointer, "step"), "No whole number of steps leads from min to max.")


def _has_ends_and_step(item: Item) -> bool:
    ends = item.min is not None and item.max is not None and item.min < item.max <= LARGEST
    return ends and item.step is not None and item.step >= SMALLEST_STEP


def _two_sided(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    _scale(item, pointer, programme, mistakes)
    if item.min is not None and item.max is not None:
        check_within(item.ideal, item.min, item.max, step(pointer, "ideal"), mistakes)


def _times(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    _check_bands(item, pointer, mistakes)
    check_within(item.notice, 0, 1, step(pointer, "notice"), mistakes)


def _ranked(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    _choice(item, pointer, programme, mistakes)
    check_within(item.max, 1, max(len(item.choices), 1), step(pointer, "max"), mistakes)


def _matrix(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    _choice(item, pointer, programme, mistakes)
    place = step(pointer, "rows")
    if not 1 <= len(item.rows) <= _MOST_ROWS:
        mistakes.add(place, f"Must be 1 to {_MOST_ROWS} rows.")
    check_keys(((row.key, step(place, index)) for index, row in enumerate(item.rows)), mistakes)
    for index, row in enumerate(item.rows):
        check_texts(row.label, step(place, index, "label"), programme, mistakes)


def _number(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    _check_range(item, pointer, mistakes)
    _check_bands(item, pointer, mistakes)


def _check_bands(item: Item, pointer: str, mistakes: Mistakes) -> None:
    place = step(pointer, "bands")
    for index, band in enumerate(item.bands):
        _check_band(band, step(place, index), mistakes)
    _check_overlaps(item.bands, place, mistakes)


def _check_range(item: Item, pointer: str, mistakes: Mistakes) -> None:
    for name in ("min", "max"):
        check_within(getattr(item, name), -LARGEST, LARGEST, step(pointer, name), mistakes)
    check_within(item.step, SMALLEST_STEP, LARGEST, step(pointer, "step"), mistakes)
    if item.min is not None and item.max is not None and item.min >= item.max:
        mistakes.add(step(pointer, "max"), "Must be above min.")


def _check_band(band: Band, pointer: str, mistakes: Mistakes) -> None:
    check_within(band.points, 0, LARGEST_POINTS, step(pointer, "points"), mistakes)
    check_within(band.start, -LARGEST, LARGEST, step(pointer, "from"), mistakes)
    check_within(band.to, -LARGEST, LARGEST, step(pointer, "to"), mistakes)
    if band.start is not None and band.to is not None and band.start >= band.to:
        mistakes.add(step(pointer, "to"), "Must be above from.")


def _check_overlaps(bands: tuple[Band, ...], pointer: str, mistakes: Mistakes) -> None:
    def start(index: int) -> float:
        begins = bands[index].start
        return -LARGEST if begins is None else begins

    reached: float | None = None
    for index in sorted(range(len(bands)), key=start):
        if reached is not None and start(index) < reached:
            mistakes.add(step(pointer, index), "Overlaps another band.")
        to = bands[index].to
        end = LARGEST if to is None else to
        reached = end if reached is None else max(reached, end)


def _choice(item: Item, pointer: str, programme: Programme, mistakes: Mistakes) -> None:
    place = step(pointer, "choices")
    if not item.choices:
        mistakes.add(place, "Must not be empty.")
    check_keys(
        ((choice.key, step(place, index)) for index, choice in enumerate(item.choices)), mistakes
    )
    least = -LARGEST_POINTS if item.type == ItemType.MULTIPLE_CHOICE else 0
    for index, choice in enumerate(item.choices):
        check_texts(choice.label, step(place, index, "label"), programme, mistakes)
        check_within(choice.points, least, LARGEST_POINTS, step(place, index, "points"), mistakes)


def _text(item: Item, pointer: str, _: Programme, mistakes: Mistakes) -> None:
    place = step(pointer, "max_length")
    check_within(item.max_length, 1, answers.LONGEST_TEXT, place, mistakes)


_OF_TYPE: dict[Any, Callable[[Item, str, Programme, Mistakes], None]] = {
    ItemType.YES_NO: _yes_no,
    ItemType.SCALE: _scale,
    ItemType.TWO_SIDED: _two_sided,
    ItemType.NUMBER: _number,
    ItemType.TIMER: _number,
    ItemType.MONEY: _number,
    ItemType.TIMES: _times,
    ItemType.SINGLE_CHOICE: _choice,
    ItemType.MULTIPLE_CHOICE: _choice,
    ItemType.RANKED_CHOICE: _ranked,
    ItemType.MATRIX: _matrix,
    ItemType.TEXT: _text,
}
