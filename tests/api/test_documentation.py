"""/docs, /openapi.json, /openapi.yaml and /problems: public, without any other host, and true."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
import yaml
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from server import errors
from server.api import openapi, problems
from server.app import create_app
from server.config import Settings
from server.domain.ranking import METHOD_VERSION

_ARGUMENT = re.compile(r"<(?:\w+(?:\(.*?\))?:)?([a-z_]+)>")
_BRACED = r"{\1}"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@pytest.fixture
def document(made_app: flask.Flask) -> dict[str, Any]:
    with made_app.app_context():
        return openapi.document()


def test_two_who_ask_first_get_the_same(made_app: flask.Flask, settings: Settings) -> None:
    fresh, start = create_app(settings), threading.Barrier(2)

    def asked() -> dict[str, Any]:
        with fresh.app_context():
            start.wait(60)
            return openapi.document()

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(asked) for _ in range(2))
    with made_app.app_context():
        assert first.result() == second.result() == openapi.document()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_is_valid_openapi_31(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def own_methods(rule: Any) -> set[str]:
    """Those that its handler is for, without those that Flask adds."""
    added = {"OPTIONS"} if rule.provide_automatic_options else set()
    return set(rule.methods) - added - ({"HEAD"} if "GET" in rule.methods else set())


def test_every_route_is_in_it(made_app: flask.Flask, document: dict[str, Any]) -> None:
    described = {name for name, _ in operations(document)}
    assert described
    served = {
        f"{method} {_ARGUMENT.sub(_BRACED, rule.rule)}"
        for rule in made_app.url_map.iter_rules()
        for method in own_methods(rule)
        if not rule.endpoint.startswith("pages.")
    }
    assert served == described


def test_every_operation_says_who_may_call_it_what_it_does_and_answers(
    document: dict[str, Any],
) -> None:
    for name, operation in operations(document):
        assert operation["operationId"], name
        assert operation["summary"].endswith("."), name
        schemes = {scheme for each in operation["security"] for scheme in each}
        assert schemes <= document["components"]["securitySchemes"].keys(), name
        good = {code: each for code, each in operation["responses"].items() if code < "400"}
        assert good, name
        for code, answer in good.items():
            assert (
                name.startswith("HEAD ")
                or code in ("204", "302")
                or all(each["schema"] for each in answer["content"].values())
            ), name
        assert "500" in operation["responses"], name
        assert "default" not in operation["responses"], name


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_problem_is_problem_json_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for code, answer in operation["responses"].items():
            if code >= "400" and name != "GET /readyz":
                content = answer["content"]["application/problem+json"]
                assert all(
                    example["value"]["status"] == int(code)
                    for example in content["examples"].values()
                ), name


def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        described = {each["name"] for each in item.get("parameters", ()) if each["description"]}
        assert described == set(re.findall(r"{([a-z_]+)}", path)), path


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All media types of what is sent and of what is answered but raw bytes."""
    for name, operation in operations(document):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in part.get("content", {}).values():
                if media["schema"].get("format") != "binary" or "example" in media:
                    yield name, media


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    for name, media in bodies(document):
        examples = [each["value"] for each in media.get("examples", {}).values()]
        examples += [media["example"]] if "example" in media else []
        assert examples, name
        schema = media["schema"] | {"components": document["components"]}
        judge = Draft202012Validator(schema, format_checker=FormatChecker())
        for example in examples:
            assert [error.message for error in judge.iter_errors(example)] == [], name


def test_the_ranking_s_example_is_one_that_could_be(document: dict[str, Any]) -> None:
    read = document["paths"]["/v1/brands/{brand_id}/rankings"]["get"]["responses"]["200"]
    example = read["content"]["application/json"]["example"]
    assert example["method_version"] == METHOD_VERSION
    assert example["method"] == f"/v1/methods/{METHOD_VERSION}"
    assert [item["method_version"] for item in example["items"]] == [METHOD_VERSION]
    for promise in (*example["promises"], *example["items"][0]["promises"]):
        assert promise["promise_id"] not in promise["given"]["depends_on"]


def test_no_component_is_unused(document: dict[str, Any]) -> None:
    text = str(document)
    for name in document["components"]["schemas"]:
        assert f"'#/components/schemas/{name}'" in text, name


def test_json_and_yaml_say_the_same(client: FlaskClient, document: dict[str, Any]) -> None:
    assert client.get("/openapi.json").json == document
    answer = client.get("/openapi.yaml")
    assert answer.mimetype == "application/yaml"
    assert yaml.load(answer.text, yaml.CSafeLoader) == document


def test_the_page_needs_no_other_host(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.mimetype == "text/html"
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) == 4
    for name in files:
        with client.get(f"/{name}") as answer:
            assert answer.status_code == 200, name
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "//" not in page.text
    assert 'url: "openapi.json"' in client.get("/docs/start.js").text


def test_the_policy_lets_nothing_inline_run(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert re.findall(r"<script>|<style| on[a-z]+=| style=", page.text) == []


@pytest.mark.parametrize("name", ["../__init__.py", "nothing.js", "%2e%2e/__init__.py"])
def test_nothing_else_is_sent(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/docs/{name}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_home_leads_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert client.get("/", follow_redirects=True).mimetype == "text/html"


@pytest.mark.parametrize("code", sorted(problems.KINDS))
def test_a_problems_type_leads_to_what_it_means(client: FlaskClient, code: str) -> None:
    kind = problems.KINDS[code]
    told = client.get(f"/problems/{code}").json
    assert told is not None
    assert (told["code"], told["status"], told["title"]) == (code, kind.status, kind.title)
    assert told["type"] == f"/problems/{code}"
    assert told["detail"]


def test_the_catalogue_is_whole() -> None:
    assert problems.KINDS["digest-mismatch"] is errors.DigestMismatch
    assert len(problems.KINDS) >= 18


def test_an_unknown_problem_is_a_404(client: FlaskClient) -> None:
    answer = client.get("/problems/nonsense")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "not-found"
