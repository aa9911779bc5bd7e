"""Countries and time zones."""

import pytest

from server.domain import places


@pytest.mark.parametrize(
    ("text", "code"),
    [("IT", "IT"), ("na", "NA"), ("Italia", "IT"), (" germany ", "DE"), ("UK", "GB"), ("XX", None)],
)
def test_a_country_by_code_or_name(text: str, code: str | None) -> None:
    assert places.country_of(text) == code


def test_every_other_name_and_bound_is_of_a_country() -> None:
    assert set(places._OTHER_NAMES.values()) <= set(places.countries())
    assert set(places._bounds()) <= set(places.countries())
    assert set(places._OTHER_ZONES.values()) <= places.timezones()
    for south, west, north, east in places._bounds().values():
        assert -90 <= south < north <= 90
        assert -180 <= west < east <= 180


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Rome", "Europe/Rome"),
        ("GMT+1:00 Europe/Andorra", "Europe/Andorra"),
        ("GMT+08:00 Asia/Beijing", "Asia/Shanghai"),
        ("GMT-03:00 America/Argentina/Bu", None),
        ("", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_time_zone_by_name(text: str, zone: str | None) -> None:
    assert places.timezone_of(text) == zone


def test_a_zone_that_was_cut_short() -> None:
    assert places.cut_timezone("GMT-03:00 America/Argentina/Bu") == "America/Argentina/Buenos_Aires"
    assert places.cut_timezone("America/Argentina/") is None
    assert places.cut_timezone("E") is None


def test_a_point_far_from_its_country() -> None:
    assert places.is_within("IT", 35.5, 12.6), "Lampedusa"
    assert not places.is_within("IT", 2.24, 16.4)
    assert places.is_within("US", 52.0, 179.0), "the Aleutians, beyond the antimeridian"
    assert places.is_within(None, 2.24, 16.4)


def test_only_a_country_of_one_zone_has_an_only_zone() -> None:
    assert places.only_timezone("IT") == "Europe/Rome"
    assert places.only_timezone("US") is None
    assert places.only_timezone(None) is None
