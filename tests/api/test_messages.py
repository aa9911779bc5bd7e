"""Messages between a report's shopper and its reviewers: by pull, push and POST."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain.actor import Role
from server.domain.erasing import ERASED, Part
from server.models import Assignment, Message, Notice
from server.services import erased_reports
from tests import factories, visits
from tests.cast import Cast, Person
from tests.phone import AT, Phone, visit

UUID = "7b0c0f5e-6f0d-4c8d-9d5e-0c8a3f6f1b7a"


@pytest.fixture
def report_id(phone: Phone, cast: Cast) -> str:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push(visit(made.id))
    phone.pull()
    return f"{made.id}.1"


def send(client: FlaskClient, cast: Cast, report_id: str, who: Person, **body: Any) -> Any:
    path = f"/v1/brands/{cast.brand.id}/reports/{report_id}/messages"
    return client.post(path, json=body, headers=who.headers)


def read(client: FlaskClient, cast: Cast, report_id: str, who: Person, **query: Any) -> Any:
    path = f"/v1/brands/{cast.brand.id}/reports/{report_id}/messages"
    return client.get(path, query_string=query, headers=who.headers)


def row(report_id: str, message_id: str = UUID, **columns: Any) -> dict[str, Any]:
    """A message as the phone pushes it."""
    return {"id": message_id, "report_id": report_id, "text": "The left one.", "sent_at": AT} | (
        columns
    )


def test_a_question_reaches_the_phone_and_its_answer_the_reviewer(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    asked = send(client, cast, report_id, cast.bob, text="Which till?")
    assert (asked.status_code, asked.json["author"]) == (201, "reviewer")
    phone.pull()
    (held,) = phone.rows["messages"].values()
    assert held == {
        "id": asked.json["id"],
        "report_id": report_id,
        "author": "reviewer",
        "text": "Which till?",
        "sent_at": None,
        "created_at": clock.to_ms(Message.get().created_at),
    }
    assert phone.push({"messages": [row(report_id)]}) == {}
    told = read(client, cast, report_id, cast.bob).json["items"]
    assert [(each["author"], each["text"]) for each in told] == [
        ("reviewer", "Which till?"),
        ("shopper", "The left one."),
    ]
    assert told[1]["sent_at"] == clock.from_ms(AT).isoformat()


def test_an_app_that_knows_no_messages_is_told_by_a_notice(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    asked = send(client, cast, report_id, cast.bob, text="Which till?").json
    assert (f"messages/{asked['id']}", "message") in phone.notices()
    (notice,) = [one for one in phone.rows["notices"].values() if one["code"] == "message"]
    assert notice["message"] == "Which till?"
    updated = Phone(client, cast.sonia)
    updated.pull()
    updated.cursor = phone.cursor
    again = updated.pull(migration='{"from": 1, "tables": ["messages"], "columns": []}')
    assert [one["id"] for one in again["messages"]["updated"]] == [asked["id"]]


def test_a_push_that_comes_twice_is_one_message_and_the_first_word_stands(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    for _ in range(2):
        phone.push({"messages": [row(report_id)]})
    phone.pull()
    phone.push({"messages": [row(report_id, text="No, the right one.")]})
    assert (f"messages/{UUID}", "message-kept") in phone.notices()
    assert phone.rows["messages"][UUID]["text"] == "The left one."
    phone.push({}, {"messages": [UUID]})
    assert [one["id"] for one in phone.pull()["messages"]["updated"]] == [UUID]
    assert Message.select().count() == 1
    tablet = Phone(client, cast.sonia)
    tablet.pull()
    assert tablet.rows["messages"].keys() == {UUID}


def test_only_messages_about_ones_own_reports_are_taken_in(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    stranger = Phone(client, cast.sergio)
    phone.push({"messages": [row(report_id)]})
    for wrong in (row(report_id), row(report_id, "other-message"), row("none", "third-message")):
        assert stranger.push({"messages": [wrong]}) == {"messages": [wrong["id"]]}
    assert Message.select().count() == 1
    asked = send(client, cast, report_id, cast.bob, text="Which till?").json
    assert phone.push({"messages": [row(report_id, asked["id"], text="Mine")]}) == {}
    assert Message.get_by_id(asked["id"]).text == "Which till?"


def test_a_message_may_come_before_its_report_and_be_answered(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    assert phone.push({"messages": [row(f"{made.id}.1", text=None)]}) == {}
    assert Message.get().text == ""
    phone.pull()
    assert UUID in phone.rows["messages"]
    replied = send(client, cast, f"{made.id}.1", cast.bob, text="Yes?")
    assert replied.status_code == 201
    phone.pull()
    assert replied.json["id"] in phone.rows["messages"]
    assert send(client, cast, "none.1", cast.bob, text="Yes?").status_code == 404


def test_the_same_post_again_is_the_same_message(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    first = send(client, cast, report_id, cast.sonia, id=UUID, text="The left one.")
    again = send(client, cast, report_id, cast.sonia, id=UUID, text="The left one.")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    for who, text in ((cast.sonia, "The right one."), (cast.bob, "The left one.")):
        refused = send(client, cast, report_id, who, id=UUID, text=text)
        assert (refused.status_code, refused.json["code"]) == (409, "duplicate")
    assert Message.select().count() == 1
    phone.pull()
    assert phone.rows["messages"][UUID]["author"] == "shopper"


def test_a_shopper_is_told_a_role_and_no_name(
    client: FlaskClient, cast: Cast, report_id: str
) -> None:
    send(client, cast, report_id, cast.bob, text="Which till?")
    send(client, cast, report_id, cast.sonia, text="The left one.")
    mine = read(client, cast, report_id, cast.sonia).json["items"]
    assert [(each["author"], each["author_id"]) for each in mine] == [
        ("reviewer", None),
        ("shopper", cast.sonia.account_id),
    ]
    theirs = read(client, cast, report_id, cast.bob).json["items"]
    assert theirs[0]["author_id"] == cast.bob.account_id
    assert read(client, cast, report_id, cast.sergio).status_code == 404
    assert send(client, cast, report_id, cast.sergio, text="?").status_code == 404


def test_who_shopped_and_reviews_is_the_shopper_of_their_own(
    client: FlaskClient, cast: Cast, report_id: str
) -> None:
    factories.membership(cast.sonia.account_id, cast.brand.id, Role.REVIEWER)
    assert send(client, cast, report_id, cast.sonia, text="Mine.").json["author"] == "shopper"


def test_all_of_a_brand_are_read_in_the_order_of_their_arrival(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    for number in (3, 1, 2):
        phone.push({"messages": [row(report_id, f"message-{number}")]})
    send(client, cast, report_id, cast.bob, text="Thanks.")
    path, bob = f"/v1/brands/{cast.brand.id}/messages", cast.bob.headers
    first = client.get(f"{path}?limit=2&author=shopper", headers=bob).json
    assert [one["id"] for one in first["items"]] == ["message-3", "message-1"]
    more = f"{path}?author=shopper&cursor={first['next_cursor']}"
    assert [one["id"] for one in client.get(more, headers=bob).json["items"]] == ["message-2"]


def test_retention_takes_words_and_moments(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    phone.push({"messages": [row(report_id)]})
    Assignment.update(closed_at=clock.from_ms(AT)).execute()
    strip(cast, Part.MOMENTS)
    assert (Message.get().text, Message.get().sent_at) == ("The left one.", None)
    strip(cast, Part.WORDS)
    assert Message.get().text == ERASED


def test_retention_takes_what_is_written_after_it_and_the_notices_of_it(
    client: FlaskClient, cast: Cast, phone: Phone, report_id: str
) -> None:
    Assignment.update(closed_at=clock.from_ms(AT)).execute()
    assert [strip(cast, Part.WORDS), strip(cast, Part.WORDS)] == [1, 0]
    send(client, cast, report_id, cast.bob, text="Was it Anna?")
    assert [strip(cast, Part.WORDS), strip(cast, Part.WORDS)] == [1, 0]
    phone.push({"messages": [row(report_id, text="It was Anna.")]})
    assert [strip(cast, Part.WORDS), strip(cast, Part.WORDS)] == [1, 0]
    assert {message.text for message in Message.select()} == {ERASED}
    assert Notice.get(Notice.code == "message").message == ERASED


def strip(cast: Cast, part: Part) -> int:
    return erased_reports.strip(cast.brand.id, clock.now(), part)
