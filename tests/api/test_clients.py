"""/v1/brands/{brand}/clients"""

from flask.testing import FlaskClient

from server.models import Client
from server.services import auth
from tests.cast import Cast


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/clients", *parts))


def test_the_secret_is_shown_once(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json={"name": "Warehouse"}, headers=cast.alice.headers)
    assert made.status_code == 201
    secret = made.json["secret"]
    assert secret not in str(list(Client.select().dicts()))
    listed = client.get(url(cast), headers=cast.alice.headers)
    assert [item["name"] for item in listed.json["items"]] == ["Warehouse"]
    assert "secret" not in listed.text
    assert "hash" not in made.text + listed.text
    assert auth.by_client_credentials(made.json["id"], secret).access_token


def test_a_revoked_client_is_out_at_once(client: FlaskClient, cast: Cast) -> None:
    alice = cast.alice.headers
    made = client.post(url(cast), json={"name": "Warehouse"}, headers=alice).json
    tokens = auth.by_client_credentials(made["id"], made["secret"])
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    assert client.get(f"/v1/brands/{cast.brand.id}", headers=headers).status_code == 200
    for _ in range(2):
        assert client.delete(url(cast, made["id"]), headers=alice).status_code == 204
    assert client.get(f"/v1/brands/{cast.brand.id}", headers=headers).status_code == 401
    form = {
        "grant_type": "client_credentials",
        "client_id": made["id"],
        "client_secret": made["secret"],
    }
    assert client.post("/v1/auth/token", data=form).status_code == 401
    assert client.get(url(cast), headers=alice).json["items"] == []
    kept = client.get(url(cast) + "?archived=true", headers=alice).json["items"]
    assert kept[0]["revoked_at"] is not None


def test_a_client_reaches_its_own_brand_alone(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json={"name": "W"}, headers=cast.alice.headers).json
    tokens = auth.by_client_credentials(made["id"], made["secret"])
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    assert client.get(f"/v1/brands/{cast.other_brand.id}", headers=headers).status_code == 404
    assert client.get(url(cast), headers=headers).status_code == 403
    for path in ("/v1/me/devices", "/v1/me/password"):
        method = client.get if path.endswith("devices") else client.post
        body = (
            None
            if path.endswith("devices")
            else {"current_password": "x", "new_password": "long enough"}
        )
        assert method(path, json=body, headers=headers).status_code == 403


def test_others_make_no_clients(client: FlaskClient, cast: Cast) -> None:
    made = client.post(url(cast), json={"name": "W"}, headers=cast.alice.headers).json
    for person, status in ((cast.bob, 403), (cast.marta, 403), (cast.charlie, 404)):
        headers = person.headers
        assert client.get(url(cast), headers=headers).status_code == status
        assert client.post(url(cast), json={"name": "X"}, headers=headers).status_code == status
        assert client.delete(url(cast, made["id"]), headers=headers).status_code == status
    theirs = f"/v1/brands/{cast.other_brand.id}/clients/{made['id']}"
    assert client.delete(theirs, headers=cast.charlie.headers).status_code == 404
    assert Client.get().revoked_at is None
