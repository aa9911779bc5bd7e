"""POST /v1/sync: what is kept and noticed rather than refused; responses, proposals, photos."""

import json
from datetime import timedelta
from typing import Any

import orjson
import pytest

from server import clock
from server.models import (
    Assignment,
    AssignmentResponse,
    Event,
    Membership,
    Photo,
    PhotoContent,
    Report,
    Revision,
)
from tests import factories, visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, photo, report, visit


def status(made: Assignment) -> str:
    return Assignment.get_by_id(made.id).status


# What is noticed


def test_missing_answers_do_not_refuse_a_submission(phone: Phone, made: Assignment) -> None:
    rows = visit(made.id, answer_count=1)
    phone.push({"reports": rows["reports"], "answers": [answer(made.id, "wait", 9)]})
    assert Revision.get().missing == ["greeting", "wait"]
    assert Revision.get().document["answers"]["wait"]["value"] == 9
    assert phone.notices() == {
        (f"reports/{made.id}.1", "missing-answers"),
        (f"answers/{made.id}.1.wait", "unfit-value"),
    }


@pytest.mark.parametrize(
    ("row", "value", "code"),
    [
        ({"value": "maybe so"}, "maybe so", "not-json"),
        ({"value": 3}, 3, "wrong-type"),
        ({"value": {"deep": [1]}}, {"deep": [1]}, "wrong-type"),
        ({"value": '"a\\u0000b"'}, "a\ufffdb", "text-mended"),
        ({"value": '"cut \\ud83d"'}, "cut \ufffd", "text-mended"),
        ({"value": '"whole \\ud83d\\ude00"'}, "whole 😀", None),
        ({"value": "[" * 2000}, "[" * 2000, "not-json"),
        ({"value": "[" * 300 + "]" * 300}, "[" * 300 + "]" * 300, "not-json"),
    ],
)
def test_an_odd_value_is_kept(
    phone: Phone, made: Assignment, row: dict[str, Any], value: Any, code: str | None
) -> None:
    rows = visit(made.id, answer_count=1)
    rows["answers"] = [answer(made.id, "words", "") | row]
    assert phone.push(rows) == {}
    assert Revision.get().document["answers"]["words"]["value"] == value
    codes = {found for record, found in phone.notices() if record.startswith("answers/")}
    assert (code in codes) if code else not codes


@pytest.mark.parametrize(
    ("column", "sent", "kept"),
    [
        ("summary", 5, "5"),
        ("summary", ["a"], '["a"]'),
        ("started_at", "1790000000001", 1790000000001),
        ("started_at", "today", None),
        ("started_at", -5, None),
        ("started_at", 1e300, None),
        ("ended_at", True, None),
        ("latitude", "45.5", 45.5),
        ("latitude", "NaN", None),
        ("answer_count", -1, None),
        ("answer_count", 2**40, None),
        ("photo_count", {}, None),
        ("checklist_id", "\x00", "\ufffd"),
    ],
)
def test_a_column_of_a_wrong_type_is_kept_as_far_as_it_goes(
    phone: Phone, made: Assignment, column: str, sent: Any, kept: Any
) -> None:
    assert phone.push({"reports": [report(made.id) | {column: sent}]}) == {}
    cell = Report.get().document["fields"].get(column)
    assert (cell and cell[0]) == kept
    assert {code for _, code in phone.notices()} & {"wrong-type", "text-mended"}


def test_cut_emoji_and_nul_become_replacement_characters(phone: Phone, made: Assignment) -> None:
    note = answer(made.id, "wait", 2, note="NOTE")
    body = orjson.dumps({"answers": {"created": [note]}})
    for sent, kept in (
        (rb"a\ud83d", "a\ufffd"),
        (rb"\udE00\ud83d\ude00\u0000z", "\ufffd😀\ufffdz"),
        (rb"\\ud83d", "\\ud83d"),
        (b"\xed\xa0\x80!", "\ufffd!"),
        (b"\x00", "\ufffd"),
    ):
        phone.pull()
        assert phone.send(body.replace(b"NOTE", sent)).status_code == 200
        assert Report.get().document["answers"]["wait"]["note"][0] == kept
    assert {code for _, code in phone.notices()} == {"text-mended"}


def test_an_id_that_is_cut_comes_back_as_it_was_sent(phone: Phone) -> None:
    """So that the phone finds its own row in the answer."""
    for sent in (rb"p-\ud83d", rb"\ude00x\u0000"):
        body = b'{"photos": {"created": [{"id": "%b", "report_id": "a.1"}]}}' % sent
        answer = phone.send(body)
        assert answer.status_code == 200
        ids = json.loads(answer.data)["experimentalRejectedIds"]["photos"]
        assert ids == [json.loads(b'"%b"' % sent)]


def test_an_unknown_item_is_kept_and_noticed(phone: Phone, made: Assignment) -> None:
    phone.push({"answers": [answer(made.id, "nowhere", 1)]})
    assert phone.notices() == {(f"answers/{made.id}.1.nowhere", "unknown-item")}
    assert "nowhere" in Report.get().document["answers"]


def test_a_checklist_is_fixed_when_the_report_begins(
    phone: Phone, made: Assignment, cast: Cast
) -> None:
    other = visits.checklist_version(cast.brand.id).id
    foreign = visits.checklist_version(cast.other_brand.id).id
    phone.push({"reports": [report(made.id, checklist_id=foreign)]})
    assert Report.get().checklist_version_id == made.checklist_version_id
    second = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push({"reports": [report(second.id, checklist_id=other)]})
    phone.push({"reports": [report(second.id, checklist_id=second.checklist_version_id)]})
    assert Report.get_by_id(f"{second.id}.1").checklist_version_id == other
    assert {code for _, code in phone.notices()} == {"unknown-checklist", "checklist-fixed"}


@pytest.mark.parametrize("reason", ["window", "cancelled", "expired", "suspended", "removed"])
def test_late_work_is_stored_and_marked(phone: Phone, made: Assignment, reason: str) -> None:
    changes: dict[str, Any] = {"status": reason}
    if reason == "window":
        changes = {"closes_at": clock.now() - timedelta(days=1)}
    if reason == "suspended":
        Membership.update(suspended=True).execute()
    elif reason == "removed":
        brand = factories.brand("Third")
        factories.membership(made.shopper_id, brand.id, "shopper")
        Membership.update(archived_at=clock.now()).where(
            Membership.brand_id == made.brand_id
        ).execute()
    else:
        Assignment.update(changes).where(Assignment.id == made.id).execute()
    assert phone.push(visit(made.id)) == {}
    assert Report.get().late
    assert Revision.get().late
    assert (f"reports/{made.id}.1", "late-report") in phone.notices()
    assert status(made) == (reason if reason in ("cancelled", "expired") else "submitted")


def test_another_attempt_than_the_assignments_is_kept_for_a_person(
    phone: Phone, made: Assignment
) -> None:
    rows = {"reports": [report(made.id, attempt=2, submitted_at=AT)]}
    assert phone.push(rows) == {}
    assert Report.get_by_id(f"{made.id}.2").late
    assert status(made) == "accepted"
    assert (f"reports/{made.id}.2", "attempt-differs") in phone.notices()


# Responses, proposals, photos


@pytest.mark.parametrize("response", ["accepted", "declined"])
def test_an_offer_is_answered(phone: Phone, cast: Cast, response: str) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, status="offered")
    row = {"id": made.id, "response": response, "reason": "No time", "responded_at": AT}
    assert phone.push({"assignment_responses": [row]}) == {}
    now = Assignment.get_by_id(made.id)
    assert (now.status, now.version) == (response, 2)
    assert (now.closed_at is not None) == (response == "declined")
    phone.pull()
    assert phone.rows["assignment_responses"][made.id] == row
    assert phone.rows["assignments"][made.id]["status"] == response


def test_a_response_that_comes_too_late_is_kept(phone: Phone, made: Assignment) -> None:
    phone.push({"assignment_responses": [{"id": made.id, "response": "declined"}]})
    assert status(made) == "accepted"
    assert AssignmentResponse.get().response == "declined"
    phone.push({"assignment_responses": [{"id": made.id, "response": "perhaps"}]})
    assert {code for _, code in phone.notices()} == {"response-too-late", "unknown-response"}


def test_an_offer_may_be_accepted_and_done_in_one_push(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, status="offered")
    accepted = {"assignment_responses": [{"id": made.id, "response": "accepted"}]}
    phone.push(visit(made.id) | accepted)
    assert status(made) == "submitted"


def test_a_proposed_touchpoint_is_kept(phone: Phone, made: Assignment) -> None:
    row = {
        "id": "t1",
        "assignment_id": made.id,
        "title": "The queue outside",
        "description": None,
        "stage": "access",
        "channel": "store",
        "proposed_at": AT,
    }
    phone.push({"touchpoint_proposals": [row]})
    phone.push({"touchpoint_proposals": [row | {"title": "The queue"}]})
    phone.pull()
    assert phone.rows["touchpoint_proposals"] == {"t1": row | {"title": "The queue"}}


def test_a_photo_may_be_deleted_until_it_is_frozen(phone: Phone, made: Assignment) -> None:
    other = Phone(phone.client, phone.person)
    phone.push({"photos": [photo("p1", made.id), photo("p2", made.id)]})
    other.pull()
    assert phone.push({}, {"photos": ["p1", "unknown"]}) == {}
    assert other.pull()["photos"]["deleted"] == ["p1"]
    phone.push({"photos": [photo("p1", made.id)]})
    assert Photo.get_by_id("p1").deleted_at is not None
    phone.push(visit(made.id, photo_count=1))
    assert Revision.get().document["photos"] == {"shelf": ["p2"]}
    phone.push({}, {"photos": ["p2"]})
    assert Photo.get_by_id("p2").deleted_at is None
    assert ("photos/p2", "photo-kept") in phone.notices()
    assert "p2" in phone.rows["photos"]


def test_deleted_reports_and_answers_are_sent_again(phone: Phone, made: Assignment) -> None:
    phone.push({"reports": [report(made.id)], "answers": [answer(made.id, "wait", 2)]})
    phone.pull()
    deleted = {"reports": [f"{made.id}.1"], "answers": [f"{made.id}.1.wait", "x"]}
    assert phone.push({}, deleted) == {}
    changes = phone.pull()
    assert [row["id"] for row in changes["reports"]["updated"]] == [f"{made.id}.1"]
    assert [row["id"] for row in changes["answers"]["updated"]] == [f"{made.id}.1.wait"]


def test_bytes_that_came_before_their_row_are_woken(phone: Phone, made: Assignment) -> None:
    PhotoContent.create(
        photo_id="p1",
        shopper_id=made.shopper_id,
        sha256="ab" * 32,
        bytes=1000,
        object_key="waiting/p1",
        created_at=clock.now(),
    )
    phone.push({"photos": [photo("p1", made.id), photo("p2", made.id)]})
    waiting = [(event.kind, event.subject_id) for event in Event.select()]
    assert waiting == [("photo.waiting", "p1")]


def test_a_stored_photo_stays_what_it_is(phone: Phone, made: Assignment) -> None:
    phone.push({"photos": [photo("p1", made.id)]})
    Photo.update(state="stored").execute()
    phone.push({"photos": [photo("p1", made.id, sha256="cd" * 32)]})
    assert Photo.get().sha256 == "ab" * 32
    assert phone.notices() == {("photos/p1", "photo-kept")}
