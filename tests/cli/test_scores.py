"""`promessa scores`: rebuilding and verifying the sums."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli.scores import scores as command
from server.models import ScoreSum
from server.services import scores
from tests import factories, programme
from tests.programme import Programme, passed


@pytest.fixture
def spring(database: str) -> Programme:
    made = Programme(factories.brand())
    for count in (1, 3):
        store = programme.store(made.brand.id, f"R{count}")
        scores.count(made.revision(store, passed(count)).id)
    return made


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def test_sound_sums_are_equal(spring: Programme) -> None:
    verified = run("verify")
    assert verified.exit_code == 0
    assert verified.output == f"{spring.brand.id}\t{spring.brand.name}\tequal\n"


def test_verify_says_where_and_rebuild_mends(spring: Programme) -> None:
    ScoreSum.update(sums={"": [1, 1, 1]}).where(ScoreSum.dimension == "visit").execute()
    verified = run("verify", "--brand", spring.brand.id)
    assert verified.exit_code == 1
    assert "2026-03, visit: the sums are [1, 1, 1], the visits make [1, 25000, 625000000]" in (
        verified.output
    )
    assert verified.output.endswith("2 differences\n")
    assert run("rebuild", "--brand", spring.brand.id).output.endswith("\t2 visits\n")
    assert run("verify").exit_code == 0


def test_a_brand_that_is_not_there_is_said(spring: Programme) -> None:
    refused = run("verify", "--brand", "nowhere")
    assert refused.exit_code == 1
    assert "There is no brand 'nowhere'." in refused.output
