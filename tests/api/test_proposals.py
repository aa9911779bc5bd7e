"""/v1/brands/{brand}/touchpoint-proposals"""

import pytest
from flask.testing import FlaskClient

from server.models import Assignment, Touchpoint
from tests import factories
from tests.cast import Cast
from tests.phone import Phone

NEW = {"name": "The queue", "stage": "discover", "channel": "store"}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/touchpoint-proposals", *parts))


@pytest.fixture
def proposed(phone: Phone, made: Assignment) -> str:
    """The id of what Sonia proposed."""
    row = {"id": "t1", "assignment_id": made.id, "title": "The queue", "stage": "discover"}
    phone.push({"touchpoint_proposals": [row]})
    return "t1"


def test_a_proposal_waits_and_names_no_shopper(
    client: FlaskClient, cast: Cast, proposed: str
) -> None:
    waiting = client.get(url(cast) + "?decided=false", headers=cast.bob.headers).json["items"]
    assert [(one["id"], one["title"], one["decision"]) for one in waiting] == [
        (proposed, "The queue", None)
    ]
    assert cast.sonia.account_id not in str(waiting)
    assert client.get(url(cast) + "?decided=true", headers=cast.bob.headers).json["items"] == []


def test_marta_maps_it_and_sonia_hears_of_it(
    client: FlaskClient, cast: Cast, phone: Phone, proposed: str
) -> None:
    path = url(cast, proposed, "acceptance")
    answer = client.post(path, json={"touchpoint": NEW}, headers=cast.marta.headers)
    assert answer.status_code == 201
    touchpoint = Touchpoint.get_by_id(answer.json["touchpoint_id"])
    assert (touchpoint.name, touchpoint.lifecycle) == ("The queue", "mapped")
    phone.pull()
    words = [(row["code"], row["record"]) for row in phone.rows["notices"].values()]
    assert words == [("proposal-accepted", f"touchpoint_proposals/{proposed}")]
    again = client.post(path, json={"touchpoint": NEW}, headers=cast.marta.headers)
    assert again.status_code == 409
    assert Touchpoint.select().where(Touchpoint.name == "The queue").count() == 1


def test_it_becomes_part_of_a_touchpoint_that_is_there(
    client: FlaskClient, cast: Cast, proposed: str
) -> None:
    known, foreign = (
        factories.touchpoint(cast.brand.id).id,
        factories.touchpoint(cast.other_brand.id).id,
    )
    path, headers = url(cast, proposed, "acceptance"), cast.marta.headers
    for wrong in ({}, {"touchpoint_id": known, "touchpoint": NEW}):
        assert client.post(path, json=wrong, headers=headers).status_code == 422
    heavy = client.post(path, json={"touchpoint": NEW | {"weight": 3}}, headers=headers)
    assert [one["pointer"] for one in heavy.json["errors"]] == ["/touchpoint/weight"]
    assert client.post(path, json={"touchpoint_id": foreign}, headers=headers).status_code == 404
    right = client.post(path, json={"touchpoint_id": known}, headers=headers)
    assert (right.status_code, right.json["touchpoint_id"]) == (201, known)


def test_it_is_declined_with_a_word(
    client: FlaskClient, cast: Cast, phone: Phone, proposed: str
) -> None:
    path = url(cast, proposed, "decline")
    answer = client.post(path, json={"message": "Next year."}, headers=cast.marta.headers)
    assert (answer.status_code, answer.json["decision"]) == (201, "declined")
    phone.pull()
    assert [row["message"] for row in phone.rows["notices"].values()] == ["Next year."]


def test_bob_may_not_decide_and_charlie_finds_nothing(
    client: FlaskClient, cast: Cast, proposed: str
) -> None:
    for verb in ("acceptance", "decline"):
        path, body = url(cast, proposed, verb), {"touchpoint": NEW} if verb[0] == "a" else {}
        assert client.post(path, json=body, headers=cast.bob.headers).status_code == 403
        assert client.post(path, json=body, headers=cast.charlie.headers).status_code == 404
    for path in (url(cast), url(cast, proposed)):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404
        assert client.get(path, headers=cast.sonia.headers).status_code == 403
