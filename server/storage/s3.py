"""Objects in a bucket of any S3-compatible store."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server.config import Settings
from server.domain.photos import served_as
from server.errors import DigestMismatch, NotFound, Unavailable
from server.storage.breaker import Breaker
from server.storage.keys import checked

_BLOCK = 256 * 1024
_IN_MEMORY = 1024 * 1024
_CONNECT_SECONDS = 3
_SILENCE_SECONDS = 10
_ATTEMPTS = 2
_CONNECTIONS = 32

_MISSING = {"404", "NoSuchKey", "NotFound"}
_THERE = {"PreconditionFailed", "412"}
_NOT_ITS_DIGEST = {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch"}


class S3Storage:
    """See `server.storage.Storage`. The store checks the SHA-256 of what it gets once more."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.storage.removeprefix("s3://")
        self._breaker = Breaker()
        self._client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key,
            aws_secret_access_key=settings.s3_secret_key,
            config=Config(
                signature_version="s3v4",
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_SILENCE_SECONDS,
                retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
                max_pool_connections=_CONNECTIONS,
                s3={"addressing_style": "path"},
                # Not every store knows the newer checksums; ours is always sent by name.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, key: str, source: IO[bytes], *, size: int, sha256: str) -> None:
        """See `Storage`. What is there already stays, so a versioned bucket keeps no copies."""
        begin = source.tell()
        try:
            self._put(key, source, size, sha256, IfNoneMatch="*")
        except _Exists:
            if self.head(key) != size:
                source.seek(begin)
                self._put(key, source, size, sha256)

    def _put(self, key: str, source: IO[bytes], size: int, sha256: str, **more: Any) -> None:
        with self._answering():
            self._client.put_object(
                **self._target(key),
                Body=source,
                ContentLength=size,
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                **more,
            )

    def open(self, key: str) -> IO[bytes]:
        """See `Storage`. It is fetched whole first, so a line that breaks is no short object."""
        file = cast(IO[bytes], SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  the caller's
        try:
            with self._answering():
                body = self._client.get_object(**self._target(key))["Body"]
                shutil.copyfileobj(body, file, _BLOCK)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def head(self, key: str) -> int | None:
        """See `Storage`."""
        target = self._target(key)
        try:
            with self._answering():
                size: int = self._client.head_object(**target)["ContentLength"]
                return size
        except NotFound:
            return None

    def copy(self, key: str, new_key: str) -> None:
        """See `Storage`; the bytes stay within the store."""
        with self._answering():
            self._client.copy_object(**self._target(new_key), CopySource=self._target(key))

    def delete(self, key: str) -> None:
        """See `Storage`."""
        target = self._target(key)
        with suppress(NotFound), self._answering():
            self._client.delete_object(**target)

    def link(self, key: str, *, filename: str, content_type: str, seconds: int) -> str:
        """See `Storage`: a presigned GET, made without asking the store."""
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                **self._target(key),
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
                "ResponseContentType": served_as(content_type),
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=seconds,
        )
        return url

    def check(self) -> None:
        """See `Storage`."""
        with self._answering():
            self._client.head_bucket(Bucket=self._bucket)

    def _target(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": checked(key)}

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """The store's failures as ours."""
        with self._breaker:
            try:
                yield
            except ClientError as error:
                raise _problem(error) from error
            except BotoCoreError as error:
                raise _unavailable(type(error).__name__) from error


class _Exists(Exception):
    """If-None-Match found the key taken."""


def _problem(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code in _MISSING:
        return NotFound("The object is not in the storage.")
    if code in _THERE:
        return _Exists()
    if code in _NOT_ITS_DIGEST:
        return DigestMismatch("The bytes to be stored are not those that were verified.")
    return _unavailable(code)


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(f"The photo storage does not answer ({reason}): try again in a while.")
