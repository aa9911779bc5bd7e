"""/v1/auth: tokens and their revocation."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import config
from server.api import openapi
from server.app import create_app
from server.config import Settings
from server.domain.actor import Role
from server.models import Account, Device, RefreshToken
from server.services import clients, tokens
from tests import factories
from tests.cast import Cast
from tests.clock import HandClock
from tests.factories import PASSWORD

SONIA = "sonia@example.org"


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    return HandClock(monkeypatch)


def ask(client: FlaskClient, address: str = "192.0.2.1", **form: str) -> TestResponse:
    origin = {"REMOTE_ADDR": address}
    return client.post("/v1/auth/token", data=form, environ_base=origin)


def log_in(client: FlaskClient, address: str = "192.0.2.1", **changed: str) -> TestResponse:
    form = {
        "grant_type": "password",
        "username": SONIA,
        "password": PASSWORD,
        "device_id": "phone-1",
        "device_name": "Sonia's phone",
    }
    return ask(client, address, **(form | changed))


def refresh(client: FlaskClient, token: str) -> TestResponse:
    return ask(client, grant_type="refresh_token", refresh_token=token)


def bearer(answer: TestResponse) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def assert_refused(answer: TestResponse, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert answer.content_type == "application/problem+json"
    assert answer.json["error_description"] == answer.json["detail"] != ""


def test_a_password_gives_tokens_for_the_device(client: FlaskClient, database: str) -> None:
    sonia = factories.login("sonia")
    answer = log_in(client, username="  Sonia@Example.ORG ")
    assert answer.status_code == 200
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    actor = tokens.actor_of(answer.json["access_token"])
    assert (actor.account_id, actor.device_id) == (sonia.id, "phone-1")
    device = Device.get(Device.account_id == sonia.id)
    assert (device.device_id, device.name) == ("phone-1", "Sonia's phone")


def test_no_token_is_stored_as_it_is(client: FlaskClient, database: str) -> None:
    factories.login("sonia")
    first = log_in(client).json["refresh_token"]
    second = refresh(client, first).json["refresh_token"]
    stored = str(list(RefreshToken.select().dicts()))
    assert first not in stored
    assert second not in stored


@pytest.mark.parametrize(
    "changed",
    [{"password": "wrong"}, {"username": "nobody@example.org"}, {"username": "no address"}],
)
def test_wrong_logins_are_told_alike(
    client: FlaskClient, database: str, changed: dict[str, str]
) -> None:
    factories.login("sonia")
    answer = log_in(client, **changed)
    assert_refused(answer, "invalid_grant")
    assert answer.json["detail"] == log_in(client, password="also wrong").json["detail"]
    assert Device.select().count() == 0


def test_an_account_without_a_password_lets_nobody_in(client: FlaskClient, database: str) -> None:
    factories.account("sonia")
    assert_refused(log_in(client, password="!"), "invalid_grant")


def test_a_suspended_shopper_may_log_in(client: FlaskClient, cast: Cast) -> None:
    sonia = factories.login("sonia")
    factories.membership(sonia.id, cast.brand.id, Role.SHOPPER, suspended=True)
    answer = log_in(client)
    assert answer.status_code == 200
    me = client.get("/v1/me", headers=bearer(answer)).json
    assert [role["suspended"] for role in me["roles"]] == [True]


def test_accents_may_be_typed_either_way(client: FlaskClient, database: str) -> None:
    factories.login("sonia")
    hashed = factories.accounts.hash_of("perch\u00e9 no, davvero")
    Account.update(password_hash=hashed).where(Account.email == SONIA).execute()
    assert log_in(client, password="perche\u0301 no, davvero").status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "\x00"}, "invalid_request"),
        ({"grant_type": "password", "username": SONIA, "password": PASSWORD}, "invalid_request"),
    ],
)
def test_bad_requests_have_rfc_6749_errors(
    client: FlaskClient, database: str, form: dict[str, str], error: str
) -> None:
    assert_refused(ask(client, **form), error)


@pytest.mark.parametrize("device_id", ["", "a b", "phone/1", "phone\n", "p" * 101])
def test_a_device_id_is_plain(client: FlaskClient, database: str, device_id: str) -> None:
    factories.login("sonia")
    assert_refused(log_in(client, device_id=device_id), "invalid_request")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b'{"grant_type": "password"}', "application/json"),
        (b"grant_type=password&grant_type=password", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_refused(
    client: FlaskClient, database: str, data: bytes, content_type: str
) -> None:
    answer = client.post("/v1/auth/token", data=data, content_type=content_type)
    assert_refused(answer, "invalid_request")


def test_a_huge_form_is_too_large(client: FlaskClient, database: str) -> None:
    assert ask(client, grant_type="x" * 100_000).status_code == 413


def test_refreshing_rotates(client: FlaskClient, database: str) -> None:
    factories.login("sonia")
    first = log_in(client).json["refresh_token"]
    second = refresh(client, first)
    third = refresh(client, second.json["refresh_token"])
    assert (second.status_code, third.status_code) == (200, 200)
    assert len({first, second.json["refresh_token"], third.json["refresh_token"]}) == 3
    assert client.get("/v1/me", headers=bearer(third)).json["device_id"] == "phone-1"


def test_a_lost_answer_comes_again_days_later(
    client: FlaskClient, database: str, hand: HandClock
) -> None:
    factories.login("sonia")
    first = log_in(client).json["refresh_token"]
    lost = refresh(client, first).json["refresh_token"]
    hand.forward(days=40)
    again = refresh(client, first)
    assert (again.status_code, again.json["refresh_token"]) == (200, lost)
    assert refresh(client, lost).status_code == 200


def test_reuse_after_the_successor_was_used_ends_the_login(
    client: FlaskClient, database: str
) -> None:
    factories.login("sonia")
    other = log_in(client, device_id="phone-2").json["refresh_token"]
    first = log_in(client).json["refresh_token"]
    second = refresh(client, first).json["refresh_token"]
    third = refresh(client, second).json["refresh_token"]
    for stolen in (first, second, third):
        assert_refused(refresh(client, stolen), "invalid_grant")
    assert refresh(client, other).status_code == 200


def test_a_login_that_ended_takes_its_access_tokens_with_it(
    client: FlaskClient, database: str
) -> None:
    factories.login("sonia")
    first = log_in(client)
    second = refresh(client, first.json["refresh_token"])
    refresh(client, second.json["refresh_token"])
    other = log_in(client, device_id="phone-2")
    statuses = lambda: [  # noqa: E731
        client.get("/v1/me", headers=bearer(answer)).status_code
        for answer in (first, second, other)
    ]
    assert statuses() == [200, 200, 200]
    refresh(client, first.json["refresh_token"])
    assert statuses() == [401, 401, 200]
    again = log_in(client)
    assert client.get("/v1/me", headers=bearer(again)).status_code == 200


def test_a_phone_that_was_away_for_90_days_goes_on(
    client: FlaskClient, database: str, hand: HandClock
) -> None:
    factories.login("sonia")
    token = log_in(client).json["refresh_token"]
    hand.forward(days=90)
    token = refresh(client, token).json["refresh_token"]
    hand.forward(days=179)
    token = refresh(client, token).json["refresh_token"]
    hand.forward(days=180)
    assert_refused(refresh(client, token), "invalid_grant")


def test_an_access_token_expires(client: FlaskClient, database: str, hand: HandClock) -> None:
    factories.login("sonia")
    headers = bearer(log_in(client))
    hand.forward(minutes=14)
    assert client.get("/v1/me", headers=headers).status_code == 200
    hand.forward(minutes=2)
    assert client.get("/v1/me", headers=headers).status_code == 401


def test_refresh_notes_the_device_once_an_hour(
    client: FlaskClient, database: str, hand: HandClock
) -> None:
    factories.login("sonia")
    token = log_in(client).json["refresh_token"]
    logged_in = hand.moment
    hand.forward(minutes=30)
    token = refresh(client, token).json["refresh_token"]
    assert Device.get().seen_at == logged_in
    hand.forward(minutes=31)
    refresh(client, token)
    assert Device.get().seen_at == hand.moment


def test_logging_out_ends_the_family(client: FlaskClient, database: str) -> None:
    factories.login("sonia")
    first = log_in(client).json["refresh_token"]
    second = refresh(client, first).json["refresh_token"]
    out = client.post("/v1/auth/revoke", data={"token": first, "token_type_hint": "refresh_token"})
    assert (out.status_code, out.json) == (200, {})
    assert_refused(refresh(client, second), "invalid_grant")
    unknown = client.post("/v1/auth/revoke", data={"token": "unknown"})
    assert unknown.status_code == 200
    assert_refused(client.post("/v1/auth/revoke"), "invalid_request")


def test_a_client_logs_in_either_way(client: FlaskClient, cast: Cast) -> None:
    made = clients.create(cast.alice.actor, cast.brand.id, "Warehouse")
    form = {"grant_type": "client_credentials"}
    basic = client.post("/v1/auth/token", data=form, auth=(made.id, made.secret))
    posted = ask(client, **form, client_id=made.id, client_secret=str(made.secret))
    for answer in (basic, posted):
        assert set(answer.json) == {"access_token", "token_type", "expires_in"}
        me = client.get("/v1/me", headers=bearer(answer)).json
        assert (me["client_id"], me["account"], me["device_id"]) == (made.id, None, None)
        assert [role["role"] for role in me["roles"]] == ["integrator"]


def test_a_client_that_is_none_is_refused(client: FlaskClient, cast: Cast) -> None:
    made = clients.create(cast.alice.actor, cast.brand.id, "Warehouse")
    form = {"grant_type": "client_credentials"}
    refusals: list[Any] = [
        ask(client, **form),
        client.post("/v1/auth/token", data=form, auth=(made.id, "wrong")),
        client.post("/v1/auth/token", data=form, auth=("nobody", str(made.secret))),
        client.post("/v1/auth/token", data=form, auth=("nobody", "")),
    ]
    for answer in refusals:
        assert_refused(answer, "invalid_client", 401)
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    twice = client.post(
        "/v1/auth/token", data=form | {"client_id": made.id}, auth=(made.id, str(made.secret))
    )
    assert_refused(twice, "invalid_request")


def test_guessing_is_slowed_down(client: FlaskClient, database: str) -> None:
    factories.login("sonia")
    for _ in range(10):
        assert_refused(log_in(client, password="wrong"), "invalid_grant")
    limited = log_in(client, username="SONIA@example.ORG ")
    assert (limited.status_code, limited.json["code"]) == (429, "too-many-requests")
    assert 1 <= int(limited.headers["Retry-After"]) <= 61
    elsewhere = log_in(client, address="198.51.100.7")
    assert elsewhere.status_code == 200


@pytest.mark.parametrize(
    ("proxies", "status"), [(0, 429), (1, 200)], ids=["no proxy is trusted", "one is"]
)
def test_addresses_are_believed_of_our_own_proxies_alone(
    database: str, settings: Settings, proxies: int, status: int
) -> None:
    factories.login("sonia")
    client = create_app(replace(settings, trusted_proxies=proxies)).test_client()
    form = {"grant_type": "password", "username": SONIA, "device_id": "p", "device_name": "P"}
    for number, password in enumerate(["wrong"] * 10 + [PASSWORD]):
        headers = {"X-Forwarded-For": f"203.0.113.1, 198.51.100.{number}"}
        answer = client.post("/v1/auth/token", data=form | {"password": password}, headers=headers)
    config.use(settings)
    assert answer.status_code == status


def test_every_refusal_is_documented(client: FlaskClient) -> None:
    with client.application.app_context():
        responses = openapi.document()["paths"]["/v1/auth/token"]["post"]["responses"]
    documented = {
        example["value"]["error"]
        for status in ("400", "401")
        for example in responses[status]["content"]["application/problem+json"]["examples"].values()
    }
    assert documented == {
        "invalid_request",
        "invalid_grant",
        "unsupported_grant_type",
        "invalid_client",
    }
    assert "429" in responses
