"""/v1/brands/{brand}/reports: reading, and the reviewers' words"""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs import registry
from server import clock
from server.domain.actor import Role
from server.models import Assignment, Brand, Event, Report, Review, Revision
from server.services import reviews
from tests import visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, report, visit

WORDS = {"message": "Which colleague?", "items": [{"item_key": "wait", "message": "How long?"}]}


@pytest.fixture
def made(cast: Cast) -> Assignment:
    return visits.assignment(cast.brand.id, cast.sonia.account_id)


@pytest.fixture
def submitted(phone: Phone, made: Assignment) -> str:
    """The id of a report whose first revision is frozen; the phone has pulled it."""
    phone.push(visit(made.id, summary="Fine"))
    phone.pull()
    return f"{made.id}.1"


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/reports", *parts))


def say(
    client: FlaskClient, cast: Cast, report_id: str, verb: str, number: int = 1, **words: Any
) -> TestResponse:
    path = url(cast, report_id, "revisions", str(number), verb)
    return client.post(path, json=words, headers=cast.bob.headers)


def kinds() -> list[str]:
    return [event.kind for event in Event.select().order_by(Event.id)]


def test_bob_reads_a_report_whole(client: FlaskClient, cast: Cast, submitted: str) -> None:
    read = client.get(url(cast, submitted), headers=cast.bob.headers)
    assert read.status_code == 200
    head = read.json["report"]
    assert (head["status"], head["revision"], head["locked"], head["late"]) == (
        "submitted",
        1,
        True,
        False,
    )
    assert head["submitted_at"] == clock.from_ms(AT + 1000).isoformat()
    assert head["wave_id"] == Assignment.get().wave_id
    content = read.json["content"]
    assert content["fields"]["summary"] == "Fine"
    assert content["fields"]["started_at"] == clock.from_ms(AT).isoformat()
    assert content["answers"]["wait"]["value"] == 4
    assert [one["number"] for one in read.json["revisions"]] == [1]
    revision = client.get(url(cast, submitted, "revisions", "1"), headers=cast.bob.headers)
    assert revision.json["content"] == content
    assert revision.json["missing"] == []


def test_late_edits_are_shown_beside(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    phone.push({"answers": [answer(submitted[:-2], "wait", 1)]})
    (late,) = client.get(url(cast, submitted), headers=cast.bob.headers).json["late_edits"]
    assert (late["key"], late["name"], late["value"], late["revision"]) == ("wait", "value", "1", 1)


def test_lists_are_filtered(client: FlaskClient, cast: Cast, phone: Phone, submitted: str) -> None:
    draft = visits.assignment(cast.brand.id, cast.sonia.account_id, status="cancelled")
    phone.push({"reports": [report(draft.id)]})

    def listed(**query: Any) -> set[str]:
        answer = client.get(url(cast), query_string=query, headers=cast.bob.headers)
        assert answer.status_code == 200
        return {item["id"] for item in answer.json["items"]}

    late = f"{draft.id}.1"
    assert listed() == {submitted, late}
    assert listed(status="submitted") == listed(late="false") == {submitted}
    assert listed(status="draft") == listed(late="true") == {late}
    assert listed(store=draft.store_id) == listed(wave=draft.wave_id) == {late}
    assert listed(status="approved") == set()
    wrong = client.get(url(cast) + "?status=lost", headers=cast.bob.headers)
    assert wrong.status_code == 422


def test_strangers_and_lesser_roles_see_nothing(
    client: FlaskClient, cast: Cast, submitted: str
) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=clock.new_id())
    for path in (url(cast), url(cast, submitted), url(cast, submitted, "revisions", "1")):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404
        assert client.get(path, headers=rita.headers).status_code == 403
        assert client.get(path, headers=cast.sonia.headers).status_code == 403
    foreign = url(cast, submitted).replace(cast.brand.id, cast.other_brand.id)
    for path in (foreign, f"{foreign}/revisions/1"):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404
    why = {"message": "Why"}
    for verb in ("approval", "return", "rejection", "withdrawal"):
        path = url(cast, submitted, "revisions", "1", verb)
        assert client.post(path, json=why, headers=cast.charlie.headers).status_code == 404
        assert client.post(path, json=why, headers=cast.sonia.headers).status_code == 403
        abroad = f"{foreign}/revisions/1/{verb}"
        assert client.post(abroad, json=why, headers=cast.charlie.headers).status_code == 404
        for number in (2, 10**30):
            assert say(client, cast, submitted, verb, number=number, **why).status_code == 404
    assert client.post(f"{foreign}/closure", headers=cast.charlie.headers).status_code == 404
    assert Review.select().count() == 0


def test_an_approval_counts_and_reaches_the_phone(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    approved = say(client, cast, submitted, "approval")
    assert approved.status_code == 201
    assert approved.json["outcome"] == "approved"
    assert approved.json["reviewer_id"] == cast.bob.account_id
    assert kinds() == ["revision.frozen", "revision.approved"]
    assignment = Assignment.get()
    assert (assignment.status, assignment.closed_at is not None) == ("approved", True)
    assert Revision.get().decided_at is not None
    phone.pull()
    assert [row["outcome"] for row in phone.rows["reviews"].values()] == ["approved"]
    assert phone.rows["assignments"][assignment.id]["status"] == "approved"
    for verb in ("approval", "return", "rejection"):
        again = say(client, cast, submitted, verb, message="Again")
        assert (again.status_code, again.json["code"]) == (409, "conflict")


def test_a_return_unlocks_for_the_next_revision(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    first = Revision.get().document
    due = (clock.now() + timedelta(days=3)).isoformat()
    assert say(client, cast, submitted, "return", **WORDS, due_at=due).status_code == 201
    phone.pull()
    (review,) = phone.rows["reviews"].values()
    assert (review["outcome"], review["message"]) == ("returned", WORDS["message"])
    assert '"item_key":"wait"' in review["items"]
    row = phone.rows["reports"][submitted]
    assert row["revision"] == 2
    assert phone.rows["assignments"][row["assignment_id"]]["status"] == "returned"
    phone.push({"answers": [answer(submitted[:-2], "wait", 2)]})
    assert Revision.select().count() == 1, "an edit is not yet a submission"
    phone.push({"reports": [row | {"summary": "Carla", "submitted_at": AT + 9000}]})
    second = Revision.get_by_id(f"{submitted}.r2")
    assert (second.number, second.status, second.late) == (2, "submitted", False)
    assert second.document["answers"]["wait"]["value"] == 2
    assert Revision.get_by_id(f"{submitted}.r1").document == first
    assert Assignment.get().status == "submitted"
    assert say(client, cast, submitted, "approval", number=1).status_code == 409
    assert say(client, cast, submitted, "approval", number=2).status_code == 201


def test_what_comes_again_after_its_due_time_is_late(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    due = (clock.now() + timedelta(days=1)).isoformat()
    say(client, cast, submitted, "return", message="Once more", due_at=due)
    Review.update(due_at=clock.now() - timedelta(seconds=1)).execute()
    phone.pull()
    row = phone.rows["reports"][submitted] | {"submitted_at": AT + 9000}
    phone.push({"reports": [row]})
    assert Revision.get_by_id(f"{submitted}.r2").late


@pytest.mark.parametrize("verb", ["return", "rejection"])
@pytest.mark.parametrize("words", [{}, {"message": None}, {"message": "  "}])
def test_the_shopper_is_told_why(
    client: FlaskClient, cast: Cast, submitted: str, verb: str, words: dict[str, Any]
) -> None:
    refused = say(client, cast, submitted, verb, **words)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == ["/message"]


def test_a_rejection_closes_and_a_withdrawal_opens_again(
    client: FlaskClient, cast: Cast, phone: Phone, submitted: str
) -> None:
    assert say(client, cast, submitted, "withdrawal").status_code == 409
    assert say(client, cast, submitted, "rejection", message="Another store").status_code == 201
    assert Assignment.get().status == "rejected"
    assert say(client, cast, submitted, "withdrawal").json["outcome"] == "withdrawn"
    assert (Assignment.get().status, Assignment.get().closed_at) == ("submitted", None)
    assert kinds() == ["revision.frozen"], "nothing had counted"
    say(client, cast, submitted, "approval")
    say(client, cast, submitted, "withdrawal")
    assert kinds() == ["revision.frozen", "revision.approved", "revision.withdrawn"]
    assert Revision.get().status == "submitted"
    assert (f"reports/{submitted}", "decision-withdrawn") in phone.notices()
    assert {row["outcome"] for row in phone.rows["reviews"].values()} == {"rejected", "approved"}


def test_a_closure_freezes_what_came(
    client: FlaskClient, cast: Cast, phone: Phone, made: Assignment
) -> None:
    phone.push({"reports": [report(made.id, answer_count=9, submitted_at=AT)]})
    path = url(cast, f"{made.id}.1", "closure")
    closed = client.post(path, headers=cast.bob.headers)
    assert closed.status_code == 201
    assert (closed.json["number"], closed.json["missing"]) == (1, ["greeting", "wait"])
    assert (Report.get().locked_revision, Assignment.get().status) == (1, "submitted")
    assert kinds() == ["revision.frozen"]
    assert (f"reports/{made.id}.1", "missing-answers") in phone.notices()
    assert client.post(path, headers=cast.bob.headers).status_code == 409
    phone.push({"answers": [answer(made.id, "wait", 2)]})
    assert [one["key"] for one in Report.get().document["late"]][:1] == ["wait"]


def handle(kind: str) -> None:
    """Handle the events of a kind as its job does."""
    for event in Event.select().where(Event.kind == kind):
        for handler in registry.HANDLERS[kind]:
            handler(event)


def test_the_brands_rule_approves_what_is_scored(phone: Phone, submitted: str) -> None:
    handle("revision.frozen")
    assert "revision.approvable" not in kinds(), "this brand has no such rule"
    Brand.update(auto_approve=True).execute()
    handle("revision.frozen")
    handle("revision.approvable")
    assert Revision.get().status == "approved"
    of_revisions = [kind for kind in kinds() if kind.startswith("revision.")]
    assert of_revisions == ["revision.frozen", "revision.approvable", "revision.approved"]
    assert "revision.approvable" in registry.OWN_TRANSACTIONS


def test_the_brands_rule_approves_once(cast: Cast, phone: Phone, submitted: str) -> None:
    assert reviews.approve_automatically(f"{submitted}.r1") is False, "no such rule"
    Brand.update(auto_approve=True).execute()
    assert reviews.approve_automatically(f"{submitted}.r1") is True
    assert reviews.approve_automatically(f"{submitted}.r1") is False
    assert reviews.approve_automatically("unknown") is False
    assert [row.reviewer_id for row in Review.select()] == [None]
    assert kinds() == ["revision.frozen", "revision.approved"]
    phone.pull()
    assert phone.rows["assignments"][submitted[:-2]]["status"] == "approved"


@pytest.mark.parametrize("lack", ["late", "missing"])
def test_the_brands_rule_leaves_the_rest_to_a_person(submitted: str, lack: str) -> None:
    Brand.update(auto_approve=True).execute()
    Revision.update({"late": True} if lack == "late" else {"missing": ["wait"]}).execute()
    assert reviews.approve_automatically(f"{submitted}.r1") is False
    assert Revision.get().status == "submitted"


def test_a_review_names_its_wrong_fields(client: FlaskClient, cast: Cast, submitted: str) -> None:
    wrong = {"message": "a\x00", "items": [{"item_key": 5}], "due_at": "soon", "score": 5}
    answer = say(client, cast, submitted, "return", **wrong)
    assert answer.status_code == 422
    assert Review.select().count() == 0
