"""The API under gunicorn as it is served: slow clients, and what no route ever sees."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from server.cli import serve
from tests.backends.api import ApiServer
from tests.backends.process import wait_until

pytestmark = pytest.mark.xdist_group("intake")

_SECONDS = 2
_FORM = (
    b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)


class Served(ApiServer):
    """As `promessa serve` has it, on a single process of two threads."""

    def command(self) -> list[str]:
        command = serve.command(f"127.0.0.1:{self.port}", processes=1, threads=2)
        return ["/usr/bin/env", *(f"{n}={v}" for n, v in self.environment.items()), *command]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with Served({"REQUEST_SECONDS": str(_SECONDS)}) as server:
        yield server.start()


def sent(served: Served, data: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", served.port), timeout=30)
    line.sendall(data)
    return line


def answer(line: socket.socket) -> tuple[int, str, bytes]:
    """(status, media type, body) of what comes until the other side closes."""
    with line:
        came = b""
        while data := line.recv(65536):
            came += data
    head, _, body = came.partition(b"\r\n\r\n")
    fields = head.decode().split("\r\n")
    kinds = [each.partition(": ")[2] for each in fields if each.startswith("Content-Type")]
    return int(fields[0].split()[1]), kinds[0], body


def closed(line: socket.socket) -> bool:
    line.settimeout(0.01)
    try:
        line.sendall(b"x")
        return line.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /healthz HT",
        b"\r\n\r\n\r\nGET",
        _FORM + b"Content-Length: 5000\r\n\r\ngrant_type=",
        _FORM + b"Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n",
    ],
    ids=["silent", "head", "blank-lines", "form", "expecting"],
)
def test_clients_that_dribble_hold_no_thread(served: Served, begun: bytes) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(sent(served, begun)) for _ in range(20)]
        began = time.monotonic()
        served.probe()
        assert time.monotonic() - began < _SECONDS
        # Each look sends one byte more, and no byte buys time.
        wait_until(lambda: all(closed(line) for line in lines), "all are closed", 30)
    served.probe()


def test_forms_of_no_length_or_too_long_are_refused_at_once(served: Served) -> None:
    chunked = answer(sent(served, _FORM + b"Transfer-Encoding: chunked\r\n\r\n5\r\ngrant"))
    assert (chunked[0], json.loads(chunked[2])["error"]) == (400, "invalid_request")
    assert answer(sent(served, _FORM + b"Content-Length: 70000\r\n\r\ngrant"))[0] == 413


def test_who_bears_a_token_may_take_longer(served: Served) -> None:
    """A phone on a bad line: the app reads as it comes, and answers."""
    head = b"POST /v1/sync HTTP/1.1\r\nHost: x\r\n"
    head += b"Authorization: Bearer x\r\nContent-Length: 500\r\n\r\n{"
    assert answer(sent(served, head))[0] == 401
    form = _FORM + b"Authorization: Bearer x\r\nContent-Length: 500\r\n\r\ngrant"
    with sent(served, form) as line:
        wait_until(lambda: closed(line), "it is closed as any other", 30)


def test_a_form_may_come_in_pieces_and_after_a_100(served: Served) -> None:
    body = b"grant_type=implicit"
    head = _FORM + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    line = sent(served, head % len(body))
    assert line.recv(4096).startswith(b"HTTP/1.1 100")
    line.sendall(body[:5])
    line.sendall(body[5:])
    with line:
        came = b""
        while data := line.recv(65536):
            came += data
    assert b"unsupported_grant_type" in came


def test_requests_on_one_connection_each_have_their_time(served: Served) -> None:
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with sent(served, get + get[:10]) as line:
        read_ok(line)
        line.sendall(get[10:])
        read_ok(line)


def read_ok(line: socket.socket) -> None:
    came = b""
    while b'"ok"' not in came:
        data = line.recv(65536)
        assert data, came
        came += data


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 9_000 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"X-Long: xxxxxx\r\n" * 6_000, 431, "headers-too-large"),
        (b"nonsense\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "malformed-request"),
    ],
    ids=["uri", "field", "fields", "line", "header"],
)
def test_what_no_route_sees_is_a_problem(
    served: Served, request_: bytes, status: int, code: str
) -> None:
    got, kind, body = answer(sent(served, request_))
    assert (got, kind) == (status, "application/problem+json")
    assert json.loads(body)["code"] == code


def test_a_long_query_arrives(served: Served) -> None:
    path = b"/v1/brands/b/store-imports?map=" + b"x" * 6_000
    line = sent(served, b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer(line)[0] == 401
