"""/v1/brands/{brand}/regions"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server.domain.actor import Role
from server.models import Region
from tests import factories
from tests.cast import Cast


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/regions", *parts))


class Tree:
    """Italy ─ North ─ Milan, and South beside North."""

    def __init__(self, cast: Cast) -> None:
        brand = cast.brand.id
        self.italy = factories.region(brand, "Italy", code="IT")
        self.north = factories.region(brand, "North", self.italy)
        self.milan = factories.region(brand, "Milan", self.north)
        self.south = factories.region(brand, "South", self.italy)

    def path(self, name: str) -> str:
        return Region.get_by_id(getattr(self, name).id).path


@pytest.fixture
def tree(cast: Cast) -> Tree:
    return Tree(cast)


def edit(client: FlaskClient, cast: Cast, region: Any, change: dict[str, Any]) -> Any:
    headers = cast.alice.headers | {"If-Match": f'"{region.version}"'}
    return client.patch(url(cast, region.id), json=change, headers=headers)


def test_alice_plants_a_tree(client: FlaskClient, cast: Cast) -> None:
    root = client.post(url(cast), json={"name": "Italia"}, headers=cast.alice.headers)
    assert (root.status_code, root.json["parent_id"]) == (201, None)
    leaf = {"name": "Napoli", "code": "NA", "parent_id": root.json["id"]}
    made = client.post(url(cast), json=leaf, headers=cast.alice.headers).json
    assert client.get(url(cast, made["id"]), headers=cast.bob.headers).json["code"] == "NA"
    assert Region.get_by_id(made["id"]).path == f"{root.json['id']}/{made['id']}/"


def test_bob_may_not_and_charlie_finds_nothing(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    assert client.post(url(cast), json={"name": "X"}, headers=cast.bob.headers).status_code == 403
    for path in (url(cast), url(cast, tree.italy.id)):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404
        assert client.get(path).status_code == 401


def test_the_parent_is_a_live_region_of_the_brand(client: FlaskClient, cast: Cast) -> None:
    foreign = factories.region(cast.other_brand.id)
    archived = factories.region(cast.brand.id, archived_at=cast.brand.created_at)
    for parent in (foreign.id, archived.id, "nowhere"):
        new = {"name": "X", "parent_id": parent}
        answer = client.post(url(cast), json=new, headers=cast.alice.headers)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == "/parent_id"


def test_a_code_is_taken_once(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    again = client.post(url(cast), json={"name": "X", "code": "IT"}, headers=cast.alice.headers)
    assert (again.status_code, again.json["code"]) == (409, "duplicate")


def test_a_subtree_moves_whole(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    moved = edit(client, cast, tree.north, {"parent_id": tree.south.id})
    assert (moved.status_code, moved.json["parent_id"]) == (200, tree.south.id)
    assert tree.path("north") == f"{tree.italy.id}/{tree.south.id}/{tree.north.id}/"
    assert tree.path("milan") == tree.path("north") + f"{tree.milan.id}/"
    assert tree.path("south") == f"{tree.italy.id}/{tree.south.id}/"


def test_a_region_becomes_a_root(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    assert edit(client, cast, tree.north, {"parent_id": None, "name": "Nord"}).json["name"] == (
        "Nord"
    )
    assert tree.path("milan") == f"{tree.north.id}/{tree.milan.id}/"


@pytest.mark.parametrize("target", ["north", "milan"])
def test_no_region_goes_below_itself(
    client: FlaskClient, cast: Cast, tree: Tree, target: str
) -> None:
    before = tree.path("milan")
    refused = edit(client, cast, tree.north, {"parent_id": getattr(tree, target).id})
    assert refused.status_code == 409
    assert tree.path("milan") == before


def test_a_stale_move_moves_nothing(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    assert edit(client, cast, tree.north, {"name": "Nord"}).status_code == 200
    assert edit(client, cast, tree.north, {"parent_id": None}).status_code == 412
    assert tree.path("milan").startswith(tree.italy.id)


def test_a_rename_leaves_the_paths(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    before = tree.path("milan")
    assert edit(client, cast, tree.north, {"name": "Nord"}).json["version"] == 2
    assert tree.path("milan") == before


def test_the_depth_of_the_tree_is_bounded(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    deep = None
    for level in range(2000 // 33):
        deep = factories.region(cast.brand.id, f"level {level}", deep)
    assert deep is not None
    under = {"name": "X", "parent_id": deep.id}
    assert client.post(url(cast), json=under, headers=cast.alice.headers).status_code == 422
    assert edit(client, cast, tree.north, {"parent_id": deep.id}).status_code == 422
    assert tree.path("north") == f"{tree.italy.id}/{tree.north.id}/"


def test_only_an_empty_region_is_archived(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    headers = cast.alice.headers | {"If-Match": '"1"'}
    store = factories.store(cast.brand.id, region_id=tree.north.id)
    refused = client.delete(url(cast, tree.north.id), headers=headers)
    assert refused.status_code == 409
    assert (refused.json["stores"], refused.json["regions"]) == (1, 1)
    assert client.delete(url(cast, tree.milan.id), headers=headers).status_code == 200
    store.region_id = tree.south.id
    store.save()
    assert client.delete(url(cast, tree.north.id), headers=headers).status_code == 200
    names = [item["name"] for item in client.get(url(cast), headers=headers).json["items"]]
    assert names == ["Italy", "South"]


def test_managers_see_their_own(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    store = factories.store(cast.brand.id, region_id=tree.milan.id)
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=tree.north.id)
    sam = cast.person("sam", Role.STORE_MANAGER, store_id=store.id)
    for person, seen in ((rita, ["North", "Milan"]), (sam, ["Milan"])):
        items = client.get(url(cast), headers=person.headers).json["items"]
        assert [item["name"] for item in items] == seen
        assert client.get(url(cast, tree.south.id), headers=person.headers).status_code == 404
        new = client.post(url(cast), json={"name": "X"}, headers=person.headers)
        assert new.status_code == 403


def test_a_list_within_a_subtree(client: FlaskClient, cast: Cast, tree: Tree) -> None:
    headers = cast.bob.headers
    within = client.get(url(cast), query_string={"within": tree.north.id}, headers=headers)
    assert [item["name"] for item in within.json["items"]] == ["North", "Milan"]
    unknown = client.get(url(cast), query_string={"within": "x"}, headers=headers)
    assert unknown.status_code == 404


def test_a_list_is_two_queries_however_long(client: FlaskClient, cast: Cast) -> None:
    manager = cast.person(
        "rita", Role.REGIONAL_MANAGER, region_id=factories.region(cast.brand.id, "Top").id
    )
    for person in (cast.bob, manager):
        for _ in range(2):
            factories.region(cast.brand.id)
            with count_queries() as counter:
                assert client.get(url(cast), headers=person.headers).status_code == 200
            assert counter.count == 2
