"""/v1/brands/{brand}/checklists"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import assert_query_count

from server.domain import checklist
from server.domain.actor import Role
from server.models import Checklist, ChecklistVersion, Touchpoint
from server.services import checklists, editing
from tests import factories
from tests.cast import Cast, Person


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/checklists", *parts))


def edit(person: Person, version: int) -> dict[str, str]:
    return person.headers | {"If-Match": f'"{version}"'}


def sound(cast: Cast) -> dict[str, Any]:
    """A draft that can be published."""
    return factories.draft(
        factories.touchpoint(cast.brand.id).id, factories.promise(cast.brand.id).id
    )


def begun(client: FlaskClient, cast: Cast, draft: Any) -> Any:
    body = {"title": "Visit", "draft": draft}
    answer = client.post(url(cast), json=body, headers=cast.alice.headers)
    assert answer.status_code == 201
    return answer.json


def test_alice_drafts_and_publishes(client: FlaskClient, cast: Cast) -> None:
    draft = sound(cast)
    made = begun(client, cast, draft)
    assert (made["problems"], made["published_number"]) == ([], 0)
    assert [one["pointer"] for one in made["warnings"]] == ["/draft/sections/0/items/0/touchpoint"]
    path = url(cast, made["id"], "versions")
    first = client.post(path, headers=edit(cast.alice, 1))
    assert (first.status_code, first.json["number"], first.json["title"]) == (201, 1, "Visit")
    assert first.json["locales"] == ["it", "en"]
    touchpoint = draft["sections"][0]["items"][0]["touchpoint"]
    copied = first.json["document"]["touchpoints"]
    assert copied == {
        touchpoint: {
            "name": "The welcome",
            "stage": "buy",
            "channel": "store",
            "interaction": "direct",
            "strategic": True,
            "sense": None,
            "need": None,
            "domain": None,
            "owner_unit": None,
            "weight": None,
        }
    }
    promise = draft["sections"][0]["items"][0]["promises"][0]["promise"]
    kept = {promise: {"target": 85.0, "depends_on": []}}
    assert first.json["document"]["promises"] == kept
    assert first.json["document"]["sections"] == draft["sections"]
    second = client.post(path, headers=edit(cast.alice, 2))
    assert second.json["number"] == 2
    assert client.get(url(cast, made["id"]), headers=cast.bob.headers).json["published_number"] == 2


def test_a_version_never_changes(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, sound(cast))
    path = url(cast, made["id"], "versions")
    client.post(path, headers=edit(cast.alice, 1))
    published = client.get(f"{path}/1", headers=cast.bob.headers).json
    changed = client.patch(
        url(cast, made["id"]), json={"draft": {}, "title": "Other"}, headers=edit(cast.alice, 2)
    )
    assert changed.status_code == 200
    assert changed.json["problems"]
    assert client.get(f"{path}/1", headers=cast.bob.headers).json == published
    for method in (client.patch, client.put, client.delete):
        assert method(f"{path}/1", json={}, headers=cast.alice.headers).status_code == 405


def test_an_incomplete_draft_is_kept_and_not_published(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, {"title": {"it": "Visita"}, "notes": "to do"})
    assert made["draft"] == {"title": {"it": "Visita"}, "notes": "to do"}
    named = {each["pointer"] for each in made["problems"]}
    assert named == {"/draft/title/en", "/draft/notes", "/draft/sections"}
    refused = client.post(url(cast, made["id"], "versions"), headers=edit(cast.alice, 1))
    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json["errors"]} == named
    assert ChecklistVersion.select().count() == 0
    assert Checklist.get().published_number == 0


def test_foreign_and_archived_things_are_not_linked(client: FlaskClient, cast: Cast) -> None:
    draft = factories.draft(
        factories.touchpoint(cast.other_brand.id).id,
        factories.promise(cast.brand.id, archived_at=cast.brand.created_at).id,
    )
    named = {each["pointer"] for each in begun(client, cast, draft)["problems"]}
    items = [f"/draft/sections/0/items/{index}" for index in (0, 1)]
    assert named == {
        f"{item}/{link}" for item in items for link in ("touchpoint", "promises/0/promise")
    }


def test_a_version_keeps_what_its_moment_of_truth_weighed(client: FlaskClient, cast: Cast) -> None:
    draft = sound(cast)
    first, second = draft["sections"][0]["items"]
    touchpoint = Touchpoint.get_by_id(first["touchpoint"])
    second["touchpoint"] = factories.touchpoint(cast.brand.id, name="The till").id
    editing.change(touchpoint, 1, {"weight": 3.0})
    made = begun(client, cast, draft)
    path = url(cast, made["id"], "versions")
    published = client.post(path, headers=edit(cast.alice, 1)).json
    assert "weight" not in published["document"]["sections"][0]["items"][0]
    editing.change(touchpoint, 2, {"weight": 9.0})
    client.post(path, headers=edit(cast.alice, 2))
    for number, share in ((1, 0.75), (2, 0.9)):
        found = client.get(f"{path}/{number}/weighting", headers=cast.bob.headers).json["shares"]
        assert found["touchpoint"][touchpoint.id] == share
    changes = client.get(f"{path}/2/changes?since=1", headers=cast.bob.headers).json["items"]
    assert {"what": "item", "key": first["key"], "kind": "changed", "fields": ["weight"]} in changes


def test_publishing_needs_the_draft_that_was_seen(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, sound(cast))
    client.patch(url(cast, made["id"]), json={"title": "New"}, headers=edit(cast.alice, 1))
    path = url(cast, made["id"], "versions")
    assert client.post(path, headers=cast.alice.headers).status_code == 428
    assert client.post(path, headers=edit(cast.alice, 1)).status_code == 412
    assert client.post(path, headers=edit(cast.alice, 2)).status_code == 201


def test_an_archived_checklist_is_not_published(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, sound(cast))
    assert client.delete(url(cast, made["id"]), headers=edit(cast.alice, 1)).status_code == 200
    assert client.get(url(cast), headers=cast.bob.headers).json["items"] == []
    refused = client.post(url(cast, made["id"], "versions"), headers=edit(cast.alice, 2))
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


def test_who_may(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, sound(cast))
    path = url(cast, made["id"])
    body = {"title": "Bob's", "draft": {}}
    store = factories.store(cast.brand.id)
    greta = cast.person("greta", Role.STORE_MANAGER, store_id=store.id)
    for person in (cast.bob, greta):
        assert client.get(path, headers=person.headers).status_code == 200
        assert client.post(url(cast), json=body, headers=person.headers).status_code == 403
        assert client.patch(path, json=body, headers=edit(person, 1)).status_code == 403
        assert client.delete(path, headers=edit(person, 1)).status_code == 403
        assert client.post(f"{path}/versions", headers=edit(person, 1)).status_code == 403
    for there in (url(cast), path, f"{path}/versions"):
        assert client.get(there, headers=cast.sonia.headers).status_code == 403
        assert client.get(there, headers=cast.charlie.headers).status_code == 404
        assert client.get(there).status_code == 401
    assert client.post(f"{path}/versions", headers=edit(cast.charlie, 1)).status_code == 404


def test_another_brands_version_is_not_found(client: FlaskClient, cast: Cast) -> None:
    foreign = factories.checklist_version(cast.other_brand.id)
    path = url(cast, foreign.checklist_id)
    for there in (path, f"{path}/versions", f"{path}/versions/1"):
        assert client.get(there, headers=cast.alice.headers).status_code == 404


@pytest.mark.parametrize("number", ["0", "2", "999999999999999999999", "x", "-1"])
def test_a_version_that_is_not_there(client: FlaskClient, cast: Cast, number: str) -> None:
    version = factories.checklist_version(cast.brand.id)
    path = url(cast, version.checklist_id, "versions", number)
    answer = client.get(path, headers=cast.alice.headers)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "draft",
    [None, [], "text", 7, {"notes": "x" * (1 << 20)}, pytest.param("deep", id="deep")],
)
def test_what_cannot_be_kept_is_refused(client: FlaskClient, cast: Cast, draft: Any) -> None:
    if draft == "deep":
        draft = {}
        for _ in range(40):
            draft = {"inner": [draft]}
    body = {"title": "Visit", "draft": draft}
    refused = client.post(url(cast), json=body, headers=cast.alice.headers)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == ["/draft"]
    assert Checklist.select().count() == 0


def test_a_hostile_draft_is_kept_and_named(client: FlaskClient, cast: Cast) -> None:
    draft = {
        "title": {"it": "\x00", "en": 1e308},
        "sections": [{"items": [None, {"min": -1e308, "max": 1e308, "type": "scale"}]}],
    }
    made = begun(client, cast, draft)
    assert made["draft"] == draft
    assert {"/draft/title/it", "/draft/title/en", "/draft/sections/0/items/0"} <= {
        each["pointer"] for each in made["problems"]
    }


def test_a_page_costs_one_query(client: FlaskClient, cast: Cast) -> None:
    for _ in range(5):
        factories.checklist_version(cast.brand.id)
    headers = cast.bob.headers
    with assert_query_count(2):  # who asks, and the page
        page = client.get(url(cast), headers=headers).json["items"]
    assert len(page) == 5
    assert "draft" not in page[0]
    with assert_query_count(3):
        path = url(cast, page[0]["id"], "versions")
        assert len(client.get(path, headers=headers).json["items"]) == 1


def test_published_versions_are_read_once(cast: Cast) -> None:
    made = [factories.checklist_version(cast.brand.id) for _ in range(3)]
    ids = [version.id for version in made]
    with assert_query_count(1):
        assert checklists.versions([*ids, "unknown"]).keys() == set(ids)
    with assert_query_count(0):
        assert checklists.version(ids[0]).number == 1
        document = checklists.document(ids[0])
    assert isinstance(document, checklist.Document)
    assert [item.key for item in document.items()] == ["greeted", "smile"]


def test_a_draft_is_tried_and_nothing_is_kept(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, sound(cast))
    path = url(cast, made["id"], "trial")
    tried = client.post(path, json={"values": {"smile": 3}}, headers=cast.bob.headers)
    assert tried.status_code == 200
    assert (tried.json["seen"], tried.json["missing"]) == (["greeted", "smile"], ["greeted"])
    assert tried.json["scores"]["visit"] == 50
    assert tried.json["coverage"] == 0.5
    wrong = client.post(path, json={"values": {"greeted": "yes"}}, headers=cast.bob.headers).json
    assert (wrong["unfit"], wrong["scores"]) == (["greeted"], {})
    unknown = {"values": {"smiel": 3}, "notes": {"greeted": "At once."}, "photos": {"door": 1}}
    named = client.post(path, json=unknown, headers=cast.bob.headers).json["unfit"]
    assert named == ["smiel", "door"]
    assert client.post(path, json={}, headers=cast.sonia.headers).status_code == 403
    assert client.post(path, json={}, headers=cast.charlie.headers).status_code == 404


def test_an_unsound_draft_is_not_tried(client: FlaskClient, cast: Cast) -> None:
    made = begun(client, cast, {"title": {}})
    refused = client.post(url(cast, made["id"], "trial"), json={}, headers=cast.alice.headers)
    assert refused.status_code == 422
    assert refused.json["errors"] == made["problems"]


def test_what_changed_between_versions(client: FlaskClient, cast: Cast) -> None:
    draft = sound(cast)
    made = begun(client, cast, draft)
    path = url(cast, made["id"])
    client.post(f"{path}/versions", headers=edit(cast.alice, 1))
    items = draft["sections"][0]["items"]
    items[0] |= {"weight": 3, "required": False}
    items[1] |= {"key": "warmth"}
    client.patch(path, json={"draft": draft}, headers=edit(cast.alice, 2))
    client.post(f"{path}/versions", headers=edit(cast.alice, 3))
    changed = client.get(f"{path}/versions/2/changes?since=1", headers=cast.bob.headers).json
    assert changed["items"] == [
        {"kind": "changed", "what": "item", "key": "greeted", "fields": ["required", "weight"]},
        {"kind": "added", "what": "item", "key": "warmth", "fields": []},
        {"kind": "removed", "what": "item", "key": "smile", "fields": []},
    ]
    gone = client.get(f"{path}/versions/2/changes?since=9", headers=cast.bob.headers)
    assert gone.status_code == 404
    assert client.get(f"{path}/versions/2/changes", headers=cast.bob.headers).status_code == 422


def test_a_key_keeps_its_type_for_ever(client: FlaskClient, cast: Cast) -> None:
    draft = sound(cast)
    made = begun(client, cast, draft)
    path = url(cast, made["id"])
    client.post(f"{path}/versions", headers=edit(cast.alice, 1))
    draft["sections"][0]["items"][1] |= {"type": "nps", "anchors": {}, "weight": 0}
    for name in ("min", "max", "step"):
        del draft["sections"][0]["items"][1][name]
    changed = client.patch(path, json={"draft": draft}, headers=edit(cast.alice, 2)).json
    assert [each["pointer"] for each in changed["problems"]] == ["/draft/sections/0/items/1/key"]
    assert client.post(f"{path}/versions", headers=edit(cast.alice, 3)).status_code == 422
