"""The report's document: what was ever sent is in its cells, their history, or the late edits."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.domain import merging, submissions
from server.domain.merging import REPORT, Edit

KEYS = (REPORT, "greeting", "wait")
VALUES = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(("a", "b")))
ROWS = st.dictionaries(st.sampled_from(("value", "note")), VALUES)
PUSHES = st.lists(
    st.tuples(st.sampled_from(KEYS), ROWS, st.sampled_from(("phone", "tablet")), st.booleans()),
    max_size=25,
)


def play(pushes: list[tuple[str, dict[str, Any], str, bool]]) -> dict[str, Any]:
    """The document after the pushes, one seq each; the last of each says whether it was locked."""
    document = merging.empty()
    for seq, (key, row, device, locked) in enumerate(pushes, 1):
        edit = Edit(seq, device, updated_at=seq, base=seq - 1, number=seq)
        merging.merge(document, key, dict(row), edit, locked=1 if locked else None)
    return document


def known(document: dict[str, Any], key: str, name: str) -> set[str]:
    """Every value that the document remembers of a column."""
    cells = document["fields"] if key == REPORT else document["answers"].get(key, {})
    cell = cells.get(name)
    found = [None] if cell is None else [cell[0], *(one[0] for one in cell[4:5] and cell[4])]
    found += [one["value"] for one in document.get("late", []) if one["key"] == key]
    return {repr(value) for value in [None, *found]}


@given(PUSHES)
def test_nothing_that_was_sent_is_lost(pushes: list[Any]) -> None:
    document = play(pushes)
    for key, row, _, _ in pushes:
        for name, value in row.items():
            assert repr(value) in known(document, key, name)


@given(PUSHES)
def test_the_last_unlocked_value_is_current(pushes: list[Any]) -> None:
    document = play(pushes)
    expected: dict[tuple[str, str], Any] = {}
    for key, row, _, locked in pushes:
        expected |= {(key, name): value for name, value in row.items() if not locked}
    for (key, name), value in expected.items():
        assert merging.values_of(document, key).get(name) == value


@given(PUSHES, ROWS, st.sampled_from(KEYS), st.sampled_from((None, 5)), st.sampled_from((None, 99)))
def test_a_row_that_is_begun_goes_through_the_steps_as_any_other(
    pushes: list[Any], row: dict[str, Any], key: str, at: int | None, number: int | None
) -> None:
    document = play([(*push[:3], False) for push in pushes if push[0] != key])
    if pushes and key != REPORT:
        document["answers"][key] = {}
    edit = Edit(len(pushes) + 1, "phone", at, base=0, number=number)
    steps = copy.deepcopy(document)
    stepped = merging._compared(steps, key, row, edit, None)
    merging._count_push(steps, edit)
    assert merging.merge(document, key, row, edit) == stepped
    assert document == steps


@given(PUSHES, ROWS, st.sampled_from(KEYS), st.booleans())
def test_the_same_row_again_changes_nothing(
    pushes: list[Any], row: dict[str, Any], key: str, locked: bool
) -> None:
    document = play(pushes)
    lock = 1 if locked else None
    merging.merge(document, key, dict(row), Edit(100, "phone", 7, 99), locked=lock)
    values, late = merging.values_of(document, key), len(document.get("late", []))
    outcome = merging.merge(document, key, dict(row), Edit(101, "phone", 7, 99), locked=lock)
    assert outcome.changed == ()
    assert merging.values_of(document, key) == values
    assert len(document.get("late", [])) == late


@given(PUSHES)
def test_history_is_in_the_order_of_arrival(pushes: list[Any]) -> None:
    document = play(pushes)
    for cells in (document["fields"], *document["answers"].values()):
        for cell in cells.values():
            seqs = [one[1] for one in (cell[4] if len(cell) > 4 else [])] + [cell[1]]
            assert seqs == sorted(set(seqs))


@given(PUSHES, ROWS, st.sampled_from(KEYS))
def test_what_changes_is_sent_again(pushes: list[Any], row: dict[str, Any], key: str) -> None:
    document = play(pushes)
    outcome = merging.merge(document, key, dict(row), Edit(100, "phone", 70, 99))
    assert (merging.seq_of(document, key) == 100) == outcome.touched
    assert outcome.touched or merging.updated_at(document, key) == 70 or not outcome.changed


@given(PUSHES)
def test_a_frozen_snapshot_holds_the_current_values(pushes: list[Any]) -> None:
    document = play([(key, dict.fromkeys(row, "1"), *more) for key, row, *more in pushes])
    snapshot = submissions.snapshot(document, {"shelf": ["p"]})
    assert set(snapshot["answers"]) == set(document["answers"])
    for key, answer in snapshot["answers"].items():
        sent = merging.values_of(document, key)
        assert answer["value"] == (1 if sent.get("value") else None)
        assert answer["note"] == sent.get("note")


def test_a_locked_row_that_was_not_there_is_sent_back_empty() -> None:
    document = merging.empty()
    outcome = merging.merge(document, "wait", {"value": "1"}, Edit(3, "phone"), locked=2)
    assert (outcome.changed, outcome.late, outcome.touched) == ((), ("value",), True)
    assert merging.values_of(document, "wait") == {}
    assert merging.seq_of(document, "wait") == 3
    assert document["late"][0]["revision"] == 2


def test_true_is_not_one() -> None:
    """Python holds True == 1 == 1.0, JSON does not."""
    document = merging.empty()
    merging.merge(document, REPORT, {"value": 1}, Edit(1, "phone"))
    merging.merge(document, REPORT, {"value": 2}, Edit(2, "phone"), locked=1)
    merging.merge(document, REPORT, {"value": 2.0}, Edit(3, "phone"), locked=1)
    assert [one["value"] for one in document["late"]] == [2, 2.0]


def test_a_submission_counts_once() -> None:
    document = merging.empty()
    merging.merge(document, REPORT, {"submitted_at": 5, "answer_count": 1}, Edit(1, "phone"))
    assert not submissions.complete(document, 0)
    merging.merge(document, "wait", {"value": "1"}, Edit(2, "phone"))
    assert submissions.complete(document, 0)
    merging.freeze(document, 3)
    assert not submissions.complete(document, 0)
    merging.merge(document, REPORT, {"submitted_at": 5}, Edit(4, "phone", base=3))
    assert not submissions.complete(document, 0)
    merging.merge(document, REPORT, {"submitted_at": 6}, Edit(5, "phone", base=4))
    assert submissions.complete(document, 0)


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_complete_means_that_all_declared_has_come(answers: int, photos: int, came: int) -> None:
    document = merging.empty()
    counts = {"submitted_at": 1, "answer_count": answers, "photo_count": photos}
    merging.merge(document, REPORT, counts, Edit(1, "phone"))
    for number in range(came):
        merging.merge(document, f"i{number}", {"value": None}, Edit(2, "phone"))
    assert submissions.complete(document, came) == (came >= answers and came >= photos)
