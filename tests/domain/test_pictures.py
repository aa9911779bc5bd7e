"""Flags of photos, hashes and their bands, and marks in pixels."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.pictures import (
    NEAR,
    Facts,
    Mark,
    Place,
    Twin,
    Visit,
    bands,
    box,
    differing,
    flags,
    metres,
    probes,
)

MILAN = Place(45.4719, 9.1881)
BEGAN = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
VISIT = Visit(MILAN, "Europe/Rome", BEGAN, BEGAN + timedelta(minutes=40))


def codes(visit: Visit = VISIT, twins: tuple[Twin, ...] = (), **facts: Any) -> list[str]:
    values = {"width": 4, "height": 3, "sharpness": 900.0} | facts
    return [str(flag.code) for flag in flags(Facts(**values), visit, twins)]


def test_an_ordinary_photo_has_no_flag() -> None:
    said = {"latitude": 45.4720, "longitude": 9.1880, "accuracy_m": 12.0, "software": "18.1"}
    assert codes(taken="2026-07-01T12:20:00", changed="2026-07-01T12:20:00", **said) == []
    assert codes() == []
    assert codes(Visit(), taken="2026-07-01T12:20:00", latitude=1.0, longitude=1.0) == []


@pytest.mark.parametrize(("metres_off", "accuracy"), [(600, 0), (6000, 5000)])
def test_far_from_the_store(metres_off: float, accuracy: float) -> None:
    away = {"latitude": 45.4719 + metres_off / 111_195, "longitude": 9.1881}
    assert codes(accuracy_m=accuracy, **away) == ["far-away"]
    assert codes(accuracy_m=accuracy + 600, **away) == []


def test_without_a_place_of_its_own_the_phones_word_counts() -> None:
    visit = Visit(MILAN, phone=Place(41.9, 12.5, 20))
    (flag,) = flags(Facts(4, 3, 900), visit)
    assert (flag.code, flag.message) == ("far-away", "Taken 478.1 km from the store, ±20 m.")
    assert codes(visit, latitude=MILAN.latitude, longitude=MILAN.longitude) == []


@pytest.mark.parametrize(
    ("taken", "offset", "zone", "expected"),
    [
        ("2026-07-01T11:44:00", None, "Europe/Rome", ["taken-before"]),
        ("2026-07-01T11:46:00", None, "Europe/Rome", []),
        ("2026-07-01T12:54:00", None, "Europe/Rome", []),
        ("2026-07-01T12:56:00", None, "Europe/Rome", ["taken-after"]),
        ("2026-07-01T11:44:00", 60, "Europe/Rome", []),
        ("2026-07-01T05:00:00", -300, "Europe/Rome", []),
        ("2026-07-01T05:00:00", None, None, []),
        ("2026-06-29T05:00:00", None, "Not/AZone", ["taken-before"]),
        ("0001-01-01T00:00:00", 840, "Europe/Rome", []),
        ("9999-12-31T23:59:59", 0, "Europe/Rome", ["taken-after"]),
    ],
)
def test_taken_outside_of_the_visit(
    taken: str, offset: int | None, zone: str | None, expected: list[str]
) -> None:
    visit = Visit(MILAN, zone, VISIT.begins, VISIT.ends)
    assert codes(visit, taken=taken, offset_minutes=offset) == expected


@pytest.mark.parametrize(
    "facts",
    [
        {"software": "Adobe Photoshop 27.0 (Macintosh)"},
        {"software": "Snapseed 2.0"},
        {"taken": "2026-07-01T12:20:00", "changed": "2026-07-01T12:40:00"},
        {
            "taken": "2026-07-01T12:20:00",
            "offset_minutes": 120,
            "satellite_at": "2026-06-20T10:20:00",
        },
    ],
)
def test_edited(facts: dict[str, Any]) -> None:
    assert codes(**facts) == ["edited"]


def test_blurred() -> None:
    assert codes(sharpness=3.5) == ["blurred"]


def test_duplicates_are_told_apart_by_whose_they_are() -> None:
    twins = (Twin("a", None, "other"), Twin("b", 0, "shopper"), Twin("c", 3, "shopper"))
    found = flags(Facts(4, 3, 900), Visit(), twins)
    assert [(flag.code, flag.photo_ids) for flag in found] == [
        ("duplicate", ("a",)),
        ("near-duplicate", ("b", "c")),
    ]
    assert "another shopper" in found[0].message
    assert "this shopper" in found[1].message


HASHES = st.integers(0, 2**64 - 1)


@given(HASHES, st.sets(st.integers(0, 63), max_size=NEAR))
def test_whatever_is_near_shares_a_probed_band(bits: int, flipped: set[int]) -> None:
    other = bits
    for bit in flipped:
        other ^= 1 << bit
    assert differing(f"{bits:016x}", f"{other:016x}") == len(flipped)
    assert set(probes(f"{bits:016x}")) & set(bands(f"{other:016x}"))


@given(HASHES)
def test_a_lookup_asks_for_a_bounded_number_of_bands(bits: int) -> None:
    assert len(probes(f"{bits:016x}")) == 4 * 17
    assert max(probes(f"{bits:016x}")) < 2**18


@pytest.mark.parametrize(
    ("place", "expected"), [(Place(45.4719, 9.1881), 0), (Place(41.8902, 12.4922), 477_000)]
)
def test_distances(place: Place, expected: float) -> None:
    assert metres(MILAN, place) == pytest.approx(expected, rel=0.01)


FRACTIONS = st.floats(0, 1)


@given(FRACTIONS, FRACTIONS, FRACTIONS, FRACTIONS, st.integers(1, 5000), st.integers(1, 5000))
def test_a_mark_is_within_the_picture_and_covered(
    x: float, y: float, across: float, down: float, width: int, height: int
) -> None:
    mark = Mark(x, y, across * (1 - x), down * (1 - y))
    left, top, right, bottom = box(mark, width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left <= x * width
    assert right >= min(width, (x + mark.width) * width)
    assert top <= y * height
    assert bottom >= min(height, (y + mark.height) * height)
