"""The steps of the merge, one by one (docs/sync.md)."""

from typing import Any

import pytest

from server.domain import merging
from server.domain.merging import REPORT, Document, Edit, Outcome
from server.errors import PullFirst


def merged(
    document: Document,
    device: str,
    *,
    seq: int,
    base: int = 0,
    number: int | None = None,
    at: int | None = None,
    locked: int | None = None,
    **values: Any,
) -> Outcome:
    """Merge a push of the answer `wait`."""
    edit = Edit(seq, device, at, base, number)
    return merging.merge(document, "wait", values, edit, locked=locked)


def shown(document: Document) -> Any:
    return merging.values_of(document, "wait").get("value")


@pytest.fixture
def document() -> Document:
    """The phone wrote 2 at count 1, push 5; the tablet 3 at count 2, push 1."""
    made = merging.empty()
    merged(made, "phone", seq=1, number=5, at=10, value="2")
    merged(made, "tablet", seq=2, base=1, number=1, at=20, value="3")
    return made


# 1: the push's number


def test_a_late_duplicate_is_skipped_and_the_row_sent_again(document: Document) -> None:
    merged(document, "phone", seq=3, base=2, number=6, at=30, value="4")
    outcome = merged(document, "phone", seq=4, number=5, at=10, value="2", note=None)
    assert outcome == Outcome(touched=True)
    assert shown(document) == "4"
    assert merging.seq_of(document, "wait") == 4


def test_an_overtaken_push_that_is_current_changes_nothing(document: Document) -> None:
    merged(document, "tablet", seq=3, base=2, number=2, at=20, value="3")
    assert merged(document, "tablet", seq=4, base=2, number=1, value="3") == Outcome()


@pytest.mark.parametrize("locked", [None, 1])
def test_unknown_work_below_the_last_number_must_count_on(
    document: Document, locked: int | None
) -> None:
    before = repr(document)
    with pytest.raises(PullFirst) as refused:
        merged(document, "phone", seq=3, base=2, number=4, at=40, value="5", locked=locked)
    assert refused.value.extra == {"push_no": 5}
    assert repr(document) == before
    assert merged(document, "phone", seq=3, base=2, number=6, at=40, value="5").changed


def test_each_device_has_its_own_numbers(document: Document) -> None:
    assert merged(document, "tablet", seq=3, base=2, number=2, value="5").changed == ("value",)
    assert document["pushes"] == {"phone": 5, "tablet": 2}


# 2: equal


def test_an_equal_value_is_not_written_again(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=2, number=6, at=20, value="3")
    assert outcome == Outcome()
    assert len(document["answers"]["wait"]["value"][4]) == 1


# 3: not touched by the device


def test_what_a_device_did_not_touch_is_skipped(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=1, number=6, at=30, value="2", note="x")
    assert outcome.changed == ("note",)
    assert shown(document) == "3"


def test_a_device_knows_what_it_wrote_itself(document: Document) -> None:
    """It clears what it had written, and has not pulled in between."""
    merged(document, "watch", seq=3, base=2, number=1, at=30, note="x")
    outcome = merged(document, "watch", seq=4, base=2, number=2, at=40, note=None)
    assert outcome.changed == ("note",)


def test_a_row_that_the_server_once_held_so_was_not_touched(document: Document) -> None:
    """After a restore every device sends all it has, be it long out of date."""
    outcome = merged(document, "watch", seq=3, base=2, number=1, at=10, value="2", note=None)
    assert outcome == Outcome(touched=True)
    assert shown(document) == "3"


# 4: in this device's history


def test_an_edit_that_was_written_before_is_not_written_again(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=2, number=6, at=10, value="2", note="x")
    assert outcome.changed == ("note",)
    assert outcome.touched
    assert shown(document) == "3"


def test_another_edit_to_the_same_value_is_written_and_noted(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=2, number=6, at=30, value="2")
    assert outcome.changed == ("value",)
    assert outcome.conflicts == (("value", "3"),)


def test_a_late_edit_is_not_written_after_the_return(document: Document) -> None:
    merged(document, "phone", seq=3, base=2, number=6, at=30, value="4", locked=1)
    outcome = merged(document, "phone", seq=4, base=2, number=7, at=30, value="4")
    assert outcome == Outcome(touched=True)
    assert shown(document) == "3"


def test_rows_without_times_go_by_the_pushs_number() -> None:
    row = merging.of_values({"item_key": "shelf"})

    def push(device: str, seq: int, number: int, key: str) -> Outcome:
        return merging.merge(
            row, REPORT, {"item_key": key}, Edit(seq, device, None, seq - 1, number)
        )

    push("phone", 1, 1, "door")
    push("tablet", 2, 1, "window")
    assert push("phone", 3, 1, "door") == Outcome(touched=True)
    assert push("phone", 4, 2, "door").changed == ("item_key",)


# 5: locked


def test_a_locked_row_keeps_late_edits_beside_it(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=2, number=6, at=30, value="4", locked=1)
    assert outcome == Outcome(late=("value",), touched=True)
    assert shown(document) == "3"
    (late,) = document["late"]
    assert (late["value"], late["revision"], late["device"]) == ("4", 1, "phone")


# 6: written


def test_the_later_of_two_edits_stands_and_the_other_is_kept(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=1, number=6, at=30, value="4")
    assert outcome == Outcome(("value",), (), (("value", "3"),), True)
    assert [one[0] for one in document["answers"]["wait"]["value"][4]] == ["2", "3"]
    (conflict,) = document["conflicts"]
    assert (conflict["name"], conflict["value"], conflict["device"]) == ("value", "3", "tablet")


def test_an_edit_of_what_was_pulled_is_no_conflict(document: Document) -> None:
    outcome = merged(document, "phone", seq=3, base=2, number=6, at=30, value="4")
    assert outcome.conflicts == ()
    assert "conflicts" not in document


def test_a_devices_own_edits_are_no_conflict(document: Document) -> None:
    merged(document, "phone", seq=3, base=2, number=6, at=30, value="4")
    assert merged(document, "phone", seq=4, base=2, number=7, at=40, value="5").conflicts == ()


@pytest.mark.parametrize("device", ["phone", "tablet"])
def test_without_a_number_what_changed_must_be_pulled(document: Document, device: str) -> None:
    with pytest.raises(PullFirst):
        merged(document, device, seq=3, base=1, at=30, value="4")
    assert merged(document, device, seq=3, base=2, at=30, value="4").changed == ("value",)


def test_without_a_number_the_other_steps_still_hold(document: Document) -> None:
    assert merged(document, "phone", seq=3, base=1, at=10, value="2") == Outcome(touched=True)
    assert merged(document, "phone", seq=4, base=1, at=30, value="4", locked=1).late


def test_a_row_may_be_there_twice_in_one_push() -> None:
    document = merging.empty()
    merged(document, "phone", seq=1, at=1, value="1")
    assert merged(document, "phone", seq=1, at=2, value="2").changed == ("value",)


# History


def test_a_first_value_is_its_own_history(document: Document) -> None:
    merged(document, "phone", seq=3, base=2, number=6, at=30, note="x")
    assert document["answers"]["wait"]["note"] == ["x", 3, "phone", 30]


def test_trimming_says_what_it_let_go(document: Document) -> None:
    merged(document, "phone", seq=3, base=1, number=6, at=30, value="4")
    merged(document, "phone", seq=4, base=3, number=7, at=40, value="5", locked=1)
    assert merging.trim(document, 99) == 2
    assert document["trimmed"] == {"at": 99, "values": 2}
    assert document["answers"]["wait"]["value"] == ["4", 3, "phone", 30, [None]]
    assert (len(document["late"]), len(document["conflicts"])) == (1, 1)
    assert merging.trim(document, 100) == 0


def test_after_trimming_nothing_is_taken_for_untouched(document: Document) -> None:
    merging.trim(document, 99)
    assert merged(document, "phone", seq=3, base=1, number=6, at=30, value=None).changed
    assert merging.trim(document, 100) == 1
    assert document["trimmed"] == {"at": 100, "values": 2}
