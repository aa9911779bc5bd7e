"""PUT /v1/photos/{photo_id}/content over real sockets: lines that break, and many at once."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import psutil
import pytest
import requests

from server import db
from server.db import connected
from server.models import Blob, Photo, PhotoContent, SyncFeed
from tests import factories
from tests.api.photo_calls import JPEG, digest, sha256, told, url
from tests.backends.api import ApiServer
from tests.backends.fixtures import S3Bucket
from tests.backends.process import wait_until
from tests.cast import Cast, Person

LARGE = JPEG[:4] + bytes(20 * 1024 * 1024)


def database_url(kind: str) -> str:
    """The url of the database that the models are bound to."""
    own = db.database.obj
    if kind == "sqlite":
        return f"sqlite:///{own.database}"
    given = own.connect_params
    password = quote(given["password"], safe="")
    place = f"{quote(given['user'], safe='')}:{password}@{given['host']}:{given['port']}"
    return f"postgresql://{place}/{own.database}"


@pytest.fixture
def served(committing: str, settings: Any) -> Iterator[ApiServer]:
    """The API on a database and a folder of the test's own."""
    environment = {
        "DATABASE_URL": database_url(committing),
        "SECRET_KEY": settings.secret_key,
        "SILENCE_SECONDS": "4",
    }
    with ApiServer(environment) as server, connected():
        yield server.start()


@pytest.fixture
def sonia(served: ApiServer) -> Person:
    """Sonia, whose photo p-1 is declared as JPEG, p-large as LARGE."""
    cast = Cast()
    for photo_id, data in (("p-1", JPEG), ("p-large", LARGE)):
        factories.photo(photo_id, cast.brand.id, cast.sonia.account_id, sha256=sha256(data))
    return cast.sonia


def objects(served: ApiServer) -> list[Path]:
    return [path for path in (served.folder / "photos").rglob("*") if path.is_file()]


def opened(
    served: ApiServer, sonia: Person, photo_id: str, framing: dict[str, str]
) -> socket.socket:
    """A line on which a PUT of JPEG has begun."""
    headers = {"Host": "promessa", **sonia.headers, **digest(JPEG), **framing}
    lines = [f"PUT {url(photo_id)} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
    line = socket.create_connection(("127.0.0.1", served.port), timeout=60)
    line.sendall("\r\n".join(lines).encode())
    return line


def answered(line: socket.socket) -> tuple[int, Any]:
    """Status and JSON of the answer on a line."""
    answer = line.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), orjson.loads(body)


def assert_nothing_kept(served: ApiServer) -> None:
    assert objects(served) == []
    assert PhotoContent.select().count() == Blob.select().count() == 0
    assert {photo.state for photo in Photo.select()} == {"declared"}
    assert told("photo.stored") == []


def half(framing: dict[str, str]) -> bytes:
    part = JPEG[: len(JPEG) // 2]
    return part if "Content-Length" in framing else f"{len(JPEG):x}\r\n".encode() + part


LENGTH = {"Content-Length": str(len(JPEG)), "Connection": "close"}
CHUNKED = {"Transfer-Encoding": "chunked", "Connection": "close"}


def test_a_body_that_is_cut_stores_nothing(served: ApiServer, sonia: Person) -> None:
    """The last one announces more than it has: the digest fits what came, the length does not."""
    longer = LENGTH | {"Content-Length": str(len(JPEG) + 1)}
    for framing, part in ((LENGTH, half(LENGTH)), (CHUNKED, half(CHUNKED)), (longer, JPEG)):
        with opened(served, sonia, "p-1", framing) as line:
            line.sendall(part)
            line.shutdown(socket.SHUT_WR)
            status, problem = answered(line)
        assert (status, problem["code"]) == (400, "malformed-request")
        assert_nothing_kept(served)
    again = requests.put(
        served.url + url("p-1"), data=JPEG, headers=sonia.headers | digest(JPEG), timeout=60
    )
    assert (again.status_code, again.json()["state"]) == (201, "stored")


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_silent_senders_lose_their_line(served: ApiServer, sonia: Person) -> None:
    """Else as many half-open uploads as there are threads would end all service."""
    lines = [opened(served, sonia, "p-1", LENGTH) for _ in range(4)]
    for line in lines:
        line.sendall(half(LENGTH))
    for line in lines:
        with line:
            assert answered(line)[0] == 400
    assert requests.get(f"{served.url}/healthz", timeout=60).status_code == 200
    assert_nothing_kept(served)


def test_eight_at_once_are_one_photo(served: ApiServer, sonia: Person) -> None:
    answers: list[requests.Response] = []
    start = threading.Barrier(8)

    def send(photo_id: str) -> None:
        start.wait(60)
        answers.append(
            requests.put(
                served.url + url(photo_id),
                data=JPEG,
                headers=sonia.headers | digest(JPEG),
                timeout=60,
            )
        )

    for photo_id in ("p-1", "p-waiting"):
        answers.clear()
        threads = [threading.Thread(target=send, args=(photo_id,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 7 + [201], [answer.text for answer in answers]
        assert len({answer.text for answer in answers}) == 1
    assert PhotoContent.select().count() == Blob.select().count() == len(objects(served)) == 2
    assert told("photo.stored") == ["p-1"]


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_a_large_photo_needs_no_memory_of_its_size(served: ApiServer, sonia: Person) -> None:
    def peak() -> int:
        workers = psutil.Process(served.pid).children()
        status = [Path(f"/proc/{worker.pid}/status").read_text() for worker in workers]
        return max(int(text.split("VmHWM:")[1].split()[0]) * 1024 for text in status)

    headers = sonia.headers | digest(JPEG)
    for _ in range(8):
        requests.put(served.url + url("p-1"), data=JPEG, headers=headers, timeout=60)
    before = peak()
    answer = requests.put(
        served.url + url("p-large"), data=LARGE, headers=sonia.headers | digest(LARGE), timeout=60
    )
    assert answer.status_code == 201
    assert peak() - before < len(LARGE) / 2


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_an_early_refusal_reaches_a_phone_that_is_still_sending(
    served: ApiServer, sonia: Person
) -> None:
    headers = sonia.headers | digest(LARGE)
    answer = requests.put(served.url + url("p-1"), data=LARGE, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest-mismatch")


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_killed_in_the_middle_it_takes_the_photo_again(served: ApiServer, sonia: Person) -> None:
    with opened(served, sonia, "p-1", LENGTH) as line:
        line.sendall(half(LENGTH))
        wait_until(lambda: bool(spooling(served)), "the body is being spooled")
        served.kill()
    assert_nothing_kept(served)
    served.start()
    answer = requests.put(
        served.url + url("p-1"), data=JPEG, headers=sonia.headers | digest(JPEG), timeout=60
    )
    assert (answer.status_code, answer.json()["state"]) == (201, "stored")
    assert SyncFeed.get_by_id(sonia.account_id).seq == 1


def spooling(served: ApiServer) -> list[str]:
    """The nameless temporary files that the server's processes write."""
    workers = psutil.Process(served.pid).children()
    links = [link for worker in workers for link in Path(f"/proc/{worker.pid}/fd").iterdir()]
    targets = [str(link.readlink()) for link in links if link.is_symlink()]
    return [target for target in targets if target.endswith("(deleted)")]


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_a_photo_goes_into_s3_and_comes_back_by_its_link(
    committing: str, settings: Any, s3: S3Bucket
) -> None:
    environment = {
        "DATABASE_URL": database_url(committing),
        "SECRET_KEY": settings.secret_key,
        **s3.environment,
    }
    with ApiServer(environment) as server, connected():
        cast = Cast()
        factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(JPEG))
        server.start()
        headers = cast.sonia.headers | digest(JPEG)
        sent = requests.put(server.url + url("p-1"), data=JPEG, headers=headers, timeout=60)
        assert (sent.status_code, sent.json()["state"]) == (201, "stored")
        got = requests.get(server.url + url("p-1"), headers=cast.bob.headers, timeout=60)
        assert got.url.startswith(s3.endpoint)
        assert got.content == JPEG
        assert got.headers["Content-Disposition"].startswith("attachment;")
