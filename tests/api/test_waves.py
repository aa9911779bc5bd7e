"""/v1/brands/{brand}/waves"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import assert_query_count

from server.models import Event, Wave
from tests import factories
from tests.cast import Cast

WINDOW = {"opens_at": "2026-09-01T08:00:00+02:00", "closes_at": "2026-09-30T22:00:00+02:00"}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/waves", *parts))


def new(cast: Cast, **values: Any) -> dict[str, Any]:
    version_id = values.pop("checklist_version_id", None)
    version_id = version_id or factories.checklist_version(cast.brand.id).id
    return {"name": "Autumn", "checklist_version_id": version_id} | WINDOW | values


def test_alice_plans_a_wave_and_bob_reads_it(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json=new(cast), headers=cast.alice.headers)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.json["opens_at"] == "2026-09-01T06:00:00+00:00"
    read = client.get(url(cast, made.json["id"]), headers=cast.bob.headers)
    assert read.json == made.json


def test_only_a_published_checklist_of_the_brand(client: FlaskClient, cast: Cast) -> None:
    published = factories.checklist_version(cast.brand.id)
    foreign = factories.checklist_version(cast.other_brand.id)
    for wrong in (foreign.id, published.checklist_id, "nothing"):
        body = new(cast, checklist_version_id=wrong, opens_at=WINDOW["closes_at"])
        refused = client.post(url(cast), json=body, headers=cast.alice.headers)
        assert refused.status_code == 422
        pointers = [each["pointer"] for each in refused.json["errors"]]
        assert pointers == ["/checklist_version_id", "/closes_at"]
    assert Wave.select().count() == 0


def test_a_window_never_becomes_empty(client: FlaskClient, cast: Cast) -> None:
    wave = factories.wave(cast.brand.id)
    headers = cast.alice.headers | {"If-Match": '"1"'}
    body = {"closes_at": "2001-01-01T00:00:00Z"}
    refused = client.patch(url(cast, wave.id), json=body, headers=headers)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == ["/closes_at"]


@pytest.mark.parametrize(
    "wrong",
    [{"opens_at": "2026-09-01"}, {"opens_at": 5}, {"name": ""}, {"name": "a\x00"}, {"x": 1}],
)
def test_wrong_fields_are_named(client: FlaskClient, cast: Cast, wrong: dict[str, Any]) -> None:
    refused = client.post(url(cast), json=new(cast, **wrong), headers=cast.alice.headers)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == [f"/{next(iter(wrong))}"]


def test_an_edit_needs_the_current_version_and_tells_of_a_name(
    client: FlaskClient, cast: Cast
) -> None:
    path, headers = url(cast, factories.wave(cast.brand.id).id), cast.alice.headers
    assert client.patch(path, json={"name": "Late"}, headers=headers).status_code == 428
    moved = client.patch(path, json=WINDOW, headers=headers | {"If-Match": '"1"'})
    assert moved.status_code == 200
    assert Event.select().where(Event.kind == "wave.changed").count() == 0
    named = client.patch(path, json={"name": "Late"}, headers=headers | {"If-Match": '"2"'})
    assert (named.status_code, named.json["name"]) == (200, "Late")
    assert Event.select().where(Event.kind == "wave.changed").count() == 1
    stale = client.patch(path, json={"name": "Old"}, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412


def test_archived_waves_leave_the_list(client: FlaskClient, cast: Cast) -> None:
    wave = factories.wave(cast.brand.id)
    headers = cast.alice.headers | {"If-Match": '"1"'}
    assert client.delete(url(cast, wave.id), headers=headers).status_code == 200
    assert client.get(url(cast), headers=headers).json["items"] == []
    kept = client.get(url(cast) + "?archived=true", headers=headers).json["items"]
    assert [each["id"] for each in kept] == [wave.id]


def test_who_may(client: FlaskClient, cast: Cast) -> None:
    wave = factories.wave(cast.brand.id)
    path, changes = url(cast, wave.id), {"name": "Mine"}
    versioned = {"If-Match": '"1"'}
    for person, status in ((cast.bob, 403), (cast.sonia, 403), (cast.charlie, 404)):
        headers = person.headers | versioned
        assert client.post(url(cast), json=new(cast), headers=headers).status_code == status
        assert client.patch(path, json=changes, headers=headers).status_code == status
        assert client.delete(path, headers=headers).status_code == status
    for person, status in ((cast.sonia, 403), (cast.charlie, 404)):
        assert client.get(path, headers=person.headers).status_code == status
        assert client.get(url(cast), headers=person.headers).status_code == status
    assert client.get(path).status_code == 401
    foreign = factories.wave(cast.other_brand.id)
    assert client.get(url(cast, foreign.id), headers=cast.alice.headers).status_code == 404


def test_a_page_costs_one_query(client: FlaskClient, cast: Cast) -> None:
    version = factories.checklist_version(cast.brand.id)
    for _ in range(5):
        factories.wave(cast.brand.id, version.id)
    headers = cast.bob.headers
    with assert_query_count(2):  # who asks, and the page
        assert len(client.get(url(cast), headers=headers).json["items"]) == 5


@pytest.mark.parametrize("strange", ["%00", "%ED%A0%80", "%FF", "x" * 4000])
def test_ids_that_cannot_be(client: FlaskClient, cast: Cast, strange: str) -> None:
    headers = cast.alice.headers
    for path in (url(cast, strange), f"/v1/brands/{strange}/waves"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
