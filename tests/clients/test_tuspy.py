"""tuspy, as it is, against the real server: whole, in chunks, cut at every stage, after the server
was killed, and with bytes that are not those announced."""

import io
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage

from server.db import connected
from server.models import Photo, PhotoContent, Upload
from tests import factories
from tests.api.photo_calls import JPEG, sha256, told
from tests.api.test_photo_uploads import database_url, objects
from tests.api.upload_calls import URL
from tests.backends.api import ApiServer
from tests.cast import Cast, Person
from tests.clients.cutting import ANSWER, CuttingLine

DATA = JPEG * 40
_TRIES = 100


@pytest.fixture
def served(committing: str, settings: Any) -> Iterator[ApiServer]:
    environment = {
        "DATABASE_URL": database_url(committing),
        "SECRET_KEY": settings.secret_key,
        "SILENCE_SECONDS": "1",
    }
    with ApiServer(environment) as server, connected():
        yield server.start()


@pytest.fixture
def sonia(served: ApiServer) -> Person:
    cast = Cast()
    factories.photo("p-1", cast.brand.id, cast.sonia.account_id, sha256=sha256(DATA))
    return cast.sonia


class OpenFile(io.BytesIO):
    """A photo's file, which tuspy closes too early."""

    def close(self) -> None:
        """Stay open."""


def uploader(base: str, person: Person, data: bytes = DATA, **options: Any) -> Any:
    """An uploader of `data` that says that it is the photo p-1 with DATA's hash."""
    client = TusClient(base + URL, headers=dict(person.headers))
    metadata = {"photo_id": "p-1", "sha256": sha256(DATA)}
    return client.uploader(file_stream=OpenFile(data), metadata=metadata, **options)


def assert_stored(served: ApiServer) -> None:
    """Once, whole, and nothing else."""
    assert PhotoContent.get().sha256 == sha256(DATA)
    assert (Photo.get().state, told("photo.stored")) == ("stored", ["p-1"])
    assert [path.read_bytes() == DATA for path in objects(served)] == [True]


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_whole_in_chunks_and_with_checksums(served: ApiServer, sonia: Person) -> None:
    uploader(served.url, sonia, chunk_size=100_000, upload_checksum=True).upload()
    assert_stored(served)
    again = uploader(served.url, sonia, url=f"{served.url}{URL}/p-1")
    again.upload()
    assert again.offset == len(DATA)
    assert_stored(served)


def test_cut_at_every_stage_it_resumes_by_its_stored_url(
    served: ApiServer, sonia: Person, tmp_path: Path
) -> None:
    """The announcement and its answer, the bytes at several places and their answer, the question
    how far it is. Each time the app begins anew with what it has on its disk."""
    cuts = (
        *(("POST", 100), ("POST", ANSWER)),
        *(("PATCH", 100), ("PATCH", 90_000), ("HEAD", ANSWER), ("PATCH", 200_000)),
        *(("PATCH", ANSWER), ("HEAD", 100)),
    )
    stored = closing(FileStorage(str(tmp_path / "urls.json")))
    with stored as storage, CuttingLine(served.port, *cuts) as line:
        for _ in range(_TRIES):
            with suppress(TusUploadFailed, TusCommunicationError):
                sent = uploader(line.url, sonia, store_url=True, url_storage=storage)
                sent.upload()
                break
        assert line.left == 0
    assert_stored(served)


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_killed_in_between_it_resumes(served: ApiServer, sonia: Person, tmp_path: Path) -> None:
    with closing(FileStorage(str(tmp_path / "urls.json"))) as storage:
        options = {"store_url": True, "url_storage": storage, "chunk_size": 150_000}
        first = uploader(served.url, sonia, **options)
        first.upload(stop_at=300_000)
        served.kill()
        with pytest.raises((TusUploadFailed, TusCommunicationError)):
            first.upload()
        served.start()
        second = uploader(served.url, sonia, **options)
        assert second.offset == 300_000
        second.upload()
    assert_stored(served)


@pytest.mark.parametrize("committing", ["sqlite"], indirect=True)
def test_other_bytes_than_announced_are_refused(served: ApiServer, sonia: Person) -> None:
    wrong = uploader(served.url, sonia, bytes(len(DATA)), chunk_size=300_000)
    with pytest.raises(TusUploadFailed) as refused:
        wrong.upload()
    assert refused.value.status_code == 460
    assert Upload.get().finished_at is None
    assert objects(served) == []
    right = uploader(served.url, sonia)
    right.upload()
    assert_stored(served)
