"""Session fixtures of the real servers, shared by all workers, with each worker's data apart.

    postgres    .url an empty database of this worker's own; .empty() a fresh one for one test
    valkey      .url a numbered database of this worker's own
    s3          .endpoint .access_key .secret_key .region .bucket; .client(); .environment

PROMESSA_TEST_DATABASE_URL names a PostgreSQL to use instead of starting one; its role must be able
to create databases. The database in the url itself is not touched.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg
import pytest

from tests.backends.broker import Backends, Broker, BrokerClient
from tests.backends.swift import S3

_BACKENDS = pytest.StashKey[Backends]()
_WORKER_INPUT = "promessa_backends"


@dataclass(frozen=True)
class PostgresDatabases:
    """A worker's own database at `url`, on the server that `server_url` reaches."""

    url: str
    server_url: str

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The url of a new empty database, dropped afterwards with all connections to it."""
        name = f"promessa_test_{secrets.token_hex(8)}"
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
            try:
                yield urlsplit(self.server_url)._replace(path=f"/{name}").geturl()
            finally:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass(frozen=True)
class ValkeyDatabase:
    """A numbered database of the shared Valkey, this worker's own."""

    url: str


@dataclass(frozen=True)
class S3Bucket(S3):
    """The shared S3 server and a bucket on it, this worker's own."""

    bucket: str = ""

    def client(self) -> Any:
        """A boto3 client for it."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The settings of an application that stores its photos there."""
        return {
            "STORAGE": f"s3://{self.bucket}",
            "S3_ENDPOINT": self.endpoint,
            "S3_REGION": self.region,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
        }


def pytest_configure(config: pytest.Config) -> None:
    """A worker asks the controller's broker; everybody else has their own."""
    worker_input = getattr(config, "workerinput", None)
    if worker_input is None:
        config.stash[_BACKENDS] = Broker()
    else:
        config.stash[_BACKENDS] = BrokerClient(*worker_input[_WORKER_INPUT])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the broker is."""
    broker = node.config.stash[_BACKENDS]
    node.workerinput[_WORKER_INPUT] = (broker.address, broker.key)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    broker = config.stash.get(_BACKENDS, None)
    if isinstance(broker, Broker):
        broker.close()


@pytest.fixture(scope="session")
def backends(pytestconfig: pytest.Config) -> Backends:
    """Where to ask for the shared servers."""
    return pytestconfig.stash[_BACKENDS]


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgresDatabases]:
    """A real PostgreSQL with an empty database for this worker."""
    url = os.environ.get("PROMESSA_TEST_DATABASE_URL")
    if url is None:
        url = request.getfixturevalue("backends").url("postgres")
    with PostgresDatabases(url, url).empty() as own:
        yield PostgresDatabases(own, url)


@pytest.fixture(scope="session")
def valkey(backends: Backends, worker_number: int) -> ValkeyDatabase:
    """A real Valkey with an empty database for this worker."""
    server = urlsplit(backends.url("valkey"))
    return ValkeyDatabase(server._replace(path=f"/{worker_number}").geturl())


@pytest.fixture(scope="session")
def s3(backends: Backends) -> S3Bucket:
    """A real S3 server with an empty bucket for this worker."""
    server = backends.s3()
    bucket = S3Bucket(
        server.endpoint,
        server.access_key,
        server.secret_key,
        server.region,
        f"promessa-{secrets.token_hex(8)}",
    )
    bucket.client().create_bucket(Bucket=bucket.bucket)
    return bucket


@pytest.fixture(scope="session")
def worker_number() -> int:
    """0 for xdist's gw0 and without xdist, 1 for gw1, …"""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
