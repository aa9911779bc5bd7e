"""Both storage drivers keep the same contract: a folder, and a real S3 server."""

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from server import clock, config
from server.config import Settings
from server.errors import NotFound, Unavailable
from server.storage import FolderStorage, S3Storage, Storage

DATA = b"\xff\xd8\xff a photo" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
KEY = f"brand/{SHA256[:2]}/{SHA256}"


def settings(folder: Path, **more: str) -> Settings:
    env = {"PROMESSA_DATA_DIR": str(folder), "REDIS_URL": f"unix://{folder}/no.sock"}
    return config.load(env | more)


@pytest.fixture(params=["folder", "s3"])
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "photos", settings(tmp_path))
    s3 = request.getfixturevalue("s3")
    return S3Storage(settings(tmp_path, **s3.environment))


def put(driver: Storage, key: str = KEY, data: bytes = DATA, sha256: str = SHA256) -> None:
    driver.put(key, io.BytesIO(data), size=len(data), sha256=sha256)


def test_what_was_put_is_read(driver: Storage) -> None:
    driver.check()
    put(driver)
    put(driver)
    assert driver.exists(KEY)
    assert driver.read(KEY) == DATA


def test_a_copy_is_the_same(driver: Storage) -> None:
    put(driver)
    driver.copy(KEY, "brand/other/key")
    assert driver.read("brand/other/key") == DATA


def test_what_was_deleted_is_gone_and_deleting_twice_is_no_mistake(driver: Storage) -> None:
    put(driver)
    driver.delete(KEY)
    driver.delete(KEY)
    assert not driver.exists(KEY)
    with pytest.raises(NotFound):
        driver.read(KEY)
    with pytest.raises(NotFound):
        driver.copy(KEY, "brand/other/gone")


def test_a_body_of_another_size_is_not_kept(driver: Storage) -> None:
    key = "brand/short/key"
    with pytest.raises(Unavailable):
        driver.put(key, io.BytesIO(DATA[:-5]), size=len(DATA), sha256=SHA256)
    assert not driver.exists(key)


def test_an_s3_store_refuses_bytes_of_another_digest(tmp_path: Path, s3: object) -> None:
    driver = S3Storage(settings(tmp_path, **s3.environment))  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        put(driver, "brand/wrong/key", DATA[:-1] + b"x")
    assert not driver.exists("brand/wrong/key")


def test_an_s3_link_downloads_and_names_the_file(tmp_path: Path, s3: object) -> None:
    driver = S3Storage(settings(tmp_path, **s3.environment))  # type: ignore[attr-defined]
    put(driver)
    url = driver.link(KEY, filename="photo-1.jpg", content_type="image/jpeg")
    answer = requests.get(url, timeout=10)
    assert answer.content == DATA
    assert answer.headers["Content-Disposition"] == 'attachment; filename="photo-1.jpg"'
    assert requests.get(url.split("?")[0], timeout=10).status_code in (400, 401, 403)


def test_a_store_that_is_not_there_is_unavailable(
    tmp_path: Path, unused_port: Callable[[], int]
) -> None:
    nowhere = {
        "STORAGE": "s3://photos",
        "S3_ENDPOINT": f"http://127.0.0.1:{unused_port()}",
        "S3_ACCESS_KEY": "a",
        "S3_SECRET_KEY": "b",
    }
    driver = S3Storage(settings(tmp_path, **nowhere))
    with pytest.raises(Unavailable):
        put(driver)
    with pytest.raises(Unavailable):
        driver.check()


@pytest.mark.parametrize("key", ["../secret", "a/../../b", "/etc/passwd", "a//b", "a/.hidden", ""])
def test_no_key_leaves_the_folder(tmp_path: Path, key: str) -> None:
    driver = FolderStorage(tmp_path / "photos", settings(tmp_path))
    with pytest.raises(NotFound):
        put(driver, key)
    with pytest.raises(NotFound):
        driver.exists(key)


def test_a_folders_link_lives_five_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = FolderStorage(tmp_path / "photos", settings(tmp_path))
    put(driver)
    url = driver.link(KEY, filename="photo-1.jpg", content_type="image/jpeg")
    token = url.rpartition("/")[2]
    file, filename, content_type = driver.opened(token)
    with file:
        assert (file.read(), filename, content_type) == (DATA, "photo-1.jpg", "image/jpeg")
    for forged in (token[:-2] + "xx", token.upper(), "", "x" * 500):
        with pytest.raises(NotFound):
            driver.opened(forged)
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        driver.opened(token)
