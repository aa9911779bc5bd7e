"""/v1/brands/{brand}/promises"""

from flask.testing import FlaskClient

from server.models import Promise
from tests import factories
from tests.cast import Cast

NEW = {"kind": "explicit", "adjective": "concrete", "statement": "We say how.", "target": 80}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/promises", *parts))


def test_alice_makes_a_promise_and_bob_reads_it(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json=NEW, headers=cast.alice.headers)
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    read = client.get(url(cast, made.json["id"]), headers=cast.bob.headers)
    assert read.status_code == 200
    assert read.json["adjective"] == "concrete"
    assert read.json["weight"] == 1.0


def test_bob_may_not_make_one(client: FlaskClient, cast: Cast) -> None:
    refused = client.post(url(cast), json=NEW, headers=cast.bob.headers)
    assert refused.status_code == 403
    assert refused.json["code"] == "forbidden"


def test_charlie_finds_nothing(client: FlaskClient, cast: Cast) -> None:
    promise = factories.promise(cast.brand.id)
    for path in (url(cast), url(cast, promise.id)):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404


def test_a_promise_of_another_brand_is_not_found(client: FlaskClient, cast: Cast) -> None:
    foreign = factories.promise(cast.other_brand.id)
    answer = client.get(url(cast, foreign.id), headers=cast.alice.headers)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_without_a_token_nothing(client: FlaskClient, cast: Cast) -> None:
    answer = client.get(url(cast))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_wrong_field_is_named(client: FlaskClient, cast: Cast) -> None:
    wrong = {"kind": "loud", "adjective": "a\x00b", "target": "80", "weight": 0, "colour": 1}
    answer = client.post(url(cast), json=wrong, headers=cast.alice.headers)
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/kind", "/adjective", "/statement", "/target", "/weight", "/colour"}
    assert Promise.select().count() == 0


def test_an_edit_needs_the_current_version(client: FlaskClient, cast: Cast) -> None:
    path = url(cast, factories.promise(cast.brand.id).id)
    headers = cast.alice.headers
    assert client.patch(path, json={"target": 90}, headers=headers).status_code == 428
    first = client.patch(path, json={"target": 90}, headers=headers | {"If-Match": '"1"'})
    assert (first.status_code, first.json["target"], first.headers["ETag"]) == (200, 90, '"2"')
    stale = client.patch(path, json={"target": 70}, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412
    assert client.get(path, headers=headers).json["target"] == 90


def test_an_empty_change_is_refused(client: FlaskClient, cast: Cast) -> None:
    path = url(cast, factories.promise(cast.brand.id).id)
    headers = cast.alice.headers | {"If-Match": '"1"'}
    assert client.patch(path, json={}, headers=headers).status_code == 422


def test_archived_promises_leave_the_list(client: FlaskClient, cast: Cast) -> None:
    promise = factories.promise(cast.brand.id)
    headers = cast.alice.headers
    gone = client.delete(url(cast, promise.id), headers=headers | {"If-Match": '"1"'})
    assert gone.status_code == 200
    assert client.get(url(cast), headers=headers).json["items"] == []
    kept = client.get(url(cast) + "?archived=true", headers=headers).json["items"]
    assert [item["id"] for item in kept] == [promise.id]


def test_pages_hold_every_promise_once(client: FlaskClient, cast: Cast) -> None:
    made = {factories.promise(cast.brand.id).id for _ in range(5)}
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(url(cast), query_string=query, headers=cast.bob.headers).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    bad = client.get(url(cast) + "?cursor=%00", headers=cast.bob.headers)
    assert bad.status_code == 422


def test_a_promise_speaks_several_languages_and_says_where_it_comes_from(
    client: FlaskClient, cast: Cast
) -> None:
    texts = {"it": {"adjective": "concreta", "statement": "Ti diciamo come."}}
    new = NEW | {"translations": texts, "question": "future"}
    made = client.post(url(cast), json=new, headers=cast.alice.headers)
    assert (made.json["translations"], made.json["question"]) == (texts, "future")
    wrong = NEW | {"translations": {"ITALIAN!": {"adjective": "x"}}, "question": "colour"}
    answer = client.post(url(cast), json=wrong, headers=cast.alice.headers)
    assert answer.status_code == 422
    assert {error["pointer"].split("/")[1] for error in answer.json["errors"]} == {
        "translations",
        "question",
    }


def test_promises_depend_on_each_other_but_not_in_a_circle(client: FlaskClient, cast: Cast) -> None:
    certainty = factories.promise(cast.brand.id)
    headers = cast.alice.headers
    control = client.post(url(cast), json=NEW | {"depends_on": [certainty.id]}, headers=headers)
    assert control.json["depends_on"] == [certainty.id]
    circle = client.patch(
        url(cast, certainty.id),
        json={"depends_on": [control.json["id"]]},
        headers=headers | {"If-Match": '"1"'},
    )
    assert circle.status_code == 422
    assert circle.json["errors"][0]["pointer"] == "/depends_on"
    itself = client.patch(
        url(cast, certainty.id),
        json={"depends_on": [certainty.id]},
        headers=headers | {"If-Match": '"1"'},
    )
    assert itself.status_code == 422


def test_a_promise_depends_on_live_ones_of_its_brand_only(client: FlaskClient, cast: Cast) -> None:
    foreign = factories.promise(cast.other_brand.id)
    new = NEW | {"depends_on": [factories.promise(cast.brand.id).id, foreign.id]}
    answer = client.post(url(cast), json=new, headers=cast.alice.headers)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/depends_on/1"]
