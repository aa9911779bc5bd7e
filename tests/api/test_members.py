"""/v1/brands/{brand}/members"""

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import assert_query_count

from server import clock
from server.domain.actor import Role
from server.models import Account, Membership, Region
from server.services import accounts
from tests import factories
from tests.cast import Cast
from tests.factories import PASSWORD

NEW = {
    "email": "Dora@Example.org",
    "name": "Dora",
    "password": "a first password",
    "role": "shopper",
}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/members", *parts))


def matching(version: int, headers: dict[str, str]) -> dict[str, str]:
    return headers | {"If-Match": f'"{version}"'}


def membership_of(account_id: str) -> Membership:
    return Membership.get(Membership.account_id == account_id)


def test_alice_lets_a_new_person_in(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json=NEW, headers=cast.alice.headers)
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    assert (made.json["email"], made.json["name"]) == ("dora@example.org", "Dora")
    assert accounts.authenticate("dora@example.org", "a first password") is not None
    read = client.get(url(cast, made.json["id"]), headers=cast.marta.headers)
    assert read.json == made.json


def test_who_is_in_the_brand_gets_a_further_role(client: FlaskClient, cast: Cast) -> None:
    factories.membership(factories.login("dora").id, cast.brand.id, Role.SHOPPER)
    further = {"email": NEW["email"], "role": "reviewer"}
    given = client.post(url(cast), json=NEW | further, headers=cast.alice.headers)
    assert given.status_code == 422
    assert [each["pointer"] for each in given.json["errors"]] == ["/name", "/password"]
    made = client.post(url(cast), json=further, headers=cast.alice.headers)
    assert (made.status_code, made.json["name"]) == (201, "Dora")
    assert accounts.authenticate("dora@example.org", PASSWORD) is not None


def test_nothing_is_told_of_an_account_of_other_brands(client: FlaskClient, cast: Cast) -> None:
    stranger = factories.login("dora")
    factories.membership(stranger.id, cast.other_brand.id, Role.SHOPPER)
    refused = client.post(url(cast), json=NEW | {"name": "Mallory"}, headers=cast.alice.headers)
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate")
    assert "Dora" not in refused.text
    assert stranger.id not in refused.text
    assert Membership.select().where(Membership.brand_id == cast.brand.id).count() == 1
    assert accounts.authenticate("dora@example.org", PASSWORD) is not None


def test_a_new_account_needs_name_and_password(client: FlaskClient, cast: Cast) -> None:
    bare = {"email": NEW["email"], "role": "shopper"}
    refused = client.post(url(cast), json=bare, headers=cast.alice.headers)
    assert [each["pointer"] for each in refused.json["errors"]] == ["/name", "/password"]


def test_only_administrators_change_members(client: FlaskClient, cast: Cast) -> None:
    sonia = membership_of(cast.sonia.account_id)
    manager, bob, charlie = cast.marta.headers, cast.bob.headers, cast.charlie.headers
    for headers, status in ((manager, 403), (bob, 403), (cast.sonia.headers, 403), (charlie, 404)):
        path, edit = url(cast, sonia.id), matching(1, headers)
        assert client.post(url(cast), json=NEW, headers=headers).status_code == status
        assert client.patch(path, json={"suspended": True}, headers=edit).status_code == status
        assert client.delete(path, headers=edit).status_code == status
    assert client.get(url(cast), headers=bob).status_code == 403
    assert client.get(url(cast), headers=charlie).status_code == 404
    assert membership_of(cast.sonia.account_id).version == 1


def test_the_list_holds_this_brand_alone_and_no_secrets(client: FlaskClient, cast: Cast) -> None:
    people = {cast.alice.account_id, cast.bob.account_id, cast.sonia.account_id}
    assert cast.charlie.account_id not in people
    answer = client.get(url(cast), headers=cast.alice.headers)
    assert {item["account_id"] for item in answer.json["items"]} == people
    assert "password" not in answer.text
    assert "hash" not in answer.text


def test_a_page_of_members_is_two_queries(client: FlaskClient, cast: Cast) -> None:
    """Who asks, and the page."""
    headers = cast.alice.headers
    for number in range(5):
        factories.membership(factories.account(f"p{number}").id, cast.brand.id, Role.SHOPPER)
    with assert_query_count(5):  # who asks, the page, an audit entry in its savepoint
        assert len(client.get(url(cast), headers=headers).json["items"]) == 6


@pytest.mark.parametrize(
    ("role", "bounds", "wrong"),
    [
        ("regional_manager", {}, {"/region_id"}),
        ("store_manager", {}, {"/store_id"}),
        ("regional_manager", {"region_id": "unknown"}, {"/region_id"}),
        ("regional_manager", {"region_id": "their"}, {"/region_id"}),
        ("store_manager", {"store_id": "their"}, {"/store_id"}),
        ("store_manager", {"store_id": "our", "region_id": "our"}, {"/region_id"}),
        ("regional_manager", {"store_id": "our"}, {"/region_id", "/store_id"}),
        ("shopper", {"region_id": "our"}, {"/region_id"}),
        ("admin", {"store_id": "our"}, {"/store_id"}),
        ("regional_manager", {"region_id": "our"}, set()),
        ("store_manager", {"store_id": "our"}, set()),
    ],
)
def test_bounds_fit_the_role(
    client: FlaskClient, cast: Cast, role: str, bounds: dict[str, str], wrong: set[str]
) -> None:
    ids = {
        ("region_id", "our"): factories.region(cast.brand.id).id,
        ("region_id", "their"): factories.region(cast.other_brand.id).id,
        ("store_id", "our"): factories.store(cast.brand.id).id,
        ("store_id", "their"): factories.store(cast.other_brand.id).id,
    }
    given = {key: ids.get((key, value), value) for key, value in bounds.items()}
    answer = client.post(url(cast), json=NEW | {"role": role} | given, headers=cast.alice.headers)
    assert {error["pointer"] for error in answer.json.get("errors", ())} == wrong
    assert answer.status_code == (422 if wrong else 201)
    assert Account.select().where(Account.email == "dora@example.org").exists() == (not wrong)


def test_a_bound_is_changed_but_not_taken_away(client: FlaskClient, cast: Cast) -> None:
    north, south = factories.region(cast.brand.id), factories.region(cast.brand.id, "South")
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=north.id)
    path = url(cast, membership_of(rita.account_id).id)
    headers = matching(1, cast.alice.headers)
    assert client.patch(path, json={"region_id": None}, headers=headers).status_code == 422
    moved = client.patch(path, json={"region_id": south.id}, headers=headers)
    assert (moved.status_code, moved.json["region_id"]) == (200, south.id)
    assert client.patch(path, json={"region_id": north.id}, headers=headers).status_code == 412


def test_an_archived_region_bounds_nobody_new(client: FlaskClient, cast: Cast) -> None:
    gone = factories.region(cast.brand.id)
    Region.update(archived_at=clock.now()).execute()
    body = NEW | {"role": "regional_manager", "region_id": gone.id}
    assert client.post(url(cast), json=body, headers=cast.alice.headers).status_code == 422


def test_archived_at_once_and_taken_up_again(client: FlaskClient, cast: Cast) -> None:
    headers, bob = cast.alice.headers, cast.bob
    path = url(cast, membership_of(bob.account_id).id)
    brand = f"/v1/brands/{cast.brand.id}"
    assert client.get(brand, headers=bob.headers).status_code == 200
    assert client.delete(path, headers=matching(1, headers)).status_code == 200
    assert client.get(brand, headers=bob.headers).status_code == 404
    body = {"email": "bob@example.org", "role": "reviewer"}
    again = client.post(url(cast), json=body, headers=headers)
    assert (again.status_code, again.json["version"]) == (201, 3)
    assert client.get(brand, headers=bob.headers).status_code == 200
    assert client.post(url(cast), json=body, headers=headers).status_code == 409


def test_a_suspended_reviewer_is_out_at_once(client: FlaskClient, cast: Cast) -> None:
    path = url(cast, membership_of(cast.bob.account_id).id)
    headers = matching(1, cast.alice.headers)
    assert client.patch(path, json={"suspended": True}, headers=headers).status_code == 200
    brand = f"/v1/brands/{cast.brand.id}"
    assert client.get(brand, headers=cast.bob.headers).status_code == 404


def test_the_last_administrator_stays(client: FlaskClient, cast: Cast) -> None:
    path = url(cast, membership_of(cast.alice.account_id).id)
    headers = matching(1, cast.alice.headers)
    assert client.delete(path, headers=headers).status_code == 409
    assert client.patch(path, json={"suspended": True}, headers=headers).status_code == 409
    cast.person("anna", Role.ADMIN)
    assert client.delete(path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"email": "no address"}, "/email"),
        ({"password": "short"}, "/password"),
        ({"role": "integrator"}, "/role"),
        ({"role": "king"}, "/role"),
        ({"name": ""}, "/name"),
        ({"name": "a\x00"}, "/name"),
    ],
)
def test_wrong_fields_are_named(
    client: FlaskClient, cast: Cast, changed: dict[str, str], pointer: str
) -> None:
    answer = client.post(url(cast), json=NEW | changed, headers=cast.alice.headers)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
