"""Whether a shopper suits a persona."""

import pytest

from server.domain.traits import Fit, fit

BOTH = {"devices": ["ios", "computer"]}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"age_bands": ["18-24"]} | BOTH, Fit(("age_bands", "devices"), ())),
        ({}, Fit((), ("age_bands", "devices"))),
        ({"age_bands": ["25-34"]}, Fit(("age_bands",), ("devices",))),
        ({"age_bands": ["65-"]}, None),
        ({"devices": ["ios"]}, None),
        ({"devices": ["computer", "ios", "tablet"]}, Fit(("devices",), ("age_bands",))),
    ],
)
def test_one_age_is_enough_and_all_devices_are_needed(
    said: dict[str, list[str]], found: Fit | None
) -> None:
    wanted = {"age_bands": ["18-24", "25-34"], "channels": []} | BOTH
    assert fit(wanted, said) == found


@pytest.mark.parametrize(
    ("wanted", "said", "met"),
    [
        (["it"], ["it-IT"], True),
        (["it"], ["IT-it", "en"], True),
        (["it-IT"], ["it"], False),
        (["it", "en"], ["it-CH"], False),
        (["it"], ["ita"], False),
        (["zh-Hant"], ["zh-Hant-TW"], True),
        (["zh-Hant"], ["zh-Hans-CN"], False),
    ],
)
def test_a_language_is_met_by_any_of_its_regions(
    wanted: list[str], said: list[str], met: bool
) -> None:
    found = fit({"languages": wanted}, {"languages": said})
    assert found == (Fit(("languages",), ()) if met else None)


def test_a_persona_that_asks_for_nothing_suits_everybody() -> None:
    assert fit({}, {"devices": ["ios"]}) == Fit((), ())
