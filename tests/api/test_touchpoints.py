"""/v1/brands/{brand}/touchpoints"""

import threading

from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server.app import create_app
from server.config import Settings
from server.db import connected
from server.models import Touchpoint
from tests import factories
from tests.cast import Cast
from tests.services.test_feeds import run

NEW = {"name": "The shop window", "stage": "discover", "channel": "store"}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/touchpoints", *parts))


def test_alice_maps_a_touchpoint_and_bob_reads_it(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json=NEW, headers=cast.alice.headers)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    read = client.get(url(cast, made.json["id"]), headers=cast.bob.headers)
    assert read.json == made.json
    assert (read.json["lifecycle"], read.json["owner_unit"]) == ("mapped", None)


def test_a_map_says_what_customers_expect_and_what_could_be(
    client: FlaskClient, cast: Cast
) -> None:
    said = {
        "interaction": "indirect",
        "lifecycle": "strategic",
        "sense": "see",
        "need": "relational",
        "domain": "marketing",
        "expectation": "It is lit at night.",
        "weakness": "It is dark.",
        "opportunity": "A lamp.",
    }
    made = client.post(url(cast), json=NEW | said, headers=cast.alice.headers)
    assert made.json | said == made.json


def test_only_what_was_chosen_has_a_weight(client: FlaskClient, cast: Cast) -> None:
    headers = cast.alice.headers
    refused = client.post(url(cast), json=NEW | {"weight": 3}, headers=headers)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json["errors"]] == ["/weight"]
    strategic = NEW | {"lifecycle": "strategic", "weight": 3}
    made = client.post(url(cast), json=strategic, headers=headers).json
    assert made["weight"] == 3.0
    path, edit = url(cast, made["id"]), headers | {"If-Match": '"1"'}
    given_up = client.patch(path, json={"lifecycle": "mapped"}, headers=edit)
    assert given_up.json["errors"][0]["pointer"] == "/weight"
    both = client.patch(path, json={"lifecycle": "mapped", "weight": None}, headers=edit)
    assert (both.status_code, both.json["weight"]) == (200, None)


def test_bob_may_not_map_and_charlie_finds_nothing(client: FlaskClient, cast: Cast) -> None:
    assert client.post(url(cast), json=NEW, headers=cast.bob.headers).status_code == 403
    touchpoint = factories.touchpoint(cast.brand.id)
    for path in (url(cast), url(cast, touchpoint.id)):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404
    foreign = factories.touchpoint(cast.other_brand.id)
    headers = cast.alice.headers | {"If-Match": '"1"'}
    assert client.get(url(cast, foreign.id), headers=headers).status_code == 404
    edit = client.patch(url(cast, foreign.id), json={"name": "Mine"}, headers=headers)
    assert edit.status_code == 404
    assert client.get(url(cast)).status_code == 401


def test_stage_and_channel_are_of_the_journey(client: FlaskClient, cast: Cast) -> None:
    wrong = NEW | {"stage": "sleep", "channel": "dream", "lifecycle": "born"}
    answer = client.post(url(cast), json=wrong, headers=cast.alice.headers)
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/stage", "/channel", "/lifecycle"}
    assert Touchpoint.select().count() == 0


def test_an_edit_needs_the_current_version(client: FlaskClient, cast: Cast) -> None:
    path, headers = url(cast, factories.touchpoint(cast.brand.id).id), cast.alice.headers
    change = {"lifecycle": "mapped", "owner_unit": "Visual"}
    assert client.patch(path, json=change, headers=headers).status_code == 428
    first = client.patch(path, json=change, headers=headers | {"If-Match": '"1"'})
    assert (first.status_code, first.json["owner_unit"], first.json["version"]) == (
        200,
        "Visual",
        2,
    )
    stale = client.patch(path, json={"name": "Late"}, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412


def test_archived_touchpoints_leave_the_list(client: FlaskClient, cast: Cast) -> None:
    kept, gone = factories.touchpoint(cast.brand.id), factories.touchpoint(cast.brand.id)
    headers = cast.alice.headers
    client.delete(url(cast, gone.id), headers=headers | {"If-Match": '"1"'})
    listed = client.get(url(cast), headers=headers).json["items"]
    assert [item["id"] for item in listed] == [kept.id]
    both = client.get(url(cast) + "?archived=true", headers=headers).json["items"]
    assert {item["id"] for item in both} == {kept.id, gone.id}


def test_a_list_is_two_queries_however_long(client: FlaskClient, cast: Cast) -> None:
    headers = cast.bob.headers
    for made in range(1, 4):
        factories.touchpoint(cast.brand.id)
        with count_queries() as counter:
            listed = client.get(url(cast), headers=headers)
        assert (len(listed.json["items"]), counter.count) == (made, 2)


def test_edits_of_any_version_at_once_are_all_taken(committing: str, settings: Settings) -> None:
    with connected():
        cast = Cast()
        place = url(cast, factories.touchpoint(cast.brand.id).id)
        headers = cast.alice.headers | {"If-Match": "*"}
    app, start, found = create_app(settings), threading.Barrier(4), []

    def edit() -> None:
        client = app.test_client()
        start.wait(30)
        for number in range(5):
            body = {"name": f"Window {number}"}
            found.append(client.patch(place, json=body, headers=headers).status_code)

    run(*[edit] * 4)
    assert found == [200] * 20
    with connected():
        assert Touchpoint.get().version == 21
