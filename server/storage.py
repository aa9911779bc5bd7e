"""Objects: photos' bytes, in a local folder or in any S3-compatible store.

A key is written once and never changed: it names its content, or one photo of one shopper. An
object is there whole or not at all, and a `put` that returned survives the loss of any process.
"""

import base64
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from itsdangerous import BadSignature, URLSafeSerializer

from server import clock, config
from server.config import Settings
from server.errors import NotFound, Unavailable

LINK_LIFETIME = timedelta(minutes=5)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)+")
_BLOCK = 1024 * 1024
_MISSING = {"404", "NoSuchKey", "NotFound"}


class Storage(Protocol):
    """What both drivers do. Unavailable where the store does not answer."""

    def put(self, key: str, source: BinaryIO, *, size: int, sha256: str) -> None:
        """Keep `size` bytes of `source` from its present position; `sha256` is theirs, hex."""

    def copy(self, key: str, new_key: str) -> None:
        """Keep the object under a second key. NotFound."""

    def delete(self, key: str) -> None:
        """Forget the object; one that is not there is no mistake."""

    def exists(self, key: str) -> bool:
        """Whether the object is there."""

    def read(self, key: str) -> bytes:
        """The whole object. NotFound."""

    def link(self, key: str, *, filename: str, content_type: str) -> str:
        """A URL that downloads the object, good for five minutes for whoever has it."""

    def check(self) -> None:
        """Raise unless the store answers and can be written to."""


def current() -> Storage:
    """The storage of this process's settings."""
    return _storage(config.settings())


@cache
def _storage(settings: Settings) -> Storage:
    if settings.storage.startswith("s3://"):
        return S3Storage(settings)
    return FolderStorage(Path(settings.storage.removeprefix("file:")), settings)


class FolderStorage:
    """Objects as files of a local folder; links are our own, signed."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder.absolute()
        self.public_url = settings.public_url
        self.incoming = self.folder / ".incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)
        self.signer = URLSafeSerializer(settings.secret_key, salt="objects")

    def put(self, key: str, source: BinaryIO, *, size: int, sha256: str) -> None:
        """See `Storage`. The digest was verified as the bytes came in; here only size counts."""
        with self._arriving(key) as file:
            shutil.copyfileobj(source, file, _BLOCK)
            if file.tell() != size:
                raise Unavailable(f"{file.tell()} bytes of {sha256} were kept and {size} declared.")

    def copy(self, key: str, new_key: str) -> None:
        """See `Storage`."""
        with self.open(key) as source, self._arriving(new_key) as file:
            shutil.copyfileobj(source, file, _BLOCK)

    def delete(self, key: str) -> None:
        """See `Storage`."""
        self._path(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """See `Storage`."""
        return self._path(key).is_file()

    def read(self, key: str) -> bytes:
        """See `Storage`."""
        with self.open(key) as file:
            return file.read()

    def open(self, key: str) -> BinaryIO:
        """The object as an open file. NotFound."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotFound("The object is not in the storage.") from error

    def link(self, key: str, *, filename: str, content_type: str) -> str:
        """See `Storage`; `opened` is its other half."""
        until = clock.to_ms(clock.now() + LINK_LIFETIME)
        token = self.signer.dumps([key, filename, content_type, until])
        return f"{self.public_url}/v1/objects/{token}"

    def opened(self, token: str) -> tuple[BinaryIO, str, str]:
        """File, filename and content type behind a link's token. NotFound: forged or too old."""
        try:
            key, filename, content_type, until = self.signer.loads(token)
        except (BadSignature, ValueError) as error:
            raise NotFound("This link is not one of ours.") from error
        if clock.to_ms(clock.now()) > until:
            raise NotFound("This link was good for five minutes: ask for a new one.")
        return self.open(key), filename, content_type

    def check(self) -> None:
        """See `Storage`."""
        with tempfile.TemporaryFile(dir=self.incoming):
            pass

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound(f"{key!r} is no object's key.")
        return self.folder / key

    @contextmanager
    def _arriving(self, key: str) -> Iterator[IO[bytes]]:
        """A file that becomes the object when the block ends well: content durable, then name."""
        path = self._path(key)
        try:
            with tempfile.NamedTemporaryFile(dir=self.incoming, delete=False) as file:
                try:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                    path.parent.mkdir(parents=True, exist_ok=True)
                    Path(file.name).replace(path)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            for folder in (path.parent, path.parent.parent):
                _sync_folder(folder)
        except OSError as error:
            raise Unavailable(f"The photo folder cannot be written: {error.strerror}.") from error


class S3Storage:
    """Objects in a bucket of any S3-compatible store."""

    def __init__(self, settings: Settings) -> None:
        self.bucket = settings.storage.removeprefix("s3://")
        self.client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key,
            aws_secret_access_key=settings.s3_secret_key,
            config=Config(
                signature_version="s3v4",
                connect_timeout=3,
                read_timeout=20,
                retries={"total_max_attempts": 3, "mode": "standard"},
                max_pool_connections=32,
                s3={"addressing_style": "path"},
                # Not every store knows the newer checksums; ours is always sent by name.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, key: str, source: BinaryIO, *, size: int, sha256: str) -> None:
        """See `Storage`. The store checks the digest, where it can, once more."""
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        with _answering():
            self.client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=source,
                ContentLength=size,
                ChecksumSHA256=checksum,
            )

    def copy(self, key: str, new_key: str) -> None:
        """See `Storage`."""
        with _answering():
            self.client.copy_object(
                Bucket=self.bucket, Key=new_key, CopySource={"Bucket": self.bucket, "Key": key}
            )

    def delete(self, key: str) -> None:
        """See `Storage`."""
        try:
            with _answering():
                self.client.delete_object(Bucket=self.bucket, Key=key)
        except NotFound:
            return

    def exists(self, key: str) -> bool:
        """See `Storage`."""
        try:
            with _answering():
                self.client.head_object(Bucket=self.bucket, Key=key)
        except NotFound:
            return False
        return True

    def read(self, key: str) -> bytes:
        """See `Storage`."""
        with _answering():
            body: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            return body

    def link(self, key: str, *, filename: str, content_type: str) -> str:
        """See `Storage`: a presigned GET that downloads and is never shown in place."""
        named: dict[str, Any] = {
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
            "ResponseContentType": content_type,
        }
        url: str = self.client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self.bucket, "Key": key} | named,
            ExpiresIn=int(LINK_LIFETIME.total_seconds()),
        )
        return url

    def check(self) -> None:
        """See `Storage`."""
        with _answering():
            self.client.head_bucket(Bucket=self.bucket)


@contextmanager
def _answering() -> Iterator[None]:
    """The store's failures as ours: a missing object is NotFound, all else is Unavailable."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            raise NotFound("The object is not in the storage.") from error
        raise _unavailable(error) from error
    except BotoCoreError as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"The photo storage does not answer ({type(error).__name__}): try later.")


def _sync_folder(folder: Path) -> None:
    """Make names in the folder durable: a rename is, only once its directory is written."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
