"""Nobody decides on a report that they shopped themselves, whatever else they are in the brand."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs import drain
from server.domain.actor import Role
from server.models import Claim, Edition, Message, Rating, Review
from server.services import photos
from tests import factories, visits
from tests.cast import Cast, Person
from tests.phone import Phone, answer, photo, visit
from tests.pictures import develop_all, drawn, sha256

STAFF = ("alice", "marta", "bob")
EDIT = {"item_key": "words", "field": "value", "text": "Mended."}
REPORT = (
    ("GET", "", None),
    ("POST", "/closure", None),
    ("GET", "/revisions/1", None),
    ("POST", "/revisions/1/approval", {}),
    ("POST", "/revisions/1/return", {"message": "?"}),
    ("POST", "/revisions/1/rejection", {"message": "?"}),
    ("POST", "/revisions/1/withdrawal", {"message": "?"}),
    ("POST", "/revisions/1/claim", None),
    ("DELETE", "/revisions/1/claim", None),
    ("PUT", "/revisions/1/rating", {"rating": 5}),
    ("GET", "/revisions/1/redactions", None),
    ("GET", "/revisions/1/editions", None),
    ("POST", "/revisions/1/editions", {"edits": [EDIT]}),
)
"""What can be asked of a report, or done with it, by who did not shop it."""


def shop(client: FlaskClient, cast: Cast, person: Person) -> str:
    """A submitted report of somebody who shops for the brand, too; its id."""
    if person is not cast.sonia:
        factories.membership(person.account_id, cast.brand.id, Role.SHOPPER)
    made = visits.assignment(cast.brand.id, person.account_id)
    rows = visit(made.id, answer_count=3, photo_count=1)
    rows["answers"].append(answer(made.id, "words", "They were slow."))
    data = drawn(5)
    photo_id = f"of-{made.id}"
    rows["photos"] = [photo(photo_id, made.id, sha256=sha256(data), bytes=len(data))]
    Phone(client, person).push(rows)
    photos.take_in(person.account_id, photo_id, [data], sha256=sha256(data), length=len(data))
    for kind in ("revision.frozen", "report.unflagged"):
        drain.drain(kind)
    develop_all()
    return f"{made.id}.1"


def ask(client: FlaskClient, cast: Cast, person: Person, path: str, **query: Any) -> Any:
    url = f"/v1/brands/{cast.brand.id}/{path}"
    answered = client.get(url, query_string=query, headers=person.headers)
    assert answered.status_code == 200, answered.text
    return answered.json


@pytest.mark.parametrize("name", STAFF)
def test_one_s_own_report_is_as_if_it_were_not_there(
    client: FlaskClient, cast: Cast, name: str
) -> None:
    person: Person = getattr(cast, name)
    own = shop(client, cast, person)
    for method, path, body in REPORT:
        told = []
        for report_id in (own, "not-there"):
            url = f"/v1/brands/{cast.brand.id}/reports/{report_id}{path}"
            refused = client.open(url, method=method, json=body, headers=person.headers)
            assert refused.status_code == 404, (method, path, refused.text)
            told.append(refused.json | {"detail": refused.json["detail"].replace(report_id, "")})
        assert told[0] == told[1], (method, path)
    for table in (Review, Claim, Rating, Edition):
        assert table.select().count() == 0, table


@pytest.mark.parametrize("name", STAFF)
def test_lists_and_counts_are_of_others_reports(client: FlaskClient, cast: Cast, name: str) -> None:
    person: Person = getattr(cast, name)
    own, other = shop(client, cast, person), shop(client, cast, cast.sonia)
    for path, key in (("reports", "id"), ("review-queue", "report_id")):
        assert [one[key] for one in ask(client, cast, person, path)["items"]] == [other], path
    counts = ask(client, cast, person, "review-queue/counts")
    assert (counts["waiting"], sum(counts["flags"].values())) == (1, len(counts["flags"]))
    assert ask(client, cast, person, "review-queue", shopper=person.account_id)["items"] == []
    assert own not in str(ask(client, cast, person, "review-queue"))


def test_others_decide_on_it_and_its_shopper_is_not_told_who(
    client: FlaskClient, cast: Cast
) -> None:
    own = shop(client, cast, cast.bob)
    url = f"/v1/brands/{cast.brand.id}/reports/{own}"
    marta = cast.marta.headers
    said = client.post(f"{url}/messages", json={"text": "Which till?"}, headers=marta)
    assert said.status_code == 201, said.text
    assert client.post(f"{url}/revisions/1/claim", headers=marta).status_code == 201
    due = {"message": "?", "due_at": "2099-01-01T00:00:00Z"}
    assert client.post(f"{url}/revisions/1/return", json=due, headers=marta).status_code == 201
    rated = client.put(f"{url}/revisions/1/rating", json={"rating": 4}, headers=marta)
    assert rated.status_code == 200, rated.text

    assert ask(client, cast, cast.bob, "messages")["items"] == []
    (message,) = ask(client, cast, cast.bob, f"reports/{own}/messages")["items"]
    assert (message["text"], message["author_id"]) == ("Which till?", None)
    answered = client.post(f"{url}/messages", json={"text": "The left."}, headers=cast.bob.headers)
    assert answered.json["author"] == "shopper"
    assert Message.select().count() == 2
    phone = Phone(client, cast.bob)
    phone.pull()
    (review,) = phone.rows["reviews"].values()
    assert (review["outcome"], "reviewer_id" in review) == ("returned", False)
    assert client.get("/v1/me/ratings", headers=cast.bob.headers).json["mean"] == 4
    assert cast.marta.account_id not in str(phone.rows)


def test_one_s_own_photos_bear_no_flags_and_are_marked_by_others(
    client: FlaskClient, cast: Cast
) -> None:
    own = shop(client, cast, cast.bob)
    url = f"/v1/photos/of-{own[:-2]}"
    assert client.get(url, headers=cast.bob.headers).json["flags"] is None
    assert client.get(url, headers=cast.marta.headers).json["flags"] is not None
    marks = {"marks": [{"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5, "kind": "face"}]}
    for person, read, written in ((cast.bob, 404, 404), (cast.marta, 200, 200)):
        assert client.get(f"{url}/marks", headers=person.headers).status_code == read
        edit = person.headers | {"If-Match": '"1"'}
        answered = client.put(f"{url}/marks", json=marks, headers=edit)
        assert answered.status_code == written, answered.text


def test_who_shopped_once_does_not_decide_later(client: FlaskClient, cast: Cast) -> None:
    own = shop(client, cast, cast.bob)
    roles = f"/v1/brands/{cast.brand.id}/members"
    listed = client.get(roles, query_string={"limit": 100}, headers=cast.alice.headers).json
    (shops,) = [
        one
        for one in listed["items"]
        if (one["account_id"], one["role"]) == (cast.bob.account_id, "shopper")
    ]
    gone = client.delete(
        f"{roles}/{shops['id']}", headers=cast.alice.headers | {"If-Match": f'"{shops["version"]}"'}
    )
    assert gone.status_code == 200, gone.text
    path = f"/v1/brands/{cast.brand.id}/reports/{own}/revisions/1/approval"
    assert client.post(path, json={}, headers=cast.bob.headers).status_code == 404
    assert client.post(path, json={}, headers=cast.marta.headers).status_code == 201
