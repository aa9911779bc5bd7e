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


def test_a_persona_that_asks_for_nothing_suits_everybody() -> None:
    assert fit({}, {"devices": ["ios"]}) == Fit((), ())
