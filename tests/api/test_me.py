"""/v1/me"""

from flask.testing import FlaskClient

from server.domain.actor import Role
from server.services import accounts, refresh_tokens, tokens
from tests import factories
from tests.cast import Cast
from tests.factories import PASSWORD

NEW = "an even better horse"


def headers_of(account_id: str) -> dict[str, str]:
    device = factories.device(account_id)
    token = tokens.issue_access(account_id=account_id, device_id=device.device_id)
    return {"Authorization": f"Bearer {token}"}


def change(client: FlaskClient, headers: dict[str, str], current: str, new: str = NEW) -> int:
    body = {"current_password": current, "new_password": new}
    return client.post("/v1/me/password", json=body, headers=headers).status_code


def test_who_am_i(client: FlaskClient, cast: Cast) -> None:
    region = factories.region(cast.brand.id)
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=region.id)
    answer = client.get("/v1/me", headers=rita.headers)
    assert answer.json == {
        "account": {
            "id": rita.account_id,
            "email": "rita@example.org",
            "name": "Rita",
            "locale": "en",
        },
        "device_id": "phone-1",
        "client_id": None,
        "roles": [
            {
                "brand_id": cast.brand.id,
                "brand_name": "Aurea",
                "role": "regional_manager",
                "region_id": region.id,
                "store_id": None,
                "suspended": False,
            }
        ],
    }


def test_somebody_without_a_role_is_still_somebody(client: FlaskClient, database: str) -> None:
    dora = factories.login("dora")
    answer = client.get("/v1/me", headers=headers_of(dora.id))
    assert (answer.json["account"]["email"], answer.json["roles"]) == ("dora@example.org", [])
    assert "password" not in answer.text


def test_a_new_password_logs_other_devices_out(client: FlaskClient, database: str) -> None:
    dora = factories.login("dora")
    headers = headers_of(dora.id)
    here = refresh_tokens.begin(dora.id, "phone-1").token
    elsewhere = refresh_tokens.begin(dora.id, "phone-2").token
    assert change(client, headers, PASSWORD) == 204
    assert accounts.authenticate("dora@example.org", PASSWORD) is None
    assert accounts.authenticate("dora@example.org", NEW) is not None
    assert refresh_tokens.advance(elsewhere) is None
    assert refresh_tokens.advance(here) is not None


def test_a_wrong_or_short_password_changes_nothing(client: FlaskClient, database: str) -> None:
    headers = headers_of(factories.login("dora").id)
    assert change(client, headers, "wrong") == 422
    assert change(client, headers, PASSWORD, "short") == 422
    assert accounts.authenticate("dora@example.org", PASSWORD) is not None


def test_a_stolen_access_token_guesses_no_password(client: FlaskClient, database: str) -> None:
    headers = headers_of(factories.login("dora").id)
    assert [change(client, headers, "wrong") for _ in range(11)] == [422] * 10 + [429]
