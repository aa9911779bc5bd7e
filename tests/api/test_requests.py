"""What is logged of a request: who, what and how long; never a secret."""

import io
import json
import logging
import socket
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import logs
from tests.cast import Cast


@pytest.fixture
def lines() -> Iterator[Any]:
    """A function that gives the JSON lines logged so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(as_text=False))
    root = logging.getLogger()
    former = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(former)


def requests_in(lines: Any) -> list[dict[str, Any]]:
    return [line for line in lines() if line["logger"] == "promessa.request"]


def test_a_request_is_one_line(client: FlaskClient, cast: Cast, lines: Any) -> None:
    path = f"/v1/brands/{cast.brand.id}/promises"
    answer = client.get(path, headers=cast.bob.headers)
    (line,) = requests_in(lines)
    assert (line["method"], line["path"], line["status"]) == ("GET", path, 200)
    assert line["actor"] == cast.bob.account_id
    assert line["ms"] >= 0
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["timestamp"].endswith("Z")


def test_no_secret_is_logged(client: FlaskClient, cast: Cast, lines: Any) -> None:
    headers = cast.alice.headers
    client.get(f"/v1/brands/{cast.brand.id}/promises?cursor=hunter2", headers=headers)
    client.post("/v1/auth/token", data={"password": "hunter2"})
    client.get("/v1/nothing?signature=hunter2", headers={"Authorization": "Bearer hunter2"})
    written = json.dumps(lines())
    assert "hunter2" not in written
    assert headers["Authorization"].split()[1] not in written
    assert len(requests_in(lines)) == 3


def test_a_refused_request_is_logged_too(client: FlaskClient, cast: Cast, lines: Any) -> None:
    client.get(f"/v1/brands/{cast.brand.id}/promises")
    (line,) = requests_in(lines)
    assert (line["status"], line["actor"]) == (401, None)


@pytest.mark.parametrize("given", ["0190f3e2-17aa-7c3d", "trace.1_2-3"])
def test_a_sane_id_is_taken_and_given_back(client: FlaskClient, lines: Any, given: str) -> None:
    answer = client.get("/problems/invalid", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given
    assert requests_in(lines)[0]["request_id"] == given


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "with space!", "<script>alert"])
def test_any_other_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/problems/invalid", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 32


def test_a_body_may_be_silent_for_a_while_only(client: FlaskClient) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client.get("/healthz", environ_overrides={"gunicorn.socket": ours})
        assert ours.gettimeout() == 20


def test_a_body_that_stops_arriving_is_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/v1/auth/token",
        input_stream=Silent(),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


class Silent(io.RawIOBase):
    """A chunked body whose sender went to sleep."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise TimeoutError

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def tell(self) -> int:
        return 0


def test_probes_are_quiet(client: FlaskClient, lines: Any) -> None:
    client.get("/healthz")
    assert [line["level"] for line in requests_in(lines)] == ["debug"]


def test_a_traceback_is_part_of_its_line(lines: Any) -> None:
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("test").exception("it failed")
    (line,) = lines()
    assert line["event"] == "it failed"
    assert "inside" in json.dumps(line)


def test_a_warning_is_a_line(lines: Any) -> None:
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("mind this", stacklevel=1)
    finally:
        logging.captureWarnings(False)
    assert any("mind this" in line["event"] for line in lines())
