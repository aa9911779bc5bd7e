"""The machine on both databases: a little in `make test`, much in `make soak`."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.stories import Storyteller

STEPS = 30
EXAMPLES = int(os.environ.get("PROMESSA_MACHINE_EXAMPLES", "0"))
"""How many, without shrinking what fails; scripts/mutants.py says it."""


def run(examples: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        Storyteller,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=STEPS,
            phases=[Phase.generate] if EXAMPLES else [Phase.generate, Phase.shrink],
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            print_blob=not EXAMPLES,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_work_is_lost_doubled_or_silently_changed(database: str) -> None:
    run(5)


@pytest.mark.soak
def test_nor_in_a_long_time(database: str) -> None:
    run(600)
