"""POST /v1/sync: two devices of one shopper, and what becomes of their edits."""

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from server.models import Assignment, Photo, Report, Review
from server.services import tokens
from tests import factories, visits
from tests.cast import Cast, Person
from tests.phone import AT, Phone, answer, photo, visit


@pytest.fixture
def tablet(client: FlaskClient, cast: Cast) -> Phone:
    """Sonia's second device."""
    account_id = cast.sonia.account_id
    device_id = factories.device(account_id, "tablet").device_id
    token = tokens.issue_access(account_id=account_id, device_id=device_id)
    headers = {"Authorization": f"Bearer {token}"}
    return Phone(client, Person(account_id, tokens.actor_of(token), headers))


def refused(phone: Phone, rows: dict[str, Any], **headers: str) -> dict[str, Any]:
    """The problem of a push that must pull first."""
    body = {table: {"updated": changed} for table, changed in rows.items()}
    problem = phone.send(orjson.dumps(body), headers)
    assert (problem.status_code, problem.json["code"]) == (409, "pull-first")
    return problem.json


def wait(made: Assignment, value: int, at: int, **columns: Any) -> dict[str, Any]:
    return {"answers": [answer(made.id, "wait", value, updated_at=AT + at, **columns)]}


def test_the_later_edit_stands_and_the_other_is_told(
    phone: Phone, tablet: Phone, made: Assignment, cast: Cast
) -> None:
    for device in (phone, tablet):
        device.pull()
    phone.push(wait(made, 2, 1))
    tablet.push(wait(made, 3, 2))
    assert phone.notices() == {(f"answers/{made.id}.1.wait", "conflict")}
    assert phone.rows["answers"][f"{made.id}.1.wait"]["value"] == "3"
    url = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1"
    seen = phone.client.get(url, headers=cast.bob.headers).json
    assert [(one["key"], one["value"]) for one in seen["conflicts"]] == [("wait", "2")]


def test_a_lost_answer_does_not_undo_the_other_device(
    phone: Phone, tablet: Phone, made: Assignment
) -> None:
    phone.push(wait(made, 2, 1), **{"X-Push-No": "7"})
    tablet.pull()
    tablet.push(wait(made, 3, 2, note="Till 2 closed"))
    phone.pull()
    phone.push(wait(made, 2, 1, note="Till 2 closed"), **{"X-Push-No": "8"})
    phone.push(wait(made, 2, 1), **{"X-Push-No": "7"})
    assert phone.notices() == set()
    row = phone.rows["answers"][f"{made.id}.1.wait"]
    assert (row["value"], row["note"]) == ("3", "Till 2 closed")


def test_a_phone_put_back_from_its_backup_counts_on(phone: Phone, made: Assignment) -> None:
    phone.push(wait(made, 2, 1), **{"X-Push-No": "8"})
    before = Report.get().document
    problem = refused(phone, wait(made, 4, 5), **{"X-Push-No": "6"})
    assert problem["push_no"] == 8
    assert Report.get().document == before
    phone.pull()
    assert phone.push(wait(made, 4, 5), **{"X-Push-No": "9"}) == {}


def test_a_refused_push_leaves_nothing(phone: Phone, tablet: Phone, made: Assignment) -> None:
    tablet.pull()
    phone.push(wait(made, 2, 1) | {"photos": [photo("p1", made.id)]})
    rows = wait(made, 3, 2) | {"photos": [photo("p2", made.id)]}
    assert "push_no" not in refused(tablet, rows)
    assert [one.id for one in Photo.select()] == ["p1"]
    tablet.pull()
    assert tablet.push(rows) == {}


def test_photo_rows_merge_by_column(phone: Phone, tablet: Phone, made: Assignment) -> None:
    phone.push({"photos": [photo("p1", made.id)]})
    tablet.pull()
    tablet.push({"photos": [photo("p1", made.id, key="greeting")]})
    phone.push({"photos": [photo("p1", made.id, latitude=45.5)]})
    found = Photo.get()
    assert (found.item_key, found.latitude) == ("greeting", 45.5)


def test_two_devices_answer_one_offer(phone: Phone, tablet: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, status="offered")
    tablet.pull()
    phone.push({"assignment_responses": [{"id": made.id, "response": "accepted"}]})
    tablet.push({"assignment_responses": [{"id": made.id, "response": "declined"}]})
    assert Assignment.get_by_id(made.id).status == "accepted"
    record = f"assignment_responses/{made.id}"
    assert phone.notices() == {(record, "conflict"), (record, "response-too-late")}


def test_missing_photos_are_named_by_who_approves(
    phone: Phone, made: Assignment, cast: Cast
) -> None:
    """And told which of them it is vain to wait for."""
    photos = [photo("p1", made.id), photo("p2", made.id)]
    phone.push(visit(made.id, photo_count=2) | {"photos": photos})
    url = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1/revisions/1/approval"
    for named, lost, said in (
        ([], [], ": wait for them, or name exactly"),
        (["p1"], ["p1"], "Rejected, and so not to come, are 1 of them: p1. Wait for the others"),
        (["p2", "p3"], ["p1", "p2"], "2 of them: p1, p2. Name exactly"),
    ):
        Photo.update(state="rejected").where(Photo.id.in_(lost)).execute()
        answer = phone.client.post(url, json={"missing": named}, headers=cast.bob.headers)
        assert (answer.status_code, answer.json["missing"]) == (409, ["p1", "p2"])
        assert answer.json["rejected"] == lost
        assert said in answer.json["detail"]
    assert Review.select().count() == 0
    answer = phone.client.post(url, json={"missing": ["p1", "p2"]}, headers=cast.bob.headers)
    assert (answer.status_code, answer.json["missing"]) == (201, ["p1", "p2"])
