"""/v1/me/devices and /v1/brands/{brand}/members/{member}/devices"""

from flask.testing import FlaskClient

from server.domain.actor import Role
from server.models import Device, Membership
from server.services import auth, refresh_tokens
from tests import factories
from tests.cast import Cast, Person

MINE = "/v1/me/devices"


def member(cast: Cast, person: Person) -> str:
    mine = (Membership.account_id == person.account_id) & (Membership.brand_id == cast.brand.id)
    return f"/v1/brands/{cast.brand.id}/members/{Membership.get(mine).id}/devices"


def revoked(person: Person) -> bool:
    return Device.get(Device.account_id == person.account_id).revoked_at is not None


def test_sonia_lists_and_logs_out_her_phone(client: FlaskClient, cast: Cast) -> None:
    sonia = cast.sonia
    factories.device(sonia.account_id, "phone-2")
    refresh = refresh_tokens.begin(sonia.account_id, "phone-2").token
    items = client.get(MINE, headers=sonia.headers).json["items"]
    assert [item["id"] for item in items] == ["phone-1", "phone-2"]
    assert client.delete(f"{MINE}/phone-2", headers=sonia.headers).status_code == 204
    assert refresh_tokens.advance(refresh) is None
    assert client.get("/v1/me", headers=sonia.headers).status_code == 200
    assert client.delete(f"{MINE}/phone-1", headers=sonia.headers).status_code == 204
    assert client.get("/v1/me", headers=sonia.headers).status_code == 401


def test_a_logged_out_phone_may_log_in_again(client: FlaskClient, cast: Cast) -> None:
    dora = factories.login("dora")
    login = {
        "address": "192.0.2.1",
        "email": dora.email,
        "password": factories.PASSWORD,
        "device_id": "phone-1",
        "device_name": "Phone",
    }
    first = auth.by_password(**login)
    headers = {"Authorization": f"Bearer {first.access_token}"}
    client.delete(f"{MINE}/phone-1", headers=headers)
    assert client.get("/v1/me", headers=headers).status_code == 401
    second = auth.by_password(**login)
    headers = {"Authorization": f"Bearer {second.access_token}"}
    assert client.get("/v1/me", headers=headers).status_code == 200
    assert refresh_tokens.advance(str(first.refresh_token)) is None


def test_a_device_needs_no_name(client: FlaskClient, cast: Cast) -> None:
    dora = factories.login("dora")
    form = {"grant_type": "password", "username": dora.email, "password": factories.PASSWORD}
    form["device_id"] = "tablet-1"
    for name, shown in (
        (None, "tablet-1"),
        ("Dora's tablet", "Dora's tablet"),
        (None, "Dora's tablet"),
    ):
        named = {"device_name": name} if name else {}
        assert client.post("/v1/auth/token", data=form | named).status_code == 200
        assert Device.get(Device.account_id == dora.id).name == shown


def test_nobody_logs_out_a_strangers_phone(client: FlaskClient, cast: Cast) -> None:
    other = factories.device(cast.sergio.account_id, "sergios")
    path = f"{MINE}/{other.device_id}"
    assert client.delete(path, headers=cast.sonia.headers).status_code == 404
    assert Device.get(Device.device_id == "sergios").revoked_at is None


def test_alice_logs_out_her_own_shopper(client: FlaskClient, cast: Cast) -> None:
    path = member(cast, cast.sonia)
    items = client.get(path, headers=cast.alice.headers).json["items"]
    assert [item["id"] for item in items] == ["phone-1"]
    assert client.delete(f"{path}/phone-1", headers=cast.alice.headers).status_code == 204
    assert revoked(cast.sonia)
    assert client.delete(f"{path}/phone-9", headers=cast.alice.headers).status_code == 404


def test_a_shared_shopper_is_no_one_brands_to_log_out(client: FlaskClient, cast: Cast) -> None:
    shared = factories.membership(cast.sonia.account_id, cast.other_brand.id, Role.SHOPPER)
    path = member(cast, cast.sonia)
    assert client.get(path, headers=cast.alice.headers).status_code == 403
    assert client.delete(f"{path}/phone-1", headers=cast.alice.headers).status_code == 403
    assert not revoked(cast.sonia)
    Membership.update(archived_at=shared.created_at).where(Membership.id == shared.id).execute()
    assert client.delete(f"{path}/phone-1", headers=cast.alice.headers).status_code == 204


def test_an_administrator_of_both_brands_may(client: FlaskClient, cast: Cast) -> None:
    factories.membership(cast.sonia.account_id, cast.other_brand.id, Role.SHOPPER)
    factories.membership(cast.alice.account_id, cast.other_brand.id, Role.ADMIN)
    path = member(cast, cast.sonia)
    assert client.delete(f"{path}/phone-1", headers=cast.alice.headers).status_code == 204


def test_bob_and_charlie_see_no_devices(client: FlaskClient, cast: Cast) -> None:
    path = member(cast, cast.sonia)
    for person, status in ((cast.bob, 403), (cast.marta, 403), (cast.charlie, 404)):
        assert client.get(path, headers=person.headers).status_code == status
        gone = client.delete(f"{path}/phone-1", headers=person.headers)
        assert gone.status_code == status
    assert not revoked(cast.sonia)
