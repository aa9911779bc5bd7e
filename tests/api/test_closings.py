"""A closing checklist's version takes reports that have begun, and starts none."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs import drain
from server import clock
from server.models import ChecklistVersion, Revision
from tests import factories, visits
from tests.cast import Cast
from tests.phone import AT, Phone, answer, report, visit


@pytest.fixture
def version(cast: Cast) -> ChecklistVersion:
    return visits.checklist_version(cast.brand.id)


def close(client: FlaskClient, cast: Cast, version: ChecklistVersion, verb: str = "post") -> Any:
    path = f"/v1/brands/{cast.brand.id}/checklists/{version.checklist_id}/versions/1/closing"
    answered = getattr(client, verb)(path, headers=cast.marta.headers)
    assert answered.status_code == 200, answered.text
    drain.drain("checklist.changed")
    return answered.json


def test_nothing_new_is_offered_with_it(
    client: FlaskClient, cast: Cast, version: ChecklistVersion
) -> None:
    base, marta = f"/v1/brands/{cast.brand.id}", cast.marta.headers
    wave = visits.wave(cast.brand.id, version.id)
    store = factories.store(cast.brand.id)
    held = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    planned = {"name": "Summer", "checklist_version_id": version.id,
        "opens_at": wave.opens_at.isoformat(), "closes_at": wave.closes_at.isoformat()}  # fmt: skip
    offer = {"store_id": store.id, "shopper_id": cast.sonia.account_id}
    asked = [
        (f"{base}/assignments", {"wave_id": wave.id, "items": [offer]},
            "/items/0/checklist_version_id"),
        (f"{base}/waves", planned, "/checklist_version_id"),
        (f"{base}/assignments/{held.id}/reassignment", {"shopper_id": cast.sergio.account_id}, ""),
    ]  # fmt: skip
    assert close(client, cast, version)["closing_at"] is not None
    for path, body, pointer in asked:
        refused = client.post(path, json=body, headers=marta)
        assert refused.status_code == 422, path
        assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    change = {"checklist_version_id": version.id}
    headers = marta | {"If-Match": "*"}
    assert client.patch(f"{base}/waves/{wave.id}", json=change, headers=headers).status_code == 422
    renamed = client.patch(f"{base}/waves/{wave.id}", json={"name": "Late"}, headers=headers)
    assert renamed.status_code == 200, "what is there goes on"
    assert close(client, cast, version, "delete")["closing_at"] is None
    for path, body, _ in asked:
        assert client.post(path, json=body, headers=marta).status_code == 201, path


def test_a_begun_report_goes_on_to_its_end(
    client: FlaskClient, cast: Cast, phone: Phone, version: ChecklistVersion
) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    phone.push({"reports": [report(made.id)]})
    close(client, cast, version)
    phone.pull()
    phone.push(visit(made.id))
    assert (Revision.get().status, Revision.get().late) == ("submitted", False)
    codes = {code for record, code in phone.notices() if record == f"assignments/{made.id}"}
    assert codes == set(), "it had begun"


def test_what_a_phone_that_has_not_begun_sees(
    client: FlaskClient, cast: Cast, phone: Phone, version: ChecklistVersion
) -> None:
    accepted, offered = [
        visits.assignment(
            cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id, status=status
        )
        for status in ("accepted", "offered")
    ]
    phone.pull()
    assert phone.rows["checklists"][version.id]["closing_at"] is None
    closed = close(client, cast, version)
    told = phone.notices()
    assert phone.rows["checklists"][version.id]["closing_at"] is not None
    for made in (accepted, offered):
        assert (f"assignments/{made.id}", "checklist-closing") in told
    yes = {"id": offered.id, "response": "accepted", "reason": None, "responded_at": AT}
    phone.push({"assignment_responses": [yes]})
    assert (f"assignment_responses/{offered.id}", "checklist-closing") in phone.notices()
    assert phone.rows["assignments"][offered.id]["status"] == "offered"
    again = close(client, cast, version)
    assert again == closed, "closing twice changes nothing"
    close(client, cast, version, "delete")
    assert (f"assignments/{accepted.id}", "checklist-open") in phone.notices()
    assert phone.rows["checklists"][version.id]["closing_at"] is None
    assert phone.rows["assignments"][offered.id]["status"] == "accepted", "what was said is kept"


def test_a_visit_that_was_begun_all_the_same_is_kept(
    client: FlaskClient, cast: Cast, phone: Phone, version: ChecklistVersion
) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    close(client, cast, version)
    began = clock.to_ms(clock.now()) + 1000
    rows = visit(made.id, started_at=began, submitted_at=began + 1000)
    rows["answers"] = [
        answer(made.id, key, value, answered_at=began)
        for key, value in (("greeting", True), ("wait", 4))
    ]
    assert phone.push(rows) == {}
    assert Revision.get().status == "submitted"
