"""/v1/brands/{brand}/review-queue: what waits, in which order, with which flags, in whose hands."""

import threading
from datetime import timedelta
from typing import Any

import flask
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from jobs import drain
from server import clock, db
from server.domain.actor import Role
from server.domain.report_flags import Flag, FlagCode
from server.errors import Conflict
from server.models import Assignment, Brand, Claim, Revision
from server.services import claims, inspections, reviews
from tests import factories, visits
from tests.cast import Cast, Person
from tests.phone import AT, Phone, visit


def submit(phone: Phone, brand: Brand, *codes: FlagCode, **values: Any) -> Assignment:
    """A visit that waits, with these flags instead of its own."""
    made = visits.assignment(brand.id, phone.person.account_id, **values)
    phone.push(visit(made.id))
    drain.drain("revision.frozen")
    drain.drain("report.unflagged")
    flag(made, *codes)
    return made


def flag(made: Assignment, *codes: FlagCode) -> None:
    revision = Revision.get(Revision.report_id == f"{made.id}.1")
    inspections._write(revision, [Flag(code, "Odd.") for code in codes])
    row = inspections._row(revision.id)
    assert row is not None
    inspections._note(row, len(codes), whole=True)


def queue(client: FlaskClient, cast: Cast, person: Person | None = None, **query: Any) -> Any:
    path = f"/v1/brands/{cast.brand.id}/review-queue"
    answer = client.get(path, query_string=query, headers=(person or cast.bob).headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def ids(listed: Any) -> list[str]:
    return [item["report_id"].removesuffix(".1") for item in listed["items"]]


def claim(client: FlaskClient, cast: Cast, made: Assignment, person: Person, verb: str) -> Any:
    path = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1/revisions/1/claim"
    return getattr(client, verb)(path, headers=person.headers)


def test_the_oldest_or_the_most_flagged_come_first_page_by_page(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    one = submit(phone, cast.brand, FlagCode.LATE)
    two = submit(phone, cast.brand, FlagCode.LATE, FlagCode.TOO_FAST)
    three = submit(phone, cast.brand)
    four = submit(phone, cast.brand, FlagCode.COPIED_TEXT)
    for order, expected in (
        ("oldest", [one.id, two.id, three.id, four.id]),
        ("flagged", [two.id, one.id, four.id, three.id]),
    ):
        assert ids(queue(client, cast, order=order)) == expected
        found, cursor = [], None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = queue(client, cast, order=order, limit=1, **more)
            found += ids(page)
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == expected


def test_a_cursor_of_another_order_is_refused(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    for _ in range(2):
        submit(phone, cast.brand)
    cursor = queue(client, cast, limit=1)["next_cursor"]
    path = f"/v1/brands/{cast.brand.id}/review-queue"
    for query in ({"order": "flagged", "cursor": cursor}, {"cursor": "b2xkZXN0"}):
        assert client.get(path, query_string=query, headers=cast.bob.headers).status_code == 422


def test_it_is_filtered(client: FlaskClient, cast: Cast, phone: Phone) -> None:
    north = factories.region(cast.brand.id, "Nord")
    milan = factories.region(cast.brand.id, "Milano", parent=north)
    store = factories.store(cast.brand.id, "MI", region_id=milan.id)
    one = submit(phone, cast.brand, FlagCode.LATE, store_id=store.id)
    other = submit(Phone(client, cast.sergio), cast.brand, FlagCode.COPIED_TEXT)
    Revision.update(late=True).where(Revision.report_id == f"{one.id}.1").execute()
    assert claim(client, cast, other, cast.bob, "post").status_code == 201
    mine = {
        "flag": "late",
        "wave": one.wave_id,
        "checklist": one.checklist_version_id,
        "store": store.id,
        "region": north.id,
        "shopper": cast.sonia.account_id,
        "late": "true",
        "claimed": "false",
    }
    for name, value in mine.items():
        assert ids(queue(client, cast, **{name: value})) == [one.id], name
    assert ids(queue(client, cast, claimed="true")) == [other.id]
    assert ids(queue(client, cast, flag="far-away")) == []


def test_an_item_says_what_a_reviewer_needs(client: FlaskClient, cast: Cast, phone: Phone) -> None:
    made = submit(phone, cast.brand, FlagCode.TOO_FAST)
    (item,) = queue(client, cast)["items"]
    assert item["flags"] == [
        {"code": "too-fast", "message": "Odd.", "item_keys": [], "evidence": {}}
    ]
    assert (item["number"], item["claim"], item["missing"]) == (1, None, [])
    assert (item["store_id"], item["shopper_id"]) == (made.store_id, cast.sonia.account_id)
    assert item["inspected_at"] is not None


def test_a_page_is_a_fixed_number_of_queries(client: FlaskClient, cast: Cast, phone: Phone) -> None:
    region = factories.region(cast.brand.id)
    counts = []
    for more in (1, 4):
        for _ in range(more):
            store = factories.store(cast.brand.id, clock.new_id(), region_id=region.id)
            submit(phone, cast.brand, FlagCode.LATE, FlagCode.TOO_FAST, store_id=store.id)
        assert cast.bob
        with count_queries() as counter:
            assert queue(client, cast, region=region.id, flag="late", order="flagged")["items"]
        counts.append(counter.count)
    # who asks, the page, its flags, and an audit entry in its savepoint
    assert counts == [6, 6]


def test_counts(client: FlaskClient, cast: Cast, phone: Phone) -> None:
    one = submit(phone, cast.brand, FlagCode.LATE, FlagCode.TOO_FAST)
    submit(phone, cast.brand, FlagCode.LATE)
    fresh = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push(visit(fresh.id))
    claim(client, cast, one, cast.bob, "post")
    path = f"/v1/brands/{cast.brand.id}/review-queue/counts"
    counts = client.get(path, headers=cast.bob.headers).json
    assert counts == {
        "waiting": 3,
        "late": 0,
        "claimed": 1,
        "uninspected": 1,
        "flags": {"late": 2, "too-fast": 1},
        "overdue": 0,
    }
    filtered = client.get(path, query_string={"flag": "too-fast"}, headers=cast.bob.headers)
    assert (filtered.json["waiting"], filtered.json["flags"]) == (1, {"late": 1, "too-fast": 1})


def test_what_was_decided_or_returned_waits_no_more(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    made = submit(phone, cast.brand)
    path = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1/revisions/1/return"
    client.post(path, json={"message": "Once more"}, headers=cast.bob.headers)
    assert ids(queue(client, cast)) == []
    phone.pull()
    row = phone.rows["reports"][f"{made.id}.1"]
    phone.push({"reports": [row | {"submitted_at": AT + 9000}]})
    assert [item["number"] for item in queue(client, cast)["items"]] == [2]


def test_flags_of_photos_are_for_those_who_may_see_photos(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    submit(phone, cast.brand, FlagCode.DUPLICATE_PHOTO, FlagCode.TOO_FAST)

    def told(person: Person) -> list[str]:
        (item,) = queue(client, cast, person)["items"]
        return [each["code"] for each in item["flags"]]

    assert told(cast.bob) == ["duplicate-photo", "too-fast"]
    assert told(cast.alice) == ["too-fast"], "an admin sees no photos"
    assert ids(queue(client, cast, cast.alice, flag="duplicate-photo")) == []


def test_two_reviewers_do_not_work_on_the_same(
    client: FlaskClient, cast: Cast, phone: Phone
) -> None:
    made = submit(phone, cast.brand)
    taken = claim(client, cast, made, cast.bob, "post")
    assert (taken.status_code, taken.json["reviewer_id"]) == (201, cast.bob.account_id)
    (item,) = queue(client, cast)["items"]
    assert item["claim"] == taken.json
    rita = cast.person("rita", Role.REVIEWER)
    refused = claim(client, cast, made, rita, "post")
    assert (refused.status_code, refused.json["reviewer_id"]) == (409, cast.bob.account_id)
    path = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1/revisions/1/approval"
    assert client.post(path, json={}, headers=rita.headers).status_code == 409
    assert claim(client, cast, made, rita, "delete").status_code == 204, "it was not hers"
    assert client.post(path, json={}, headers=rita.headers).status_code == 409
    assert claim(client, cast, made, cast.bob, "post").status_code == 201, "held for longer"
    assert claim(client, cast, made, cast.bob, "delete").status_code == 204
    assert claim(client, cast, made, rita, "post").status_code == 201
    Claim.update(until=clock.now() - timedelta(seconds=1)).execute()
    (item,) = queue(client, cast)["items"]
    assert item["claim"] is None, "it lapsed"
    assert client.post(path, json={}, headers=cast.bob.headers).status_code == 201
    assert Claim.select().count() == 0
    assert claim(client, cast, made, cast.bob, "post").status_code == 409, "decided"


def test_a_claim_waits_for_a_decision_that_is_being_made(
    committing: str, made_app: flask.Flask
) -> None:
    outcome: list[type] = []

    def take() -> None:
        with db.connected():
            try:
                outcome.append(type(claims.take(bob, brand.id, f"{made.id}.1", 1)))
            except Conflict as error:
                outcome.append(type(error))

    with db.connected():
        cast = Cast()
        brand, bob, rita = cast.brand, cast.bob.actor, cast.person("rita", Role.REVIEWER).actor
        made = visits.assignment(brand.id, cast.sonia.account_id)
        Phone(made_app.test_client(), cast.sonia).push(visit(made.id))
        thread = threading.Thread(target=take)
        with db.atomic():
            reviews.approve(rita, brand.id, f"{made.id}.1", 1)
            thread.start()
            thread.join(0.3)
        thread.join(30)
        assert outcome == [Conflict]
        assert Claim.select().count() == 0
