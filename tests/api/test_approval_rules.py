"""Which reports a brand approves by itself, by a rule of its own."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs import drain
from server import clock, config
from server.domain import approvals
from server.models import Brand, ChecklistVersion, Claim, Inspection, Revision
from server.services import claims, photos
from tests import factories, visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, photo, visit
from tests.pictures import develop_all, drawn, sha256

KINDS = ("revision.frozen", "report.unflagged", "revision.approvable")


@pytest.fixture
def version(cast: Cast) -> ChecklistVersion:
    return factories.checklist_version(cast.brand.id)


def rule(client: FlaskClient, cast: Cast, **values: Any) -> None:
    """Set the brand's rule; by default no flag blocks."""
    wanted = {"auto_approve": True, "approval_rule": {"blocking_flags": []} | values}
    headers = cast.alice.headers | {"If-Match": "*"}
    path = f"/v1/brands/{cast.brand.id}"
    answered = client.patch(path, json=wanted, headers=headers)
    assert answered.status_code == 200, answered.text
    assert answered.json["approval_rule"].items() >= wanted["approval_rule"].items()


def status(
    client: FlaskClient, cast: Cast, version: ChecklistVersion, smile: int = 5, **columns: Any
) -> str:
    """Of a visit's revision, once all jobs are done."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    cells = [answer(made.id, "greeted", True), answer(made.id, "smile", smile)]
    Phone(client, cast.sonia).push(visit(made.id, **columns) | {"answers": cells})
    for kind in KINDS:
        drain.drain(kind)
    return str(Revision.get(Revision.report_id == f"{made.id}.1").status)


def test_a_flag_that_blocks_leaves_it_to_a_person(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    rule(client, cast, blocking_flags=["contradicting"])
    assert status(client, cast, version) == "approved"
    assert status(client, cast, version, ended_at=AT - 1) == "submitted"
    rule(client, cast)
    assert status(client, cast, version, ended_at=AT - 1) == "approved"


def test_no_rule_speaks_before_the_flags_are_known(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    rule(client, cast, blocking_flags=None)
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    cells = [answer(made.id, "greeted", True), answer(made.id, "smile", 5)]
    Phone(client, cast.sonia).push(visit(made.id) | {"answers": cells})
    drain.drain("revision.frozen")
    assert drain.drain("revision.approvable") == 0
    drain.drain("report.unflagged")
    assert drain.drain("revision.approvable") == 1
    assert Revision.get().status == "approved"


def test_scores_beyond_the_bounds_are_a_persons(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    rule(client, cast, least_score=60, most_score=90)
    assert status(client, cast, version, smile=1) == "submitted", "50 points"
    assert status(client, cast, version, smile=3) == "approved", "75 points"
    assert status(client, cast, version, smile=5) == "submitted", "100 points"


def test_a_failed_critical_item_is_a_persons(client: FlaskClient, cast: Cast) -> None:
    document = factories.draft(
        factories.touchpoint(cast.brand.id).id, factories.promise(cast.brand.id).id
    )
    document["sections"][0]["items"][1]["critical"] = {"cap": 50}
    version = factories.checklist_version(cast.brand.id, document)
    rule(client, cast)
    assert status(client, cast, version, smile=1) == "submitted"
    rule(client, cast, critical_blocks=False)
    assert status(client, cast, version, smile=1) == "approved"


def test_new_shoppers_are_a_persons(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    rule(client, cast, least_approved=1)
    assert status(client, cast, version) == "submitted"
    first = Revision.get()
    path = f"/v1/brands/{cast.brand.id}/reports/{first.report_id}/revisions/1/approval"
    assert client.post(path, json={}, headers=cast.bob.headers).status_code == 201
    assert status(client, cast, version) == "approved"


def test_a_share_goes_to_a_person_anyway(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    rule(client, cast, sample=1.0)
    assert status(client, cast, version) == "submitted"
    rule(client, cast, sample=0.5)
    found = [status(client, cast, version) for _ in range(6)]
    key = config.settings().secret_key
    ids = [each.id for each in Revision.select().order_by(Revision.frozen_at, Revision.id)][1:]
    drawn_ids = {each for each in ids if approvals.chance(each, key) < 0.5}
    waiting = {each.id for each in Revision.select() if each.status == "submitted"}
    assert waiting & set(ids) == drawn_ids
    assert found.count("submitted") == len(drawn_ids)


def test_what_was_begun_after_its_version_was_closed_is_a_persons(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    Brand.update(auto_approve=True).execute()
    assert status(client, cast, version) == "approved"
    ChecklistVersion.update(closing_at=clock.from_ms(AT - 1)).execute()
    assert status(client, cast, version) == "submitted"
    assert status(client, cast, version, started_at=None) == "submitted", "its answers tell"


def test_a_rule_on_photos_waits_until_they_were_looked_at(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    rule(client, cast, blocking_flags=["duplicate-photo"])
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    data = drawn(3)
    cells = [answer(made.id, "greeted", True), answer(made.id, "smile", 5)]
    rows = visit(made.id, photo_count=1) | {"answers": cells}
    rows["photos"] = [photo("p1", made.id, sha256=sha256(data), bytes=len(data))]
    Phone(client, cast.sonia).push(rows)
    photos.put(cast.sonia.actor, "p1", [data], sha256=sha256(data), length=len(data))
    for kind in (*KINDS, "photo.stored", *KINDS):
        drain.drain(kind)
    assert (Revision.get().status, Inspection.get().whole) == ("submitted", False)
    develop_all()
    for kind in KINDS:
        drain.drain(kind)
    assert (Revision.get().status, Inspection.get().whole) == ("approved", True)


def test_a_rule_is_checked(client: FlaskClient, cast: Cast) -> None:
    wrong = {"blocking_flags": ["ugly"], "least_score": 101, "sample": 2, "least_approved": -1}
    headers = cast.alice.headers | {"If-Match": "*"}
    path = f"/v1/brands/{cast.brand.id}"
    refused = client.patch(path, json={"approval_rule": wrong}, headers=headers)
    assert {error["pointer"] for error in refused.json["errors"]} == {
        "/approval_rule/blocking_flags/0",
        "/approval_rule/least_score",
        "/approval_rule/sample",
        "/approval_rule/least_approved",
    }
    none = {"least_score": 60, "most_score": 59}
    refused = client.patch(path, json={"approval_rule": none}, headers=headers)
    assert [each["pointer"] for each in refused.json["errors"]] == ["/approval_rule/least_score"]


@pytest.mark.parametrize("lapses", [True, False])
def test_what_a_reviewer_has_in_hand_is_theirs_until_they_give_it_back(
    client: FlaskClient, cast: Cast, version: ChecklistVersion, lapses: bool
) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    cells = [answer(made.id, "greeted", True), answer(made.id, "smile", 5)]
    Phone(client, cast.sonia).push(visit(made.id) | {"answers": cells})
    path = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1/revisions/1/claim"
    assert client.post(path, headers=cast.bob.headers).status_code == 201
    rule(client, cast)
    for kind in KINDS:
        drain.drain(kind)
    assert (Revision.get().status, claims.end_lapsed()) == ("submitted", 0)
    if lapses:
        Claim.update(until=clock.now() - timedelta(seconds=1)).execute()
        assert (claims.end_lapsed(), claims.end_lapsed()) == (1, 0)
    else:
        assert client.delete(path, headers=cast.bob.headers).status_code == 204
    for kind in ("claim.ended", *KINDS):
        drain.drain(kind)
    assert (Revision.get().status, Claim.select().count()) == ("approved", 0)
