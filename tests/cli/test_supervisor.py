"""The supervisor with parts of a line each: what it says, and when it gives up."""

import os
import sys
from collections.abc import Iterator

import pytest

from server.cli import supervisor as module
from server.cli.processes import Part
from server.cli.supervisor import Failed, Supervisor

Said = list[tuple[str, str]]


def python(name: str, code: str) -> Part:
    return Part(name, [sys.executable, "-IS", "-c", code])


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def supervisor(said: Said) -> Iterator[Supervisor]:
    with Supervisor(os.environ, lambda name, line: said.append((name, line))) as supervisor:
        yield supervisor


def test_passes_on_every_line_even_the_last(supervisor: Supervisor, said: Said) -> None:
    supervisor.complete(python("one", "print('first\\nlast', end='')"))
    supervisor._stop()
    assert said == [("one", "first"), ("one", "last")]


def test_a_part_must_end_well_to_be_complete(supervisor: Supervisor, said: Said) -> None:
    with pytest.raises(Failed, match="one failed; see its last lines"):
        supervisor.complete(python("one", "import sys; sys.exit('the reason')"))
    assert ("one", "the reason") in said


def test_a_part_that_ends_while_starting_is_said(supervisor: Supervisor) -> None:
    with pytest.raises(Failed, match="one ended while starting"):
        supervisor.start(python("one", ""), ready=lambda: False)


def test_gives_up_on_a_part_that_keeps_dying(
    supervisor: Supervisor, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    supervisor.start(python("one", "raise SystemExit(3)"))
    with pytest.raises(Failed, match="one ended 5 times within 60 seconds"):
        supervisor.watch()
    assert [line for name, line in said if name == "up"] == [
        f"one ended (exit code 3); starts again in {pause} s"
        for pause in ("0.01", "0.02", "0.04", "0.08")
    ]
