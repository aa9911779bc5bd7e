"""The storage's contract, held by both drivers; then what is each one's own."""

import hashlib
import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from server import clock, config, storage
from server.config import Settings
from server.errors import DigestMismatch, NotFound, Unavailable
from server.storage import FolderStorage, Storage
from server.storage.breaker import Breaker
from server.storage.keys import checked
from server.storage.links import Signer
from server.storage.s3 import S3Storage

SECRET = "a secret of thirty-two characters"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(store: Storage, key: str, data: bytes) -> None:
    store.put(key, io.BytesIO(data), size=len(data), sha256=sha256(data))


def content(store: Storage, key: str) -> bytes:
    with store.open(key) as file:
        return file.read()


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "photos", "https://promessa.example", SECRET)


@pytest.fixture(scope="module")
def s3_settings(s3: Any, settings: Settings) -> Settings:
    """The settings of a process that stores in the real S3 server."""
    env = {**s3.environment, "PROMESSA_DATA_DIR": str(settings.data_dir)}
    return config.load(env | {"REDIS_URL": settings.redis_url})


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> Storage:
    """Each driver."""
    if request.param == "folder":
        return request.getfixturevalue("folder")
    return S3Storage(request.getfixturevalue("s3_settings"))


@pytest.fixture
def key() -> str:
    """A key that no other test uses."""
    return f"brand/ab/{clock.new_id()}"


def test_gives_back_what_it_got(store: Storage, key: str) -> None:
    data = os.urandom(3_000_000)
    put(store, key, data)
    assert store.head(key) == len(data)
    assert content(store, key) == data


def test_puts_from_where_the_source_stands(store: Storage, key: str) -> None:
    source = io.BytesIO(b"before" + b"photo")
    source.seek(6)
    store.put(key, source, size=5, sha256=sha256(b"photo"))
    assert content(store, key) == b"photo"


def test_putting_twice_is_putting_once(store: Storage, key: str) -> None:
    put(store, key, b"photo")
    put(store, key, b"photo")
    assert content(store, key) == b"photo"


def test_other_bytes_than_the_digests_leave_nothing(store: Storage, key: str) -> None:
    with pytest.raises(DigestMismatch):
        store.put(key, io.BytesIO(b"photo"), size=5, sha256=sha256(b"other"))
    assert store.head(key) is None


def test_what_is_not_there(store: Storage, key: str) -> None:
    assert store.head(key) is None
    store.delete(key)
    with pytest.raises(NotFound):
        store.open(key)
    with pytest.raises(NotFound):
        store.copy(key, f"{key}-copy")
    assert store.head(f"{key}-copy") is None


def test_a_copy_outlives_its_original(store: Storage, key: str) -> None:
    put(store, key, b"photo")
    store.copy(key, f"{key}-copy")
    store.copy(key, f"{key}-copy")
    store.delete(key)
    assert store.head(key) is None
    assert content(store, f"{key}-copy") == b"photo"


@pytest.mark.parametrize(
    "bad", ["../etc/passwd", "a/../b", "/a/b", "a//b", "a/.b", "a", "", "a/b\x00", "a/b\n", "a/è"]
)
def test_no_other_key_is_touched(store: Storage, bad: str) -> None:
    for touch in (store.open, store.head, store.delete, lambda bad: put(store, bad, b"x")):
        with pytest.raises(NotFound):
            touch(bad)


@given(st.text())
def test_a_key_stays_below_its_folder(text: str) -> None:
    root = Path("/photos")
    try:
        path = root / checked(text)
    except NotFound:
        return
    assert Path(os.path.normpath(path)) == path
    assert path.is_relative_to(root)
    assert len(path.relative_to(root).parts) >= 2


def test_checks(store: Storage) -> None:
    store.check()


def test_both_answer_to_the_settings(s3_settings: Settings, settings: Settings) -> None:
    try:
        config.use(s3_settings)
        assert isinstance(storage.current(), S3Storage)
        with pytest.raises(NotFound, match="another store"):
            storage.linked("x.y")
    finally:
        config.use(settings)
    assert isinstance(storage.current(), FolderStorage)


# The folder.


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


class Broken(io.BytesIO):
    """A source whose reading fails after its first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(3)


def test_a_put_that_fails_leaves_no_file(folder: FolderStorage, tmp_path: Path, key: str) -> None:
    with pytest.raises(Unavailable):
        folder.put(key, Broken(b"photo"), size=5, sha256=sha256(b"photo"))
    assert files(tmp_path) == []


def test_nothing_is_seen_until_it_is_whole(folder: FolderStorage, key: str) -> None:
    seen: list[int | None] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            seen.append(folder.head(key))
            return super().read(1)

    folder.put(key, Watched(b"photo"), size=5, sha256=sha256(b"photo"))
    assert seen == [None] * 5
    assert folder.head(key) == 5


def test_a_new_process_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    (root / ".incoming").mkdir(parents=True)
    old, young = root / ".incoming" / "old", root / ".incoming" / "young"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(old, (long_ago, long_ago))
    FolderStorage(root, "https://promessa.example", SECRET)
    assert files(root) == [young]


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    folder = FolderStorage(tmp_path / "file" / "photos", "https://promessa.example", SECRET)
    with pytest.raises(Unavailable) as problem:
        put(folder, key, b"photo")
    assert problem.value.headers["Retry-After"]
    with pytest.raises(Unavailable):
        folder.check()


def test_photos_are_not_for_other_users(folder: FolderStorage, tmp_path: Path, key: str) -> None:
    put(folder, key, b"photo")
    for path in (tmp_path / "photos").rglob("*"):
        if path.is_dir():
            assert path.stat().st_mode & 0o077 == 0


def token_of(link: str) -> str:
    return urlsplit(link).path.removeprefix("/v1/objects/")


def test_a_link_leads_to_its_object_until_it_expires(
    folder: FolderStorage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, key, b"photo")
    link = folder.link(key, filename="a.jpg", content_type="image/jpeg", seconds=300)
    assert link.startswith("https://promessa.example/v1/objects/")
    found = folder.linked(token_of(link))
    assert (found.path.read_bytes(), found.filename, found.content_type) == (
        b"photo",
        "a.jpg",
        "image/jpeg",
    )
    later = clock.now() + timedelta(seconds=300)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound, match="expired"):
        folder.linked(token_of(link))


def test_a_link_to_what_is_deleted(folder: FolderStorage, key: str) -> None:
    put(folder, key, b"photo")
    link = folder.link(key, filename="a.jpg", content_type="image/jpeg", seconds=300)
    folder.delete(key)
    with pytest.raises(NotFound):
        folder.linked(token_of(link))


@given(st.data())
def test_a_changed_token_is_forged(data: st.DataObject) -> None:
    signer = Signer(SECRET, "test")
    token = signer.token(["brand/ab/cd", "a.jpg", "image/jpeg"], seconds=300)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != token[place]))
    changed = token[:place] + other + token[place + 1 :]
    with pytest.raises(NotFound):
        signer.words(changed)


@given(st.text())
def test_any_text_is_no_token(text: str) -> None:
    with pytest.raises(NotFound):
        Signer(SECRET, "test").words(text)


@pytest.mark.parametrize("signer", [Signer(SECRET, "other"), Signer(SECRET[::-1], "test")])
def test_another_purpose_or_secret_signs_nothing_here(signer: Signer) -> None:
    with pytest.raises(NotFound):
        Signer(SECRET, "test").words(signer.token(["a/b"], seconds=300))


# S3.


def test_the_store_checks_the_digest_itself(s3_settings: Settings, key: str) -> None:
    """The driver's digest reaches the server: this is its refusal, not ours."""
    store = S3Storage(s3_settings)
    with pytest.raises(DigestMismatch) as problem:
        store.put(key, io.BytesIO(b"photo"), size=5, sha256=sha256(b"other"))
    assert problem.value.__cause__.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_object_of_another_size_is_put_anew(s3_settings: Settings, s3: Any, key: str) -> None:
    s3.client().put_object(Bucket=s3.bucket, Key=key, Body=b"half")
    store = S3Storage(s3_settings)
    put(store, key, b"photo")
    assert content(store, key) == b"photo"


@pytest.mark.parametrize(
    ("content_type", "served"),
    [("image/jpeg", "image/jpeg"), ("text/html", "application/octet-stream")],
)
def test_a_presigned_link_downloads(
    s3_settings: Settings, key: str, content_type: str, served: str
) -> None:
    store = S3Storage(s3_settings)
    put(store, key, b"<script>")
    link = store.link(key, filename="a.jpg", content_type=content_type, seconds=300)
    answer = requests.get(link, timeout=30)
    assert answer.content == b"<script>"
    assert answer.headers["Content-Type"].split(";")[0] == served
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.jpg"'
    assert "X-Amz-Expires=300" in link
    longer = link.replace("X-Amz-Expires=300", "X-Amz-Expires=3000")
    assert requests.get(longer, timeout=30).status_code == 403


@contextmanager
def listener(serve: Callable[[socket.socket], None] | None = None) -> Iterator[str]:
    """The endpoint of a server that takes calls and, unless `serve` does, never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                taken.append(line)
                if serve:
                    serve(line)

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for line in taken:
                line.close()


def test_a_store_that_refuses_is_unavailable(s3_settings: Settings, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    store = S3Storage(replace(s3_settings, s3_endpoint=f"http://127.0.0.1:{port}"))
    with pytest.raises(Unavailable) as problem:
        put(store, key, b"photo")
    assert problem.value.headers["Retry-After"]


def test_a_store_that_hangs_is_unavailable_and_asked_once(
    s3_settings: Settings, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.s3._SILENCE_SECONDS", 1)
    calls: list[socket.socket] = []
    with listener(calls.append) as endpoint:
        store = S3Storage(replace(s3_settings, s3_endpoint=endpoint))
        with pytest.raises(Unavailable):
            put(store, key, b"photo")
        asked = len(calls)
        assert 1 <= asked <= 2
        for _ in range(5):
            with pytest.raises(Unavailable, match="just now"):
                store.head(key)
        assert len(calls) == asked


def test_wrong_keys_are_unavailable_not_missing(s3_settings: Settings, key: str) -> None:
    store = S3Storage(replace(s3_settings, s3_secret_key="wrong"))
    with pytest.raises(Unavailable):
        store.open(key)


# The breaker.


def test_after_the_pause_one_call_tries_and_the_rest_follow_its_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    breaker = Breaker()
    with pytest.raises(Unavailable, match="silent"), breaker:
        raise Unavailable("silent")
    with pytest.raises(Unavailable, match="just now"), breaker:
        pytest.fail("the breaker is open")
    now += timedelta(seconds=10)
    with breaker, pytest.raises(Unavailable, match="just now"), breaker:
        pytest.fail("only one call tries")
    with breaker, breaker:
        pass


def test_a_missing_object_opens_no_breaker() -> None:
    breaker = Breaker()
    with pytest.raises(NotFound), breaker:
        raise NotFound("no such object")
    with breaker:
        pass
