"""Each story once, from the beginning and for certain: with nothing else in its way, how it ends is
known."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.models import VisitScore
from tests.machine.stories import Storyteller

CELL = ("greeting", "value")


@pytest.fixture
def machine(database: str) -> Iterator[Storyteller]:
    """The phone numbers its pushes, the tablet does not; at the end all come to rest."""
    one = Storyteller()
    one.begin((True, False))
    yield one
    one.teardown()


def history(machine: Storyteller) -> list[tuple[Any, str]]:
    """What the cell was, and who wrote it."""
    found = machine.server.cells()["answers", f"{machine.server.report_id}.greeting", "value"]
    return [(value, device) for value, _, device, _ in found]


@pytest.mark.parametrize("name", ["phone", "tablet"])
@pytest.mark.parametrize(
    ("story", "written"), [("overtaken", 1), ("unanswered", 2), ("crossed", 2), ("put_back", 2)]
)
def test_each_edit_is_written_once(
    machine: Storyteller, story: str, written: int, name: str
) -> None:
    tell: Callable[[str, tuple[str, str]], None] = getattr(machine, story)
    tell(name, CELL)
    machine.settle()
    values = [value for value, _ in history(machine)]
    assert len(values) == len(set(values)) == written
    assert machine.server.late() == set()


@pytest.mark.parametrize("name", ["phone", "tablet"])
def test_what_was_not_touched_is_skipped(machine: Storyteller, name: str) -> None:
    machine.beside(name, CELL)
    (_, writer), *more = history(machine)
    assert (writer, more) == ("tablet" if name == "phone" else "phone", [])
    machine.beside(name, CELL)
    assert {writer} == {device for _, device in history(machine)}, "only its own edits are written"


@pytest.mark.parametrize("name", ["phone", "tablet"])
def test_what_the_server_once_held_is_skipped(machine: Storyteller, name: str) -> None:
    machine.out_of_date(name, CELL)
    first, second = history(machine)
    assert first[1] == second[1] != name, "the phone that was out of date wrote nothing"
    machine.settle()
    assert len(history(machine)) == 3, "what the restored server had lost is given back"


@pytest.mark.parametrize("name", ["phone", "tablet"])
def test_a_late_edit_is_not_written_after_a_return(machine: Storyteller, name: str) -> None:
    machine.kept_beside(name, CELL)
    ((before, _),) = history(machine)
    assert [late[-1] for late in machine.server.late()] != [before]


@pytest.mark.parametrize("photo", ["p1", None])
def test_a_submission_waits_for_what_it_declares(machine: Storyteller, photo: str | None) -> None:
    machine.in_parts("phone", photo)
    (content,) = machine.server.frozen.values()
    assert list(content["answers"]) == ["wait"]
    assert content["photos"] == ({"shelf": [photo]} if photo else {})


@pytest.mark.parametrize("name", ["phone", "tablet"])
def test_a_deleted_photo_goes_from_both_phones(machine: Storyteller, name: str) -> None:
    machine.thrown_away(name, "p1")
    assert [phone.rows["photos"] for phone in machine.phones.values()] == [{}, {}]


@pytest.mark.parametrize("name", ["phone", "tablet"])
def test_a_frozen_photo_comes_back(machine: Storyteller, name: str) -> None:
    machine.thrown_away_too_late(name, "p1")
    machine.settle()
    assert all("p1" in phone.rows["photos"] for phone in machine.phones.values())


def test_a_score_waits_for_its_photos(machine: Storyteller) -> None:
    machine.without_bytes("phone", "p1")
    assert VisitScore.select().count() == 0
    machine.bytes_arrive("p1")
    assert VisitScore.select().count() == 1
