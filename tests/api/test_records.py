"""The audit log, consents and disclosures."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain.actor import Role
from server.models import AuditEntry, StaffMember
from server.services import editing, retention
from tests import factories, visits
from tests.api.photo_calls import send
from tests.cast import Cast
from tests.phone import Phone, visit


def entries(client: FlaskClient, cast: Cast, **query: Any) -> list[tuple[str, str]]:
    path = f"/v1/brands/{cast.brand.id}/audit-log"
    answer = client.get(path, query_string=query, headers=cast.alice.headers)
    assert answer.status_code == 200
    return [(one["actor"], one["operation"]) for one in answer.json["items"]]


@pytest.fixture
def report(client: FlaskClient, cast: Cast) -> str:
    """The path of a submitted report. Sonia's own doings are no entries."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone = Phone(client, cast.sonia)
    phone.pull()
    phone.push(visit(made.id))
    factories.photo("sonia-1", cast.brand.id, cast.sonia.account_id)
    assert send(client, cast.sonia, "sonia-1").status_code == 201
    assert client.get("/v1/photos/sonia-1", headers=cast.sonia.headers).status_code == 200
    assert AuditEntry.select().count() == 0
    return f"/v1/brands/{cast.brand.id}/reports/{made.id}.1"


def test_who_read_and_did_what_is_kept(client: FlaskClient, cast: Cast, report: str) -> None:
    bob = cast.bob
    asked = client.get(report, headers=bob.headers | {"X-Request-Id": "0190f3e2-17aa"})
    client.get("/v1/photos/sonia-1", headers=bob.headers)
    client.post(f"{report}/revisions/1/approval", json={}, headers=bob.headers)
    client.get(f"/v1/brands/{cast.brand.id}/members", headers=cast.marta.headers)
    assert asked.status_code == 200
    assert entries(client, cast) == [
        (bob.account_id, "read_report"),
        (bob.account_id, "read_photo"),
        (bob.account_id, "approve_revision"),
        (cast.marta.account_id, "list_members"),
    ]
    assert entries(client, cast, by=cast.marta.account_id) == [
        (cast.marta.account_id, "list_members")
    ]
    assert entries(client, cast, operation="read_photo") == [(bob.account_id, "read_photo")]
    first = AuditEntry.select().order_by(AuditEntry.id).first()
    assert first.things == {"report_id": report.rpartition("/")[2]}
    assert first.request_id == "0190f3e2-17aa"


def test_what_is_refused_or_tells_of_nobody_is_no_entry(
    client: FlaskClient, cast: Cast, report: str
) -> None:
    client.get(report, headers=cast.charlie.headers)
    client.get(f"{report}9", headers=cast.bob.headers)
    client.get(f"/v1/brands/{cast.brand.id}/promises", headers=cast.bob.headers)
    assert entries(client, cast) == []


def test_the_log_and_staff_lists_are_kept_as_long_as_the_rules_say(
    client: FlaskClient, cast: Cast, report: str
) -> None:
    client.get(report, headers=cast.bob.headers)
    store = factories.store(cast.brand.id)
    who = {"store_id": store.id, "name": "Anna", "role": "adviser"}
    editing.create(StaffMember, cast.brand.id, **who)
    old = clock.now() - timedelta(days=31)
    AuditEntry.update(at=old).execute()
    StaffMember.update(updated_at=old).execute()
    path = f"/v1/brands/{cast.brand.id}/retention"
    client.put(path, json={"audit": 30, "staff": 30}, headers=cast.alice.headers)
    assert retention.apply() == 2
    assert entries(client, cast) == [(cast.alice.account_id, "replace_retention")]
    assert StaffMember.select().count() == 0


def test_no_staff_of_competitors_is_kept(client: FlaskClient, cast: Cast) -> None:
    theirs = factories.store(cast.brand.id, code="theirs", ownership="competitor")
    answer = client.post(
        f"/v1/brands/{cast.brand.id}/stores/{theirs.id}/staff",
        json={"name": "Anna Bianchi", "role": "adviser"},
        headers=cast.marta.headers,
    )
    assert answer.status_code == 409
    assert not StaffMember.select().where(StaffMember.store_id == theirs.id).exists()


def test_people_say_what_they_agree_to(client: FlaskClient, cast: Cast) -> None:
    path = f"/v1/brands/{cast.brand.id}/consents"
    for agreed in (True, False):
        body = {"kind": "photos", "document_version": "2026-09", "agreed": agreed}
        assert client.post(path, json=body, headers=cast.sonia.headers).status_code == 201
    assert client.post(path, json=body, headers=cast.charlie.headers).status_code == 404
    mine = client.get("/v1/me/consents", headers=cast.sonia.headers).json["items"]
    assert [one["agreed"] for one in mine] == [True, False]
    query = {"account": cast.sonia.account_id}
    listed = client.get(path, query_string=query, headers=cast.alice.headers).json["items"]
    assert listed == mine
    query = {"account": cast.bob.account_id}
    assert client.get(path, query_string=query, headers=cast.alice.headers).json["items"] == []


def test_stores_read_what_their_staff_were_told(client: FlaskClient, cast: Cast) -> None:
    here, there = factories.store(cast.brand.id, "S1"), factories.store(cast.brand.id, "S2")
    path = f"/v1/brands/{cast.brand.id}/disclosures"
    body = {"told_on": "2026-01-15", "objective": "Service.", "legal_basis": "Agreement."}
    for store_id in (None, here.id, there.id):
        told = client.post(path, json=body | {"store_id": store_id}, headers=cast.alice.headers)
        assert told.status_code == 201
    boss = cast.person("boss", Role.STORE_MANAGER, store_id=here.id)
    seen = client.get(path, headers=boss.headers).json["items"]
    assert [one["store_id"] for one in seen] == [None, here.id]
    assert seen[0].items() >= body.items()
    wrong = client.post(path, json=body | {"told_on": "soon"}, headers=cast.alice.headers)
    assert wrong.status_code == 422
    nowhere = client.post(path, json=body | {"store_id": "x"}, headers=cast.alice.headers)
    assert nowhere.status_code == 404
