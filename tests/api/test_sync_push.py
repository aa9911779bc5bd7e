"""POST /v1/sync"""

import gzip
import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from playhouse.test_utils import count_queries

from server.app import create_app
from server.config import Settings
from server.db import connected
from server.models import (
    Assignment,
    AssignmentResponse,
    Event,
    Notice,
    Photo,
    Report,
    Revision,
    SyncFeed,
    TouchpointProposal,
)
from server.services import restoring
from tests import visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, photo, report, visit


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
    ours = {"revision": 1, "checklist_id": made.checklist_version_id}
    rows = visit(made.id, **ours) | {
        "photos": [photo("p1", made.id)],
        "assignment_responses": [{"id": made.id, "response": "accepted", "responded_at": AT}],
        "touchpoint_proposals": [{"id": "t1", "assignment_id": made.id, "title": "The queue"}],
    }
    number = {"X-Push-No": "3"}
    first = phone.push(rows, **number)
    phone.pull()
    before = everything()
    assert phone.push(rows, **number) == first == {}
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
    phone.pull()
    body = orjson.dumps({"answers": {"created": [answer(made.id, "wait", 3)]}})
    for number in ("", " ", "-1", "many", "1.5", "9" * 30, "\xb2"):
        refused = phone.send(body, {"X-Push-No": number})
        assert (refused.status_code, refused.json["code"]) == (400, "malformed-request")
        assert "X-Push-No must be a whole number" in refused.json["detail"]
    assert Report.get().document["answers"]["wait"]["value"][0] == "2"
    assert phone.send(body, {}).status_code == 200
    assert Report.get().document["pushes"] == {"phone-1": 8}


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


@pytest.mark.parametrize("number", ["1" * 5_000, "-1e999", "1" + "0" * 400 + ".5"])
def test_a_number_that_nothing_holds_is_kept_as_noticed(
    phone: Phone, made: Assignment, number: str
) -> None:
    row = report(made.id, summary='say "1e999" and \\"1')
    body = orjson.dumps({"reports": {"created": [row]}})
    body = body.replace(b'"answer_count":null', b'"answer_count":' + number.encode())
    assert phone.send(body).status_code == 200
    phone.pull()
    assert phone.rows["reports"][row["id"]]["summary"] == row["summary"]
    (notice,) = phone.rows["notices"].values()
    assert (notice["code"], notice["message"].split()[0]) == ("wrong-type", "answer_count")


def test_a_cursor_that_is_none_is_not_the_protocols(phone: Phone, made: Assignment) -> None:
    for cursor in ("abc", "-5"):
        answer = phone.client.post(
            f"/v1/sync?last_pulled_at={cursor}", json={}, headers=phone.person.headers
        )
        assert (answer.status_code, answer.json["code"]) == (400, "malformed-request")


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
    restoring.begin_epoch()
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
