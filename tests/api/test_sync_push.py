"""POST /v1/sync"""

import gzip
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server import clock
from server.app import create_app
from server.config import Settings
from server.db import connected
from server.models import (
    Assignment,
    AssignmentResponse,
    Event,
    Membership,
    Notice,
    Photo,
    PhotoContent,
    Report,
    Revision,
    SyncFeed,
    TouchpointProposal,
)
from server.services import feeds
from tests import factories, visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, photo, report, visit


@pytest.fixture
def phone(client: FlaskClient, cast: Cast) -> Phone:
    return Phone(client, cast.sonia)


@pytest.fixture
def made(cast: Cast) -> Assignment:
    return visits.assignment(cast.brand.id, cast.sonia.account_id)


def status(made: Assignment) -> str:
    return Assignment.get_by_id(made.id).status


# What is taken in


def test_a_visit_freezes_as_the_first_revision(phone: Phone, made: Assignment) -> None:
    assert phone.push(visit(made.id)) == {}
    stored = Report.get_by_id(f"{made.id}.1")
    assert (stored.revision, stored.locked_revision, stored.late) == (1, 1, False)
    revision = Revision.get_by_id(f"{made.id}.1.r1")
    assert revision.status == "submitted"
    assert revision.missing == []
    assert revision.document["fields"]["submitted_at"] == AT + 1000
    assert revision.document["answers"]["wait"] == {"value": 4, "note": None, "answered_at": AT}
    assert revision.document["photos"] == {}
    assert status(made) == "submitted"
    events = [(event.kind, event.subject_id) for event in Event.select()]
    assert events == [("revision.frozen", revision.id)]
    assert phone.notices() == set()
    assert phone.rows["assignments"][made.id]["status"] == "submitted"
    assert phone.rows["reports"][f"{made.id}.1"]["revision"] == 1
    assert phone.rows["answers"][f"{made.id}.1.wait"]["value"] == "4"


def test_what_was_pushed_comes_back_as_it_was(phone: Phone, made: Assignment) -> None:
    phone.pull()
    rows = visit(made.id, summary="Ciò che ho visto", latitude=45.4641, accuracy_m=12)
    phone.push(rows)
    phone.pull()
    for table in ("reports", "answers"):
        for row in rows[table]:
            held = phone.rows[table][row["id"]]
            sent = {name: value for name, value in row.items() if not name.startswith("_")}
            derived = ("revision", "checklist_id")
            assert {k: v for k, v in held.items() if k not in derived} == {
                k: v for k, v in sent.items() if k not in derived
            }


def test_the_same_push_twice_is_one(phone: Phone, made: Assignment) -> None:
    rows = visit(made.id) | {
        "photos": [photo("p1", made.id)],
        "assignment_responses": [{"id": made.id, "response": "accepted", "responded_at": AT}],
        "touchpoint_proposals": [{"id": "t1", "assignment_id": made.id, "title": "The queue"}],
    }
    first = phone.push(rows)
    phone.pull()
    before = everything()
    assert phone.push(rows) == first == {}
    assert everything() == before
    assert not any(change["updated"] for change in phone.pull().values())


def everything() -> dict[str, list[Any]]:
    tables = (Report, Revision, Photo, AssignmentResponse, TouchpointProposal, Event, Notice)
    return {
        table.__name__: [
            {name: value for name, value in row.items() if name != "updated_at"}
            for row in table.select().order_by(table.id).dicts()
        ]
        for table in tables
    }


def test_answers_may_come_before_their_report(phone: Phone, made: Assignment) -> None:
    rows = visit(made.id)
    assert phone.push({"answers": rows["answers"]}) == {}
    assert Report.get_by_id(f"{made.id}.1").locked_revision is None
    phone.push({"reports": rows["reports"]})
    assert Report.get_by_id(f"{made.id}.1").locked_revision == 1
    assert set(Revision.get().document["answers"]) == {"greeting", "wait"}


def test_a_report_waits_for_all_that_it_declares(phone: Phone, made: Assignment) -> None:
    rows = visit(made.id, photo_count=2)
    phone.push({"reports": rows["reports"], "photos": [photo("p1", made.id)]})
    phone.push({"answers": rows["answers"]})
    assert Revision.select().count() == 0
    assert status(made) == "accepted"
    phone.push({"photos": [photo("p2", made.id, key="greeting")]})
    assert Revision.get().document["photos"] == {"shelf": ["p1"], "greeting": ["p2"]}
    assert {row.frozen_revision for row in Photo.select()} == {1}


def test_edits_of_a_draft_keep_their_history(phone: Phone, made: Assignment) -> None:
    phone.push({"answers": [answer(made.id, "wait", 2)]})
    phone.push({"answers": [answer(made.id, "wait", 3, updated_at=AT + 5)]})
    cell = Report.get().document["answers"]["wait"]["value"]
    assert cell[0] == "3"
    assert [before[0] for before in cell[4]] == ["2"]
    phone.pull()
    assert phone.rows["answers"][f"{made.id}.1.wait"]["updated_at"] == AT + 5


def test_only_changed_answers_are_sent_again(phone: Phone, made: Assignment) -> None:
    phone.push({"answers": [answer(made.id, "wait", 2), answer(made.id, "greeting", True)]})
    phone.pull()
    phone.push({"answers": [answer(made.id, "wait", 3)]})
    changes = phone.pull()
    assert [row["item_key"] for row in changes["answers"]["updated"]] == ["wait"]
    assert changes["reports"]["updated"] == []


def test_a_frozen_report_keeps_late_edits_beside_it(phone: Phone, made: Assignment) -> None:
    phone.push(visit(made.id))
    frozen = Revision.get().document
    late = answer(made.id, "wait", 1)
    for _ in range(2):
        assert phone.push({"answers": [late]}) == {}
    document = Report.get().document
    assert document["answers"]["wait"]["value"][0] == "4"
    assert [(one["key"], one["value"], one["revision"]) for one in document["late"]] == [
        ("wait", "1", 1)
    ]
    assert Revision.get().document == frozen
    assert (f"answers/{late['id']}", "late-edit") in phone.notices()
    assert phone.rows["answers"][late["id"]]["value"] == "4"


def test_a_row_of_a_frozen_revision_is_a_late_edit_of_it(phone: Phone, made: Assignment) -> None:
    phone.push(visit(made.id))
    Report.update(locked_revision=None).execute()
    phone.push({"reports": [report(made.id, revision=1, summary="After all")]})
    stored = Report.get()
    assert [one["value"] for one in stored.document["late"] if one["name"] == "summary"] == [
        "After all"
    ]
    assert "summary" not in stored.document["fields"]


def test_the_number_of_a_push_is_kept_per_device(phone: Phone, made: Assignment) -> None:
    phone.push({"answers": [answer(made.id, "wait", 2)]}, **{"X-Push-No": "7"})
    phone.push({"answers": [answer(made.id, "wait", 2)]}, **{"X-Push-No": "8"})
    assert Report.get().document["pushes"] == {"phone-1": 8}
    phone.push({"answers": [answer(made.id, "wait", 3)]}, **{"X-Push-No": "many"})
    assert Report.get().document["pushes"] == {"phone-1": 8}


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
        assert phone.send(body.replace(b"NOTE", sent)).status_code == 200
        assert Report.get().document["answers"]["wait"]["note"][0] == kept
    assert {code for _, code in phone.notices()} == {"text-mended"}


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


# What is not this shopper's


def test_rows_of_others_are_rejected_and_nothing_else(
    phone: Phone, made: Assignment, cast: Cast
) -> None:
    theirs = visits.assignment(cast.brand.id, cast.sergio.account_id)
    Phone(phone.client, cast.sergio).push(
        {
            "photos": [photo("their-photo", theirs.id)],
            "touchpoint_proposals": [{"id": "their-idea", "assignment_id": theirs.id}],
        }
    )
    before = everything()
    strange = {
        "reports": [report(theirs.id), report("unknown"), report(made.id) | {"id": made.id}],
        "answers": [answer(theirs.id, "wait", 1), answer(made.id, "a b", 1)],
        "photos": [
            photo("their-photo", made.id),
            photo("new", theirs.id),
            photo("bad id\x00", made.id),
            photo("lost", made.id, report_id=None),
        ],
        "assignment_responses": [{"id": theirs.id, "response": "declined"}],
        "touchpoint_proposals": [
            {"id": "their-idea", "assignment_id": made.id, "title": "Mine now"},
            {"id": "idea", "assignment_id": theirs.id},
        ],
    }
    assert phone.push(strange) == {
        table: [row["id"] for row in rows] for table, rows in strange.items()
    }
    assert phone.push({}, {"photos": ["their-photo"]}) == {"photos": ["their-photo"]}
    assert everything() == before
    assert status(theirs) == "accepted"
    assert Photo.get_by_id("their-photo").report_id == f"{theirs.id}.1"


def test_good_rows_beside_rejected_ones_are_taken_in(
    phone: Phone, made: Assignment, cast: Cast
) -> None:
    theirs = visits.assignment(cast.brand.id, cast.sergio.account_id)
    rows = visit(made.id)
    rows["answers"].append(answer(theirs.id, "wait", 1))
    assert phone.push(rows) == {"answers": [f"{theirs.id}.1.wait"]}
    assert Revision.select().count() == 1


# What is not the protocol's


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"changes"',
        b'{"reports": []}',
        b'{"reports": {"created": {}}}',
        b'{"reports": {"created": ["x"]}}',
        b'{"reports": {"created": [{}]}}',
        b'{"reports": {"created": [{"id": 5}]}}',
        b'{"reports": {"deleted": [5]}}',
        b'{"answers": {"updated": 1}}',
        b"[" * 100_000,
        b'{"reports": {"created": [{"id": NaN}]}}',
    ],
)
def test_what_is_not_the_protocols_shape_is_refused_whole(
    phone: Phone, made: Assignment, body: bytes
) -> None:
    answer = phone.send(body)
    assert answer.status_code == 400
    assert answer.json["code"] == "malformed-request"


def test_nothing_is_half_written(phone: Phone, made: Assignment) -> None:
    body = orjson.dumps({"reports": {"created": [report(made.id), {"id": 5}]}})
    assert phone.send(body).status_code == 400
    assert Report.select().count() == 0


def test_unknown_tables_and_columns_are_ignored(phone: Phone, made: Assignment) -> None:
    body = {
        "reports": {"created": [report(made.id, mood="good")], "moved": 5},
        "stores": {"updated": [{"id": made.store_id, "name": "Mine"}], "deleted": []},
        "moods": {"created": [1]},
        "answers": None,
        "photos": {},
    }
    assert phone.send(orjson.dumps(body)).json == {"experimentalRejectedIds": {}}
    assert "mood" not in Report.get().document["fields"]


def test_a_zipped_push_is_read(phone: Phone, made: Assignment) -> None:
    body = orjson.dumps({"reports": {"created": [report(made.id)]}})
    answer = phone.send(gzip.compress(body), {"Content-Encoding": "gzip"})
    assert answer.status_code == 200
    assert Report.select().count() == 1


def test_a_push_that_is_too_large_is_told_so(phone: Phone, settings: Settings) -> None:
    answer = phone.send(b" " * (settings.max_body + 1))
    assert answer.status_code == 413


def test_a_cursor_of_another_state_must_pull_first(phone: Phone, made: Assignment) -> None:
    phone.pull()
    body = orjson.dumps({"reports": {"created": [report(made.id)]}})
    good = phone.cursor
    assert good is not None
    for bad in (good + 2, good + 2**40, 5, 2**63):
        phone.cursor = bad
        refused = phone.send(body)
        assert (refused.status_code, refused.json["code"]) == (409, "pull-first")
    assert Report.select().count() == 0
    phone.cursor = good
    feeds.new_epoch()
    assert phone.send(body).status_code == 409
    phone.pull()
    assert phone.send(body).status_code == 200


# Its cost, and many at once


def big_push(cast: Cast, reports: int, answers: int) -> dict[str, list[dict[str, Any]]]:
    items = [
        {"key": f"i{number}", "type": "yes_no", "prompt": {"en": "?"}, "required": True}
        for number in range(answers)
    ]
    version = visits.checklist_version(cast.brand.id, items).id
    rows: dict[str, list[dict[str, Any]]] = {"reports": [], "answers": []}
    for _ in range(reports):
        made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version)
        rows["reports"] += visit(made.id, answer_count=answers)["reports"]
        rows["answers"] += [answer(made.id, item["key"], True) for item in items]
    return rows


def test_a_push_is_a_fixed_number_of_queries(phone: Phone, cast: Cast) -> None:
    counts = []
    for reports, answers in ((1, 1), (20, 40)):
        rows = big_push(cast, reports, answers)
        with count_queries() as counter:
            phone.push(rows)
        counts.append(counter.count)
    assert Revision.select().count() == 21
    # The token, the assignments, the feed, the reports, photos of the complete ones, revisions,
    # their events, reports, assignments, the feed's rows; the transaction's two ends.
    assert counts == [12, 12]


def test_one_push_holds_more_than_a_statement_does(phone: Phone, made: Assignment) -> None:
    photos = [photo(f"p{number:04}", made.id) for number in range(2500)]
    assert phone.push({"photos": photos}) == {}
    assert Photo.select().count() == 2500
    assert len(phone.pull()["photos"]["updated"]) == 2500


def test_simultaneous_pushes_make_one_report(committing: str, settings: Settings) -> None:
    with connected():
        cast = Cast()
        made = visits.assignment(cast.brand.id, cast.sonia.account_id)
        headers, person = cast.sonia.headers, cast.sonia
    app = create_app(settings)
    start = threading.Barrier(4)
    results: list[int] = []

    def push() -> None:
        phone = Phone(app.test_client(), person)
        rows = {table: {"created": changed} for table, changed in visit(made.id).items()}
        body = orjson.dumps(rows)
        start.wait(30)
        for _ in range(5):
            results.append(phone.send(body, headers).status_code)

    in_threads([push] * 4)
    assert results == [200] * 20
    with connected():
        assert Report.select().count() == Revision.select().count() == 1
        assert Event.select().count() == 1
        assert SyncFeed.get_by_id(person.account_id).seq == 21
        assert "late" not in Report.get().document


def in_threads(workers: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=worker) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
