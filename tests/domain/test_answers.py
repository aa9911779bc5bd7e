"""server.domain.answers: what fits and what it earns."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import answers
from server.domain.checklist import Band, Choice, Comment, Item, ItemType, MatrixRow

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
KEYS = ["a", "b", "c", "d"]


def item(kind: ItemType, **values: Any) -> Item:
    return Item(key="k", type=kind, prompt={"en": "?"}, **values)


def choices(*points: float) -> tuple[Choice, ...]:
    return tuple(Choice(key, {"en": key}, given) for key, given in zip(KEYS, points, strict=False))


ROWS = (MatrixRow("r", {"en": "r"}), MatrixRow("s", {"en": "s"}))
AT = 1_790_000_000_000
ON_TIME = (Band(2, None, 0), Band(1, 0, 30))
"""Two points in time, one up to half an hour late."""


def ran(seconds: float) -> dict[str, float]:
    """A timer that was started and stopped."""
    return {"started_at": 5_000, "stopped_at": 5_000 + seconds * 1000}


def came(late: int, told: int | None = None) -> dict[str, int | None]:
    """What was promised for the hour; minutes after it."""
    promised = 3_600_000
    notified = None if told is None else promised + told * 60_000
    return {"promised_at": promised, "actual_at": promised + late * 60_000, "notified_at": notified}


def euros(cents: float) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Items of every type, sensible or not."""
    kind = draw(st.sampled_from(list(ItemType)))
    number = st.none() | NUMBERS
    return item(
        kind,
        allow_na=draw(st.booleans()),
        min=draw(number),
        max=draw(number),
        step=draw(st.none() | st.floats(0.001, 100)),
        bands=tuple(draw(st.lists(st.builds(Band, NUMBERS, number, number), max_size=3))),
        choices=choices(*draw(st.lists(NUMBERS, max_size=4))),
        points=draw(st.none() | st.fixed_dictionaries({"yes": NUMBERS, "no": NUMBERS})),
        max_length=draw(st.none() | st.integers(0, 50)),
        ideal=draw(st.none() | NUMBERS),
        notice=draw(st.none() | st.floats(0, 1)),
        rows=ROWS if draw(st.booleans()) else (),
    )


STRUCTURED = st.sampled_from(
    [
        ran(30),
        came(5),
        came(5, -5),
        euros(500),
        {"before": 1, "after": 5},
        {"given": True},
        {"r": "a", "s": "b"},
        {"happened": False},
    ]
)
ANSWERS = (
    STRUCTURED
    | JSON
    | st.sampled_from(KEYS)
    | st.lists(st.sampled_from(KEYS))
    | st.just({"na": True})
)


@given(items(), ANSWERS)
def test_points_lie_between_nothing_and_all(one: Item, value: Any) -> None:
    result = answers.points(one, value)
    if result is not None:
        earned, possible = result
        assert 0 <= earned <= possible
        assert 0 < possible < math.inf
        assert answers.fits(one, value)
        assert answers.can_score(one)


@given(items(), ANSWERS)
def test_what_does_not_fit_and_na_are_never_scored(one: Item, value: Any) -> None:
    if answers.is_na(value):
        assert answers.fits(one, value) == one.allow_na
    if answers.is_na(value) or not answers.fits(one, value):
        assert answers.points(one, value) is None


@given(items())
def test_null_answers_nothing(one: Item) -> None:
    assert not answers.fits(one, None)
    assert not answers.answered(one, None)


@given(items(), ANSWERS)
def test_an_item_that_cannot_score_never_does(one: Item, value: Any) -> None:
    if not answers.can_score(one):
        assert answers.points(one, value) is None


@pytest.mark.parametrize(
    ("one", "value", "expected"),
    [
        (item(ItemType.YES_NO), True, (1, 1)),
        (item(ItemType.YES_NO), False, (0, 1)),
        (item(ItemType.YES_NO, points={"yes": 0, "no": 4}), False, (4, 4)),
        (item(ItemType.YES_NO), 1, None),
        (item(ItemType.YES_NO, allow_na=True), {"na": True}, None),
        (item(ItemType.SCALE, min=1, max=5, step=1), 4, (3, 4)),
        (item(ItemType.SCALE, min=1, max=5, step=1), 1, (0, 4)),
        (item(ItemType.SCALE, min=1, max=5, step=1), 3.5, None),
        (item(ItemType.SCALE, min=0, max=1, step=0.1), 0.3, (0.3, 1)),
        (item(ItemType.SCALE, min=1, max=5), 6, None),
        (item(ItemType.SCALE, min=1, max=5), True, None),
        (item(ItemType.SCALE, min=1, max=5), "4", None),
        (item(ItemType.SINGLE_CHOICE, choices=choices(5, 2, 0)), "b", (2, 5)),
        (item(ItemType.SINGLE_CHOICE, choices=choices(5, 2, 0)), "z", None),
        (item(ItemType.SINGLE_CHOICE, choices=choices(0, 0)), "a", None),
        (item(ItemType.MULTIPLE_CHOICE, choices=choices(1, 1, 1, 2)), ["a", "b", "c"], (3, 5)),
        (item(ItemType.MULTIPLE_CHOICE, choices=choices(2, -3)), ["a", "b"], (0, 2)),
        (item(ItemType.MULTIPLE_CHOICE, choices=choices(2, -1)), [], (0, 2)),
        (item(ItemType.MULTIPLE_CHOICE, choices=choices(2, 1)), ["a", "a"], None),
        (item(ItemType.NUMBER, bands=(Band(10, None, 5), Band(4, 5, 10))), 4.9, (10, 10)),
        (item(ItemType.NUMBER, bands=(Band(10, None, 5), Band(4, 5, 10))), 5, (4, 10)),
        (item(ItemType.NUMBER, bands=(Band(10, None, 5), Band(4, 5, 10))), 10, (0, 10)),
        (item(ItemType.NUMBER), 7, None),
        (item(ItemType.NPS), 7, (7, 10)),
        (item(ItemType.NPS), 7.5, None),
        (item(ItemType.CORRESPONDENCE), -1, (1, 4)),
        (item(ItemType.CORRESPONDENCE), 3, None),
        (item(ItemType.TWO_SIDED, min=-2, max=2), 0, (2, 2)),
        (item(ItemType.TWO_SIDED, min=-2, max=2), 2, (0, 2)),
        (item(ItemType.TWO_SIDED, min=0, max=10, ideal=2), 6, (4, 8)),
        (item(ItemType.TIMER, bands=(Band(1, None, 60),)), 59, (1, 1)),
        (item(ItemType.TIMER, bands=(Band(1, None, 60),)), ran(60), (0, 1)),
        (item(ItemType.TIMER, bands=(Band(1, None, 60),)), ran(-1), None),
        (item(ItemType.TIMER, bands=(Band(1, None, 60),)), -1, None),
        (item(ItemType.TIMES, bands=ON_TIME), came(-5), (2, 2)),
        (item(ItemType.TIMES, bands=ON_TIME), came(10), (1, 2)),
        (item(ItemType.TIMES, bands=ON_TIME, notice=0.5), came(10), (0.5, 2)),
        (item(ItemType.TIMES, bands=ON_TIME, notice=0.5), came(10, told=-30), (1.5, 2)),
        (item(ItemType.TIMES, bands=ON_TIME, notice=0.5), came(10, told=5), (0.5, 2)),
        (item(ItemType.TIMES, bands=ON_TIME, notice=0.5), came(-5), (2, 2)),
        (item(ItemType.TIMES, bands=ON_TIME), {"promised_at": 0}, None),
        (item(ItemType.TIMES, bands=ON_TIME), {"promised_at": AT, "actual_at": AT - 1}, (2, 2)),
        (item(ItemType.MONEY, bands=(Band(3, None, 1000),)), euros(999), (3, 3)),
        (item(ItemType.MONEY, bands=(Band(3, None, 1000),)), euros(9.5), None),
        (item(ItemType.MONEY), {"amount": 1, "currency": "eur"}, None),
        (item(ItemType.EMOTION), {"before": 2, "after": 5}, (4, 4)),
        (item(ItemType.EMOTION), {"before": 0, "after": 5}, None),
        (item(ItemType.EXTRA), {"given": True, "kind": "a ribbon", "worth": 50}, (1, 1)),
        (item(ItemType.EXTRA), {"given": "yes"}, None),
        (item(ItemType.MATRIX, choices=choices(2, 0), rows=ROWS), {"r": "a", "s": "b"}, (2, 4)),
        (item(ItemType.MATRIX, choices=choices(2, 0), rows=ROWS), {"r": "a"}, None),
        (item(ItemType.TEXT), "kind", None),
        (item(ItemType.PHOTO), None, None),
    ],
)
def test_points_by_type(one: Item, value: Any, expected: tuple[float, float] | None) -> None:
    assert answers.points(one, value) == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, -(10**400), 1e13])
def test_numbers_beyond_reason_do_not_fit(value: float) -> None:
    assert not answers.fits(item(ItemType.NUMBER), value)


@pytest.mark.parametrize(
    "value", [{"na": 1}, {"na": False}, {"na": True, "b": 1}, {}, "na", ["na"], True]
)
def test_only_the_one_spelling_is_not_applicable(value: Any) -> None:
    assert not answers.is_na(value)


def test_texts_are_not_blank_and_not_too_long() -> None:
    short = item(ItemType.TEXT, max_length=3)
    assert answers.fits(short, "abc")
    assert not answers.fits(short, "abcd")
    assert not answers.fits(short, " \n")
    assert not answers.fits(item(ItemType.TEXT), "x" * (answers.LONGEST_TEXT + 1))


@pytest.mark.parametrize(
    ("kind", "value", "fit"),
    [
        (ItemType.MISSED_OPPORTUNITY, {"missed": True, "what": "No bag was offered."}, True),
        (ItemType.MISSED_OPPORTUNITY, {"missed": True, "what": " "}, False),
        (ItemType.MOMENTS, [{"at": 5, "feeling": 2, "what": "She knew my name."}], True),
        (ItemType.MOMENTS, [{"at": 5, "feeling": 3}], False),
        (ItemType.MOMENTS, [{"feeling": 1}], False),
        (ItemType.MOMENTS, [], False),
        (ItemType.MOMENTS, [{"at": 5, "feeling": 0}] * 51, False),
        (ItemType.MOMENTS, {"at": 5, "feeling": 0}, False),
        (ItemType.INCIDENT, {"happened": False}, True),
        (ItemType.INCIDENT, {"happened": False, "severity": "grave"}, False),
        (ItemType.INCIDENT, {"happened": True}, False),
        (ItemType.INCIDENT, {"happened": True, "severity": "grave", "role": "shift lead"}, True),
        (ItemType.INCIDENT, {"happened": True, "severity": "grave", "name": "Melissa"}, False),
        (ItemType.PLACE, {"latitude": 45.4, "longitude": 9.1, "accuracy_m": 12}, True),
        (ItemType.PLACE, {"latitude": 95, "longitude": 9.1}, False),
        (ItemType.PLACE, {"latitude": True, "longitude": 9.1}, False),
        (ItemType.SIGNATURE, "me", False),
    ],
)
def test_what_is_never_scored_still_fits_or_not(kind: ItemType, value: Any, fit: bool) -> None:
    assert answers.fits(item(kind), value) is fit
    assert answers.points(item(kind), value) is None


def test_choices_are_ranked_all_or_as_many_as_asked() -> None:
    all_of_them = item(ItemType.RANKED_CHOICE, choices=choices(0, 0, 0))
    assert answers.fits(all_of_them, ["c", "a", "b"])
    assert not answers.fits(all_of_them, ["c", "a"])
    assert answers.fits(item(ItemType.RANKED_CHOICE, choices=choices(0, 0, 0), max=2), ["c", "a"])


def test_a_note_is_due_on_chosen_answers_and_low_points() -> None:
    rule = Comment(on=("no",), least=10)
    asked = item(ItemType.YES_NO, comment=rule)
    assert answers.answered(asked, True)
    assert not answers.answered(asked, False)
    assert not answers.answered(asked, False, note="  short  ")
    assert answers.answered(asked, False, note="Nobody came to the door.")
    low = item(ItemType.NPS, comment=Comment(below=0.7))
    assert [answers.comment_due(low, value, None) for value in (6, 7)] == [True, False]


def test_any_item_may_ask_for_photos_too() -> None:
    receipt = item(ItemType.MONEY, photos_min=1, allow_na=True)
    assert not answers.answered(receipt, euros(100))
    assert answers.answered(receipt, euros(100), photos=1)
    assert answers.answered(receipt, {"na": True})


def test_a_required_photo_is_answered_by_its_rows() -> None:
    photo = item(ItemType.PHOTO, photos_min=2, allow_na=True)
    assert [answers.answered(photo, None, count) for count in (0, 1, 2, 3)] == [0, 0, 1, 1]
    assert answers.answered(photo, {"na": True})
    assert answers.answered(item(ItemType.PHOTO), None, 1)
    assert not answers.answered(item(ItemType.PHOTO), {"na": True}, 1)
