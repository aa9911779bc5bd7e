"""Every route asks who you are, but those named here. A link to a photo is its own permission."""

import flask
import pytest
from werkzeug.routing import Rule

from tests.cast import Cast

PUBLIC = {
    "/",
    "/docs",
    "/docs/",
    "/docs/<path:name>",
    "/healthz",
    "/openapi.json",
    "/openapi.yaml",
    "/problems/<code>",
    "/readyz",
    "/v1/auth/revoke",
    "/v1/auth/token",
    "/v1/methods",
    "/v1/methods/<number>",
    "/v1/objects/<token>",
}


def values(rule: Rule) -> dict[str, str]:
    """A value for each parameter of a route."""
    words = {"plot": "gaps", "ending": "svg"}
    return {name: words.get(name, "1") for name in rule.arguments}


def asking(app: flask.Flask) -> list[tuple[str, str]]:
    """Method and path of every route, with something in place of each parameter."""
    adapter = app.url_map.bind("")
    return [
        (method, adapter.build(rule.endpoint, values(rule), method))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"OPTIONS"}
        if method != "HEAD" or "GET" not in rule.methods
        if rule.rule not in PUBLIC
    ]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}],
    ids=["no token", "not a token", "not a bearer"],
)
def test_every_route_asks(app: flask.Flask, headers: dict[str, str]) -> None:
    routes = asking(app)
    assert ("GET", "/v1/brands/1/promises") in routes
    client = app.test_client()
    open_routes = [
        (method, path)
        for method, path in routes
        if client.open(path, method=method, headers=headers).status_code != 401
    ]
    assert open_routes == []


def test_the_public_routes_exist(app: flask.Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules()} >= PUBLIC


def test_a_token_of_another_server_is_refused(app: flask.Flask, cast: Cast) -> None:
    token = cast.alice.headers["Authorization"]
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    answer = app.test_client().get("/v1/me", headers={"Authorization": forged})
    assert answer.status_code == 401
