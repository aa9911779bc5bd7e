"""Bad input to every operation of the OpenAPI document gets a documented problem, and writes
nothing.

What is spoiled is one thing of an otherwise good request. Where JSON Schema finds nothing wrong
with what a table below puts in, any answer is right that the document has and that is no fault."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import flask
import orjson
import pytest

from server import config, db
from server.api import openapi
from server.app import create_app
from server.config import Settings
from tests.api.conformance import BYTES, Good, Request, written
from tests.cast import Cast

LIMIT = 200_000
DEEP = 100_000

Cases = Iterator[tuple[str, Request, bool]]
"""What is spoiled, the spoiled request, and whether it must be refused."""


@pytest.fixture(scope="module")
def limited(settings: Settings) -> flask.Flask:
    """The application with a small limit for bodies."""
    return create_app(replace(settings, max_body=LIMIT))


@pytest.fixture
def app(database: str, limited: flask.Flask, settings: Settings) -> flask.Flask:
    """The same, on the test's transaction."""
    config.use(replace(settings, max_body=LIMIT))
    return limited


@pytest.fixture
def good(app: flask.Flask, cast: Cast) -> Good:
    with app.app_context():
        return Good(openapi.document(), cast, app.test_client())


# Bodies

BROKEN = {
    "nothing": b"",
    "cut": b'{"name": "x"',
    "a comma too many": b'{"name": "x",}',
    "two of them": b"{}{}",
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a deep value": b'{"name":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": -Infinity}',
    "1e400": b'{"name": 1e400}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "a string": b'"name"',
    "true": b"true",
    "an empty list in a list": b"[[]]",
}
BOMB = gzip.compress(b" " * (100 * LIMIT))
# Sync reads what JSON could not be written by a strict phone: see tests/domain/test_wire.py.
READ_BY_SYNC = {"a lone surrogate", "not UTF-8", "NaN", "Infinity", "1e400"}
VALUES = (
    None, True, -1, 2**53, 2.6e-42, 62.5, "", "x", "a\x00b", "x" * 6_000, "\u202e\U0001f600",
    "9999-99-99T99:99:99Z", "0001-01-01T00:00:00+23:59", [[]], [None], {"a": {"b": []}},
)  # fmt: skip
RAW_VALUES = (b"1e400", b"NaN", b"1180591620717411303424", b'"\\ud800"')


def broken_bodies(good: Good, request: Request) -> Cases:
    if "json" in request.kind:
        for name, body in BROKEN.items():
            if request.path != "/v1/sync" or name not in READ_BY_SYNC:
                yield name, request.but(body=body), True


def encoded_bodies(good: Good, request: Request) -> Cases:
    if not request.kind:
        return
    zipped = gzip.compress(request.body)
    for name, encoding, body in (
        ("not gzip", "gzip", request.body),
        ("cut gzip", "gzip", zipped[:-9]),
        ("corrupt gzip", "gzip", zipped[:12] + b"\xff\xff" + zipped[14:]),
        ("a bomb", "gzip", BOMB),
        ("brotli", "br", request.body),
        ("twice", "gzip, gzip", zipped),
    ):
        yield name, request.but(headers={"Content-Encoding": encoding}, body=body), True
    if request.kind not in BYTES:
        yield "too large", request.but(body=b" " * LIMIT + request.body), True
    if request.kind != "image/jpeg" and request.path != "/v1/sync":
        for kind in ("text/plain", "application/xml", "multipart/form-data", "nonsense", None):
            yield f"of type {kind}", request.but(headers={"Content-Type": kind}), True


def wrong_fields(good: Good, request: Request) -> Cases:
    if request.kind != "application/json" or request.path == "/v1/sync":
        return
    body = orjson.loads(request.body)
    judge = good.judge(request.operation["requestBody"]["content"][request.kind]["schema"])
    yield "an unknown field", request.but(body=orjson.dumps(body | {"surprise": 1})), True
    for where in places(body):
        for value in VALUES:
            spoiled = placed(body, where, value)
            refused = not judge.is_valid(spoiled) or "\x00" in str(value)
            yield f"{where}: {value!r:.30}", request.but(body=orjson.dumps(spoiled)), refused
        for raw in RAW_VALUES:
            spoiled = orjson.dumps(placed(body, where, "@@@")).replace(b'"@@@"', raw)
            free = where[0] in ("draft", "values")
            yield f"{where}: {raw!r:.30}", request.but(body=spoiled), not free
    for name in body:
        less = {key: value for key, value in body.items() if key != name}
        yield f"no {name}", request.but(body=orjson.dumps(less)), not judge.is_valid(less)


def places(body: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all fields, and to the things of a list; a draft may be anything inside."""
    if above[:1] == ("draft",):
        return
    keys = range(len(body)) if isinstance(body, list) else body if isinstance(body, dict) else ()
    for key in keys:
        yield (*above, key)
        yield from places(body[key], (*above, key))


def placed(body: Any, where: tuple[Any, ...], value: Any) -> Any:
    """A copy of the body with the value there."""
    copy = orjson.loads(orjson.dumps(body))
    inner = copy
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    return copy


def wrong_forms(good: Good, request: Request) -> Cases:
    if request.kind == "application/x-www-form-urlencoded":
        for body in (
            b"", b"grant_type", b"%00", b"%FF=%FF", b"token=%FF", b"token=%00", b"a=1&a=1",
            b"&" * 500, b"a=1&" * 500, request.body + b"&" + request.body, b'{"token": "x"}',
            b"grant_type=nonsense&token=", b"grant_type=%00&token=" + b"x" * 2000,
        ):  # fmt: skip
            yield repr(body)[:40], request.but(body=body), True
        more = request.but(body=request.body + b"&surprise=1", query=[("surprise", "1")])
        yield "an unknown parameter", more, request.name == "create_token"  # nobody has a login


# What is around a body

_FREE = ("code", "token", "device_id", "number", "template", "plot", "ending")
"""Parameters that name nothing of a brand's."""

SEGMENTS = (
    "0" * 32, "x" * 5_000, "%2F", "a%00b", "%0A", "%FF%FE", "%ED%A0%80", "..%2F..%2Fv1%2Fme",
    "'%20OR%201=1--", "-1", "0", "9" * 30, "%F0%9F%98%80",
)  # fmt: skip


def strange_paths(good: Good, request: Request) -> Cases:
    if request.method == "OPTIONS":  # says what is spoken here, whatever the id
        return
    for name in request.parameters:
        for segment in SEGMENTS:
            # A photo's bytes may come before anything else is known of it.
            early = request.name == "put_photo_content" and re.fullmatch(r"[\w.:-]+", segment)
            refused = not early or len(segment) > 160
            yield f"{name} {segment:.20}", request.but(ids={name: segment}), refused
        if name not in _FREE:
            yield f"another's {name}", request.but(ids={name: good.others[name]}), True
    others = {name: good.others[name] for name in request.parameters if name != "brand_id"}
    if others.keys() - set(_FREE):
        yield "all of another brand", request.but(ids=others), True


CURSORS = ("x", "null", "\x00", "x" * 401, "AAAA", "eyJ9", "W10=", "é", "%")
TEXTS = (
    "", "x", "\x00", "-1", "1e5", "9" * 30, "é", "x" * 5_000, "2026-13", "2026-02..2026-01", "%",
    "'", "1_0", "٣",
)  # fmt: skip


def wrong_queries(good: Good, request: Request) -> Cases:
    strict = not request.public and request.path != "/v1/sync"
    for name, value in (("surprise", "1"), ("", ""), ("\x00", "\x00"), ("limit[]", "1")):
        yield f"unknown {name!r}", request.but(query=[(name, value)]), strict
    for name, schema in request.queried.items():
        judge = good.judge(schema)
        for text in TEXTS:
            refused = "\x00" in text or ("enum" in schema and not judge.is_valid(text))
            if schema.get("type") == "integer":
                refused = not text.isdigit() or not text.isascii() or not judge.is_valid(int(text))
            yield f"{name}={text!r:.30}", request.but(query=[(name, text)]), refused
        for text in CURSORS if name == "cursor" else ():
            yield f"cursor={text!r:.30}", request.but(query=[(name, text)]), True
        yield f"{name} twice", request.but(query=[(name, "1"), (name, "1")]), strict


VERSIONS = (
    None, "", "1", "x", "**", '"x"', '""', '"-1"', '"2"', '"0"', "W/1", 'W/"1"', '"3", "2"', '"1',
    "\"1' ", '"1" "2"', '*, "1"', '"' + "9" * 30 + '"', '"1.0"', "é",
)  # fmt: skip


def wrong_versions(good: Good, request: Request) -> Cases:
    if "If-Match" in request.headers:
        for version in VERSIONS:
            yield f"If-Match {version}", request.but(headers={"If-Match": version}), True


def wrong_tokens(good: Good, request: Request) -> Cases:
    if request.public:
        return
    token = request.headers["Authorization"].removeprefix("Bearer ")
    head, body, signature = token.split(".")
    for text in (
        None, "", "Bearer", "Bearer ", "Bearer x", "Bearer é", f"Basic {token}", token,
        f"Bearer {token}x", f"Bearer {head}.{body}.", f"Bearer {head}.{body}.{signature[::-1]}",
        "Bearer eyJhbGciOiJub25lIn0." + body + ".", "Bearer " + "a." * 5_000, f"Bearer {token} x",
    ):  # fmt: skip
        yield f"Authorization {text!r:.30}", request.but(headers={"Authorization": text}), True


TABLES_OF_CASES = (
    broken_bodies,
    encoded_bodies,
    wrong_fields,
    wrong_forms,
    strange_paths,
    wrong_queries,
    wrong_versions,
    wrong_tokens,
)


@pytest.mark.parametrize("cases", TABLES_OF_CASES, ids=lambda cases: cases.__name__)
def test_bad_input_gets_its_problem_and_writes_nothing(
    app: flask.Flask, good: Good, cases: Any
) -> None:
    client, complaints, sent = app.test_client(), [], 0
    before = written()
    for request in good.requests():
        for name, spoiled, refused in cases(good, request):
            sent += 1
            with db.database.atomic() as savepoint:
                answer = spoiled.send(client)
                complaint = spoiled.complaint(answer)
                if complaint and (refused or not spoiled.allows(answer)):
                    complaints.append(f"{request.name}, {name}: {complaint}")
                if answer.status_code < 400:
                    savepoint.rollback()
        former, before = before, written()
        if before != former:
            complaints.append(f"{request.name}: wrote something")
    assert sent > 10
    assert complaints == [], "\n".join(["", *complaints])


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/v1/brands/", "/v1/me/nothing", "/%00", "/v1//me"]
)
def test_an_unknown_route_is_a_problem(app: flask.Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_each_path_says_which_methods_it_has(app: flask.Flask, good: Good) -> None:
    client, methods = app.test_client(), {}
    for request in good.requests():
        methods.setdefault(request.path, []).append(request)
    for requests in methods.values():
        there = {request.method for request in requests} | {"OPTIONS"}
        there |= {"HEAD"} if "GET" in there else set()
        for method in {"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW"} - there:
            answer = replace(requests[0], method=method).send(client)
            assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
            assert set(answer.allow) == there, requests[0].path
        allowed = replace(requests[0], method="OPTIONS", body=b"").send(client)
        # The protocol of tus has an OPTIONS of its own.
        assert allowed.status_code == (204 if "/v1/uploads" in requests[0].path else 200)
        assert set(allowed.allow) == there, requests[0].path


def test_head_answers_as_get_without_a_body(app: flask.Flask, good: Good) -> None:
    client = app.test_client()
    for request in good.requests():
        if request.method == "GET":
            full, head = request.send(client), replace(request, method="HEAD").send(client)
            assert head.status_code == full.status_code, request.path
            assert head.mimetype == full.mimetype, request.path
            assert head.data == b"", request.path
