"""Reviewers' words: what a return may ask for, what happens when its time is over, who did what."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs import drain
from server import clock
from server.domain.erasing import ERASED, Part
from server.models import (
    Assignment,
    AuditEntry,
    Brand,
    Membership,
    Notice,
    Rating,
    Report,
    Review,
    Revision,
    SyncChange,
    SyncFeed,
    VisitScore,
)
from server.services import clients, erased_reports, reviews, sums, tokens
from tests import factories, visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, visit


@pytest.fixture
def submitted(phone: Phone, cast: Cast) -> str:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push(visit(made.id))
    phone.pull()
    return f"{made.id}.1"


def say(
    client: FlaskClient, cast: Cast, report_id: str, verb: str, number: int = 1, **words: Any
) -> TestResponse:
    path = f"/v1/brands/{cast.brand.id}/reports/{report_id}/revisions/{number}/{verb}"
    return client.post(path, json=words, headers=cast.bob.headers)


def pointers(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json["errors"]]


def test_a_return_names_items_that_are_there_and_a_time_to_come(
    client: FlaskClient, cast: Cast, submitted: str
) -> None:
    items = [{"item_key": "wait", "message": "How long?"}, {"item_key": "n", "message": "?"}]
    past = clock.now().isoformat()
    refused = say(client, cast, submitted, "return", message="?", items=items, due_at=past)
    assert pointers(refused) == ["/items/1/item_key", "/due_at"]
    assert pointers(say(client, cast, submitted, "rejection", message="?", items=items)) == [
        "/items/1/item_key"
    ]
    due = (clock.now() + timedelta(days=1)).isoformat()
    assert pointers(say(client, cast, submitted, "approval", due_at=due)) == ["/due_at"]
    assert Review.select().count() == 0
    assert say(client, cast, submitted, "approval").status_code == 201
    refused = say(client, cast, submitted, "withdrawal", message="?", items=items, due_at=past)
    assert pointers(refused) == ["/items/1/item_key", "/due_at"]
    assert say(client, cast, submitted, "withdrawal", message="?").status_code == 201
    good = say(client, cast, submitted, "return", message="?", items=items[:1], due_at=due)
    assert good.status_code == 201


def test_when_its_time_is_over_the_shopper_and_reviewers_hear_it_once(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    due = (clock.now() + timedelta(days=1)).isoformat()
    say(client, cast, submitted, "return", message="Which till?", due_at=due)
    assert reviews.find_overdue() == 0
    Review.update(due_at=clock.now() - timedelta(seconds=1)).execute()
    assert (reviews.find_overdue(), reviews.find_overdue()) == (1, 0)
    assert (f"reports/{submitted}", "return-overdue") in phone.notices()
    base = f"/v1/brands/{cast.brand.id}"
    bob = cast.bob.headers
    listed = client.get(f"{base}/reports?overdue=true", headers=bob).json["items"]
    assert [item["id"] for item in listed] == [submitted]
    assert client.get(f"{base}/reports?overdue=false", headers=bob).json["items"] == []
    assert client.get(f"{base}/review-queue/counts", headers=bob).json["overdue"] == 1
    (review,) = client.get(f"{base}/reports/{submitted}", headers=bob).json["reviews"]
    assert review["overdue_at"] is not None


def test_an_overdue_return_may_be_closed_or_mended_and_nothing_is_lost(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    due = (clock.now() + timedelta(days=1)).isoformat()
    say(client, cast, submitted, "return", message="Which till?", due_at=due)
    Review.update(due_at=clock.now() - timedelta(seconds=1)).execute()
    reviews.find_overdue()
    phone.pull()
    phone.push({"answers": [answer(submitted[:-2], "words", "The left one.")]})
    path = f"/v1/brands/{cast.brand.id}/reports/{submitted}/closure"
    closed = client.post(path, headers=cast.bob.headers)
    assert (closed.status_code, closed.json["late"]) == (201, True)
    assert closed.json["content"]["answers"]["words"]["value"] == "The left one."
    listed = client.get(
        f"/v1/brands/{cast.brand.id}/reports?overdue=true", headers=cast.bob.headers
    )
    assert listed.json["items"] == []
    assert reviews.find_overdue() == 0


def test_what_was_mended_in_time_is_never_overdue(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    due = (clock.now() + timedelta(days=1)).isoformat()
    say(client, cast, submitted, "return", message="Which till?", due_at=due)
    phone.pull()
    phone.push({"reports": [phone.rows["reports"][submitted] | {"submitted_at": AT + 9000}]})
    Review.update(due_at=clock.now() - timedelta(seconds=1)).execute()
    assert reviews.find_overdue() == 0


def test_taking_an_approval_back_takes_its_figures_back(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    version = factories.checklist_version(cast.brand.id)
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    cells = [answer(made.id, "greeted", True), answer(made.id, "smile", 4)]
    phone.push(visit(made.id) | {"answers": cells})
    report_id = f"{made.id}.1"
    path = f"/v1/brands/{cast.brand.id}/stores/{made.store_id}/figures"

    def figures() -> Any:
        return client.get(path, headers=cast.bob.headers).json["n_visits"]

    drain.drain("revision.frozen")
    seen = [figures()]
    approve, withdraw = ("approval", "approved"), ("withdrawal", "withdrawn")
    for verb, kind in (approve, withdraw, approve):
        assert say(client, cast, report_id, verb).status_code == 201
        drain.drain(f"revision.{kind}")
        seen.append(figures())
        assert list(sums.verify(cast.brand.id)) == []
    assert seen == [0, 1, 0, 1]
    assert VisitScore.get().counted


def test_a_rule_never_decides_again_on_what_a_person_took_back(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    Brand.update(auto_approve=True).execute()
    drain.drain("revision.frozen")
    drain.drain("revision.approvable")
    assert Revision.get().status == "approved"
    say(client, cast, submitted, "withdrawal")
    drain.drain("report.unflagged")
    reviews.apply_rule(f"{submitted}.r1")
    drain.drain("revision.approvable")
    assert Revision.get().status == "submitted"


def test_who_did_what_is_in_the_audit_log(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    base = f"/v1/brands/{cast.brand.id}/reports/{submitted}"
    bob = cast.bob.headers
    client.post(f"{base}/revisions/1/claim", headers=bob)
    say(client, cast, submitted, "return", message="Which till?")
    client.put(f"{base}/revisions/1/rating", json={"rating": 3}, headers=bob)
    client.post(f"{base}/messages", json={"text": "Which?"}, headers=cast.marta.headers)
    path = f"/v1/brands/{cast.brand.id}/audit-log?report={submitted}"
    entries = client.get(path, headers=cast.alice.headers).json["items"]
    assert [(entry["actor"], entry["operation"]) for entry in entries] == [
        (cast.bob.account_id, "claim_revision"),
        (cast.bob.account_id, "return_revision"),
        (cast.bob.account_id, "rate_revision"),
        (cast.marta.account_id, "send_message"),
    ]
    assert AuditEntry.select().count() == len(entries)


def test_what_the_rule_did_is_in_the_audit_log(
    client: FlaskClient, cast: Cast, submitted: str
) -> None:
    Brand.update(auto_approve=True).execute()
    assert reviews.approve_automatically(f"{submitted}.r1")
    path = f"/v1/brands/{cast.brand.id}/audit-log?report={submitted}&by=rule"
    (entry,) = client.get(path, headers=cast.alice.headers).json["items"]
    assert (entry["operation"], entry["things"]["number"]) == ("approve_revision", "1")


def test_a_reviewers_flags_and_ratings_are_not_an_integrators(
    client: FlaskClient, cast: Cast, submitted: str
) -> None:
    warehouse = clients.create(cast.alice.actor, cast.brand.id, name="Warehouse")
    token = tokens.issue_access(client_id=warehouse.id)
    path = f"/v1/brands/{cast.brand.id}/reports/{submitted}"
    told = client.get(path, headers={"Authorization": f"Bearer {token}"}).json
    assert (told["flags"], told["ratings"]) == (None, None)
    told = client.get(path, headers=cast.bob.headers).json
    assert (told["flags"], told["ratings"]) == ({}, [])
    assert Report.select().count() == Assignment.select().count() == 1


def test_retention_takes_the_next_revision_and_the_words_of_reviewers_too(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    def strip() -> int:
        Assignment.update(closed_at=clock.from_ms(AT)).execute()
        return erased_reports.strip(cast.brand.id, clock.now(), Part.WORDS)

    def rate(message: str) -> None:
        path = f"/v1/brands/{cast.brand.id}/reports/{submitted}/revisions/1/rating"
        client.put(path, json={"rating": 3, "message": message}, headers=cast.bob.headers)

    assert [strip(), strip()] == [1, 0]
    items = [{"item_key": "wait", "message": "Did Anna wait?"}]
    say(client, cast, submitted, "return", message="Was it Anna?", items=items)
    assert [strip(), strip()] == [1, 0]
    assert (Review.get().message, Review.get().items[0]["message"]) == (ERASED, ERASED)
    rate("Ask Anna.")
    assert [strip(), strip()] == [1, 0]
    assert Rating.get().message == ERASED
    assignment_id = submitted.removesuffix(".1")
    again = visit(assignment_id, submitted_at=AT + 9000)
    phone.push(again | {"answers": [answer(assignment_id, "wait", 5, note="Anna took long.")]})
    assert "Anna" in str(Revision.get(Revision.number == 2).document)
    assert [strip(), strip()] == [1, 0]
    kept = [row.document for row in [*Report.select(), *Revision.select()]]
    assert ("Anna" in str(kept), ERASED in str(kept)) == (False, True)


def test_an_erased_shopper_is_asked_for_nothing(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    due = (clock.now() + timedelta(days=1)).isoformat()
    other = visits.assignment(cast.brand.id, cast.sonia.account_id)
    spoken = visit(other.id, answer_count=3)
    phone.push(spoken | {"answers": [*spoken["answers"], answer(other.id, "words", "Warm")]})
    assert say(client, cast, submitted, "return", message="?", due_at=due).status_code == 201
    Review.update(due_at=clock.now() - timedelta(seconds=1)).execute()
    member = Membership.get(Membership.account_id == cast.sonia.account_id)
    path = f"/v1/brands/{cast.brand.id}/members/{member.id}/erasure"
    assert client.post(path, headers=cast.alice.headers).status_code == 202
    drain.drain("person.erased")
    erased = f"{other.id}.1"
    assert say(client, cast, erased, "return", message="?").status_code == 409
    edit = {"item_key": "words", "field": "value", "text": "Mine"}
    assert say(client, cast, erased, "editions", edits=[edit]).status_code == 409
    path = f"/v1/brands/{cast.brand.id}/reports"
    words = {"text": "Which till?"}
    asked = client.post(f"{path}/{erased}/messages", json=words, headers=cast.bob.headers)
    assert asked.status_code == 409
    assert client.get(f"{path}?overdue=true", headers=cast.bob.headers).json["items"] == []
    assert reviews.find_overdue() == 0
    assert say(client, cast, erased, "approval").status_code == 201, "it may still count"
    assert say(client, cast, erased, "withdrawal", message="?").status_code == 201
    for table in (SyncFeed, SyncChange, Notice):
        assert table.select().where(table.shopper_id.startswith("erased-")).count() == 0
