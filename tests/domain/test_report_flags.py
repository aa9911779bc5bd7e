"""What of a report is odd, and what is not."""

from typing import Any

import msgspec
import pytest

from server.domain import checklist, pictures, report_flags
from server.domain.checklist import TouchpointCopy
from server.domain.pictures import Place
from server.domain.report_flags import FlagCode, Visit

BEGAN = 1_790_000_000_000
BRERA = Place(45.4719, 9.1881)


def item(key: str, kind: str = "scale", **more: Any) -> dict[str, Any]:
    ends = {"min": 1, "max": 5, "step": 1} if kind == "scale" else {}
    return {"key": key, "type": kind, "prompt": {"en": "?"}} | ends | more


def document(items: list[dict[str, Any]], *contradictions: Any) -> checklist.Document:
    section = {"key": "all", "title": {"en": "All"}, "items": items}
    told = {"title": {"en": "Visit"}, "sections": [section]}
    return checklist.parse(told | {"contradictions": list(contradictions)})


def revision(values: dict[str, Any], pace: float = 30, **fields: Any) -> dict[str, Any]:
    """Answers that are `pace` seconds apart."""
    cells = {
        key: {"value": value, "note": None, "answered_at": BEGAN + round(at * pace * 1000)}
        for at, (key, value) in enumerate(values.items())
    }
    return {"fields": {"started_at": BEGAN, "ended_at": None} | fields, "answers": cells}


def codes(visit: Visit) -> list[str]:
    return [flag.code for flag in report_flags.flags(visit)]


SCALES = document([item(f"q{at}") for at in range(10)])
VARIED = {f"q{at}": at % 5 + 1 for at in range(10)}


def test_an_ordinary_visit_has_no_flag() -> None:
    where = {"latitude": 45.4721, "longitude": 9.1885, "accuracy_m": 20.0}
    ended = BEGAN + 900_000
    told = Visit(revision(VARIED, ended_at=ended, **where), SCALES, store=BRERA, usual_seconds=280)
    assert codes(told) == []


def test_missing_and_late() -> None:
    told = Visit(revision(VARIED), SCALES, missing=("q3", "q4"), late=True)
    incomplete, late = report_flags.flags(told)
    assert (incomplete.code, incomplete.item_keys) == (FlagCode.INCOMPLETE, ("q3", "q4"))
    assert incomplete.message == "2 required answers are missing."
    assert late.code == FlagCode.LATE


@pytest.mark.parametrize(("after", "flagged"), [(-1, True), (1, False)])
def test_begun_after_its_version_was_set_closing(after: int, flagged: bool) -> None:
    found = codes(Visit(revision(VARIED), SCALES, closed_at=BEGAN + after))
    assert found == ["closed-checklist"] * flagged


@pytest.mark.parametrize(("values", "arrived"), [(VARIED, 0), ({}, BEGAN)])
def test_without_a_beginning_the_first_answer_or_the_arrival_tells(
    values: dict[str, Any], arrived: int
) -> None:
    told = revision(values, started_at=None)
    for closed_at, flagged in ((BEGAN - 1, True), (BEGAN, False)):
        found = codes(Visit(told, SCALES, closed_at=closed_at, arrived_at=arrived))
        assert ("closed-checklist" in found) == flagged


@pytest.mark.parametrize(("minutes", "flagged"), [(14, False), (16, True)])
def test_a_later_part_before_its_time(minutes: int, flagged: bool) -> None:
    found = codes(Visit(revision(VARIED), SCALES, opens_at=BEGAN + minutes * 60_000))
    assert found == ["early"] * flagged


def test_far_away_is_beyond_the_accuracy_of_the_place() -> None:
    far = {"latitude": 45.4819, "longitude": 9.1881}  # 1,112 m to the north
    (flag,) = report_flags.flags(Visit(revision(VARIED, **far), SCALES, store=BRERA))
    assert (flag.code, flag.evidence["metres"]) == (FlagCode.FAR_AWAY, 1112)
    assert flag.message == "Begun 1112 m from the store, ±0 m."
    assert codes(Visit(revision(VARIED, **far, accuracy_m=700.0), SCALES, store=BRERA)) == []
    assert codes(Visit(revision(VARIED, **far), SCALES)) == []
    site = TouchpointCopy(name="Site", stage="discover", channel="web")
    shop = TouchpointCopy(name="Shop", stage="buy", channel="store")
    review = msgspec.structs.replace(shop, interaction="indirect")
    for places, flagged in (([site, review], []), ([site, shop], ["far-away"])):
        copies = {one.name + one.interaction: one for one in places}
        document = msgspec.structs.replace(SCALES, touchpoints=copies)
        assert codes(Visit(revision(VARIED, **far), document, store=BRERA)) == flagged
    nonsense = {"latitude": 4000.0, "longitude": 9.0}
    assert codes(Visit(revision(VARIED, **nonsense), SCALES, store=BRERA)) == []


@pytest.mark.parametrize(
    ("pace", "usual", "flagged"),
    [(2.1, None, True), (2.3, None, False), (10, 181, True), (10, 180, False), (10, None, False)],
)
def test_too_fast_for_its_size_or_for_what_is_usual(
    pace: float, usual: float | None, flagged: bool
) -> None:
    told = Visit(revision(VARIED, pace), SCALES, usual_seconds=usual)
    assert codes(told) == ["too-fast"] * flagged


def test_of_few_answers_no_pace_is_told() -> None:
    few = revision({"q0": 1, "q1": 2, "q2": 3, "q3": 4}, pace=0)
    assert report_flags.seconds(few, SCALES) is None
    assert codes(Visit(few, SCALES)) == []


def test_straight_lines_are_told_of_one_scale() -> None:
    (flag,) = report_flags.flags(Visit(revision(VARIED | {f"q{at}": 5 for at in range(9)}), SCALES))
    assert (flag.code, flag.evidence) == (
        FlagCode.STRAIGHT_LINING,
        {"answer": 5, "same": 10, "of": 10},
    )
    assert codes(Visit(revision({f"q{at}": 5 for at in range(7)}), SCALES)) == []
    two = document([item(f"q{at}", max=at % 2 + 4) for at in range(14)])
    assert codes(Visit(revision({f"q{at}": 4 for at in range(14)}), two)) == []
    facts = document([item(f"q{at}", "yes_no") for at in range(10)])
    assert codes(Visit(revision({f"q{at}": True for at in range(10)}), facts)) == []


def test_a_matrix_is_a_scale_of_its_rows() -> None:
    labels = [{"key": f"r{at}", "label": {"en": "?"}} for at in range(8)]
    choices = [{"key": each, "label": {"en": each}} for each in ("good", "bad")]
    matrix = document([item("m", "matrix", rows=labels, choices=choices)])
    same = {f"r{at}": "good" for at in range(8)}
    assert codes(Visit(revision({"m": same}), matrix)) == ["straight-lining"]
    assert codes(Visit(revision({"m": same | {"r1": "bad", "r2": "bad"}}), matrix)) == []


def test_declared_contradictions() -> None:
    rule = {
        "when": [{"item": "greeted", "value": False}, {"item": "smile", "op": "at_least",
            "value": 4}],
        "message": {"en": "Nobody greeted, yet the greeting was warm."},
    }  # fmt: skip
    both = document([item("greeted", "yes_no"), item("smile")], rule)
    (flag,) = report_flags.flags(Visit(revision({"greeted": False, "smile": 5}), both))
    assert (flag.message, flag.item_keys) == (rule["message"]["en"], ("greeted", "smile"))
    for values in ({"greeted": True, "smile": 5}, {"greeted": False, "smile": 3}, {"smile": 5}):
        assert codes(Visit(revision(values), both)) == []


def test_times_in_an_impossible_order() -> None:
    told = Visit(revision(VARIED, ended_at=BEGAN - 1), SCALES)
    assert [flag.message for flag in report_flags.flags(told)] == [
        "The visit ended before it began."
    ]
    early = revision(VARIED, started_at=BEGAN + 16 * 60_000)
    (flag,) = report_flags.flags(Visit(early, SCALES))
    assert (flag.code, flag.item_keys) == (FlagCode.CONTRADICTING, ("q0", "q1"))
    delivery = document([item("parcel", "times")])
    times = {"promised_at": BEGAN, "actual_at": BEGAN + 1000, "notified_at": BEGAN + 2000}
    assert codes(Visit(revision({"parcel": times}), delivery)) == ["contradicting"]
    assert codes(Visit(revision({"parcel": times | {"notified_at": BEGAN}}), delivery)) == []


@pytest.mark.parametrize(
    ("answered", "flagged"), [(BEGAN - 86_400_000, False), (BEGAN, False), (BEGAN + 1, True)]
)
def test_what_is_expected_is_told_before_the_visit_begins(answered: int, flagged: bool) -> None:
    told = revision({"hoped": 4} | VARIED)
    told["answers"]["hoped"]["answered_at"] = answered
    before = [item("hoped", before_visit=True)]
    asked = document(before + [item(f"q{at}") for at in range(10)])
    found = report_flags.flags(Visit(told, asked))
    assert [(flag.code, flag.item_keys) for flag in found] == [
        (FlagCode.EXPECTATION_LATE, ("hoped",))
    ] * flagged
    nowhere = revision({"hoped": {"na": True}}, pace=0)
    assert codes(Visit(nowhere, asked)) == [], "that it does not apply is no expectation"


EXPECTED = document(
    [item("hoped", before_visit=True), item("feared", before_visit=True)]
    + [item(f"q{at}") for at in range(10)]
)


@pytest.mark.parametrize(("edited", "flagged"), [(BEGAN, False), (BEGAN + 1, True)])
def test_an_expectation_that_was_changed_is_known_by_its_edit(edited: int, flagged: bool) -> None:
    told = revision({"hoped": 4} | VARIED)
    told["answers"]["hoped"]["answered_at"] = BEGAN - 3_600_000
    found = report_flags.flags(Visit(told, EXPECTED, edited={"hoped": edited, "q1": BEGAN + 2}))
    assert [(flag.code, flag.item_keys) for flag in found] == [
        (FlagCode.EXPECTATION_LATE, ("hoped",))
    ] * flagged


@pytest.mark.parametrize(("after", "flagged"), [(0, False), (1, True)])
def test_where_no_beginning_is_told_the_first_answer_of_the_visit_tells(
    after: int, flagged: bool
) -> None:
    told = revision({"hoped": 4, "feared": 2} | VARIED, started_at=None)
    first = told["answers"]["q0"]["answered_at"]
    told["answers"]["feared"]["answered_at"] = first + after
    assert codes(Visit(told, EXPECTED)) == ["expectation-late"] * flagged
    alone = revision({"hoped": 4, "feared": 2}, started_at=None)
    assert codes(Visit(alone, EXPECTED)) == []


def test_the_evening_before_is_no_time_of_the_visit() -> None:
    told = revision({"hoped": 4} | VARIED, pace=1)
    told["answers"]["hoped"]["answered_at"] = BEGAN - 86_400_000
    scales = [item(f"q{at}") for at in range(10)]
    asked = document([item("hoped", before_visit=True), *scales])
    (flag,) = report_flags.flags(Visit(told, asked))
    assert (flag.code, flag.evidence["answers"]) == (FlagCode.TOO_FAST, 10)
    assert flag.evidence["seconds"] == 9


def test_photos_have_one_flag_of_each_kind() -> None:
    twin = pictures.Flag(pictures.FlagCode.DUPLICATE, "The very bytes of another's.", ("p9",))
    near = pictures.Flag(pictures.FlagCode.NEAR_DUPLICATE, "Looks like another's.", ("p8",))
    found = report_flags.of_photos(
        {"p2": [near], "p1": [twin], "p3": []}, ["p4"], {"p1": "shelf", "p2": "shelf"}
    )
    assert [(flag.code, flag.item_keys, flag.evidence) for flag in found] == [
        ("duplicate-photo", ("shelf",), {"photo_ids": ["p1", "p2"], "like": ["p8", "p9"]}),
        ("photo-rejected", (), {"photo_ids": ["p4"]}),
    ]


def test_a_message_never_names_another_report() -> None:
    less = report_flags.Copied(None, 0.6, "less.1", "shopper")
    flag = report_flags.copied([less, report_flags.Copied("words", 0.93, "secret.1", "other")])
    assert "secret" not in flag.message
    assert (flag.item_keys, flag.evidence["report_ids"]) == (("words",), ["secret.1", "less.1"])
