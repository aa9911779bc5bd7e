"""/v1/uploads over real sockets and processes: lines that break or fall silent, two writers, and
servers that are killed."""

import io
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import flask
import psutil
import pytest
import requests

from server import db, slots
from server.config import Settings
from server.db import connected
from server.models import TABLES, Photo, PhotoContent
from tests import factories
from tests.api import upload_calls
from tests.api.photo_calls import JPEG, sha256, told
from tests.api.upload_calls import TUS, announcement, bytes_at, url
from tests.backends.api import ApiServer, bound_url
from tests.backends.process import wait_until
from tests.cast import Cast, Person
from tests.conftest import DATABASES

pytestmark = pytest.mark.xdist_group("upload-lines")

RANGE = 8 * 1024 * 1024
LONG = JPEG + bytes(RANGE + 500_000)
LARGE = JPEG + bytes(20 * 1024 * 1024)
SILENCE = 2


@pytest.fixture(scope="module", params=DATABASES)
def served(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiServer]:
    """The API on a database and a folder of these tests' own, with little patience."""
    bound = db.database.obj
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('lines') / 'own.db'}"
        if request.param == "postgres":
            url = stack.enter_context(request.getfixturevalue("postgres").empty())
        own = db.initialize(url)
        with connected():
            own.create_tables(TABLES)
        environment = {
            "DATABASE_URL": bound_url(),
            "SECRET_KEY": settings.secret_key,
            "SILENCE_SECONDS": str(SILENCE),
        }
        with ApiServer(environment) as server, connected():
            yield server.start()
        own.close_all()
        db.database.initialize(bound)


@pytest.fixture(scope="module")
def cast(served: ApiServer) -> Cast:
    return Cast()


class Tus:
    """A phone that speaks tus with the server."""

    def __init__(self, served: ApiServer, person: Person) -> None:
        self.served, self.person, self.session = served, person, requests.Session()

    def create(self, photo_id: str, data: bytes = JPEG) -> None:
        headers = self.person.headers | announcement(photo_id, data)
        answer = self.session.post(self.served.url + upload_calls.URL, headers=headers, timeout=60)
        assert answer.status_code == 201, answer.text

    def position(self, photo_id: str) -> int:
        headers = self.person.headers | TUS
        answer = self.session.head(self.served.url + url(photo_id), headers=headers, timeout=60)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def append(self, photo_id: str, offset: int, part: bytes) -> requests.Response:
        headers = self.person.headers | bytes_at(offset)
        return self.session.patch(
            self.served.url + url(photo_id), data=part, headers=headers, timeout=60
        )

    def opened(self, photo_id: str, offset: int, length: int) -> socket.socket:
        """A line on which a PATCH of so many bytes has begun."""
        headers = bytes_at(offset) | {"Content-Length": str(length)}
        return self.begun("PATCH", url(photo_id), headers)

    def begun(self, method: str, path: str, headers: dict[str, str]) -> socket.socket:
        """A line on which a request's head has come."""
        headers = {"Host": "promessa", **self.person.headers, **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        line = socket.create_connection(("127.0.0.1", self.served.port), timeout=60)
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        return line

    def finish(self, photo_id: str, data: bytes) -> None:
        """Go on as often as it takes."""
        for _ in range(600):
            at = self.position(photo_id)
            if at == len(data):
                return
            answer = self.append(photo_id, at, data[at:])
            assert answer.status_code in (204, 409, 423), answer.text
            if answer.status_code == 423:
                assert 1 <= int(answer.headers["Retry-After"]) <= 30
        raise AssertionError(f"{photo_id} is never whole")


@pytest.fixture(scope="module")
def tus(served: ApiServer, cast: Cast) -> Iterator[Tus]:
    tus = Tus(served, cast.sonia)
    yield tus
    tus.session.close()


def status(line: socket.socket) -> tuple[int, str]:
    """Status of the answer on a line, and its head."""
    with line, line.makefile("rb") as file:
        head = file.read().partition(b"\r\n\r\n")[0].decode()
    return int(head.split()[1]), head


def test_what_arrived_before_a_cut_counts(tus: Tus) -> None:
    """Reset, closed in order, half-closed, and silent: the last two hear how far it is."""
    tus.create("p-1")
    with tus.opened("p-1", 0, len(JPEG)) as line:
        line.sendall(JPEG[:70])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: tus.position("p-1") == 70, "the bytes of the line that was reset count")
    with tus.opened("p-1", 70, len(JPEG) - 70) as line:
        line.sendall(JPEG[70:1000])
    wait_until(lambda: tus.position("p-1") == 1000, "the bytes of the closed line count")
    with tus.opened("p-1", 1000, len(JPEG) - 1000) as line:
        line.sendall(JPEG[1000:3001])
        line.shutdown(socket.SHUT_WR)
        code, head = status(line)
    assert (code, "Upload-Offset: 3001" in head) == (204, True)
    with tus.opened("p-1", 3001, len(JPEG) - 3001) as line:
        line.sendall(JPEG[3001 : 3001 + 1024])
        code, head = status(line)
    assert (code, f"Upload-Offset: {3001 + 1024}" in head) == (204, True)
    tus.finish("p-1", JPEG)
    assert PhotoContent.get(PhotoContent.photo_id == "p-1").sha256 == sha256(JPEG)


@pytest.mark.parametrize("served", ["sqlite"], indirect=True)
def test_silent_writers_keep_nobody_waiting(tus: Tus, served: ApiServer) -> None:
    """Many more than what the server works on at once, and some that push: others are served
    meanwhile, all are given up after one silence, and a hundred bytes count as any."""
    names = [f"silent-{number}" for number in range(32)]
    for name in names:
        tus.create(name)
    began = time.monotonic()
    lines = [tus.opened(name, 0, len(JPEG)) for name in names]
    for line in lines:
        line.sendall(JPEG[:100])
    silent = [tus.begun("POST", "/v1/sync", {"Content-Length": "500"}) for _ in range(48)]
    session = requests.Session()
    session.headers.update(tus.person.headers)
    for _ in range(3):
        assert session.get(f"{served.url}/healthz", timeout=60).status_code == 200
        pulled = session.get(f"{served.url}/v1/sync", timeout=60)
        cursor = f"?last_pulled_at={pulled.json()['timestamp']}"
        pushed = session.post(f"{served.url}/v1/sync{cursor}", data=b"{}", timeout=60)
        assert (pulled.status_code, pushed.status_code) == (200, 200)
    session.close()
    assert time.monotonic() - began < SILENCE
    assert [status(line)[0] for line in lines] == [204] * 32
    assert [status(line)[0] for line in silent] == [400] * 48
    assert time.monotonic() - began < 3 * SILENCE
    assert {tus.position(name) for name in names} == {100}


def test_one_writer_at_a_time(tus: Tus) -> None:
    """Whichever process the second is served by."""
    tus.create("p-2")
    with tus.opened("p-2", 0, len(JPEG)) as line:
        line.sendall(JPEG[:1000])
        rest = iter(range(1000, len(JPEG), 20))

        def refused_to_others() -> bool:
            at = next(rest)  # who is silent, or slow, is no longer the writer
            line.sendall(JPEG[at : at + 20])
            return tus.append("p-2", 0, b"").status_code == 423

        wait_until(refused_to_others, "the line is the writer")
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(tus.append, "p-2", 0, JPEG)

            def answered() -> bool:
                line.sendall(JPEG[(at := next(rest)) : at + 20])
                return second.done()

            wait_until(answered, "who waits for the writer gives up")
        refused = second.result()
        assert (refused.status_code, refused.json()["code"]) == (423, "locked")
        assert 1 <= int(refused.headers["Retry-After"]) <= 1.5 * SILENCE + 1
        line.sendall(JPEG[next(rest) :])
        line.shutdown(socket.SHUT_WR)
        assert status(line)[0] == 204
    assert tus.position("p-2") == len(JPEG)


def test_killed_again_and_again_it_becomes_whole(tus: Tus, served: ApiServer, cast: Cast) -> None:
    """In the first bytes, after a range, and just before the last byte. A range at most is lost,
    and no lock outlives its holder for longer than a silence."""
    factories.photo("p-3", cast.brand.id, cast.sonia.account_id, sha256=sha256(LONG))
    tus.create("p-3", LONG)
    for until, kept in ((100, 0), (RANGE + 200_000, RANGE), (len(LONG) - 1, 0)):
        at = tus.position("p-3")
        with tus.opened("p-3", at, len(LONG) - at) as line:
            line.sendall(LONG[at:until])
            wait_until(lambda kept=kept: tus.position("p-3") >= kept, "so much is kept")
            served.kill()
        served.start()
        assert tus.position("p-3") >= kept
        wait_until(lambda: unlocked(tus, "p-3"), "the lock of the killed is gone", 10)
    tus.finish("p-3", LONG)
    assert (Photo.get_by_id("p-3").state, told("photo.stored")) == ("stored", ["p-3"])
    kept_in = PhotoContent.get(PhotoContent.photo_id == "p-3").object_key
    assert (served.folder / "photos" / kept_in).read_bytes() == LONG


def unlocked(tus: Tus, photo_id: str) -> bool:
    return tus.append(photo_id, tus.position(photo_id), b"").status_code != 423


@pytest.mark.parametrize("served", ["sqlite"], indirect=True)
def test_a_large_upload_needs_no_memory_of_its_size(tus: Tus, served: ApiServer) -> None:
    def resident() -> int:
        return max(each.memory_info().rss for each in psutil.Process(served.pid).children())

    for number in range(8):
        tus.create(f"small-{number}")
        tus.finish(f"small-{number}", JPEG)
    before = resident()
    tus.create("p-large", LARGE)
    tus.finish("p-large", LARGE)
    assert resident() - before < len(LARGE) / 2


class Watching(io.BytesIO):
    """A body that notes whether a connection is held while it comes."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.held: list[bool] = []

    def read(self, size: int | None = -1) -> bytes:
        self.held.append(not db.database.is_closed())
        return super().read(size)


def test_no_connection_is_held_while_bytes_come(committing: str, made_app: flask.Flask) -> None:
    with connected():
        headers = Cast().sonia.headers
    client, body = made_app.test_client(), Watching(JPEG)
    assert client.post(upload_calls.URL, headers=headers | announcement("p-1")).status_code == 201
    answer = client.patch(
        url("p-1"),
        headers=headers | bytes_at(0),
        input_stream=body,
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 204
    assert set(body.held) == {False}
    assert db.database.is_closed()


def test_who_waits_lends_slot_and_connection(committing: str) -> None:
    with connected():
        with slots.lent():
            assert db.database.is_closed()
        assert not db.database.is_closed()
