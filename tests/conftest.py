"""Fixtures of all tests: both databases, a transaction per test that rolls back, the cast."""

import gc
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import flask
import hypothesis
import pytest
from flask.testing import FlaskClient

from server import config, db
from server.app import create_app
from server.config import Settings
from server.models import TABLES
from server.services import login_limits
from tests.cast import Cast

# How long an example takes says more of the machine's other work than of ours.
hypothesis.settings.register_profile("promessa", deadline=None)
hypothesis.settings.load_profile("promessa")

pytest_plugins = ["tests.backends.fixtures"]

# What is imported and collected stays to the end: no collection of garbage goes through it.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on there is garbage."""
    gc.freeze()
    gc.enable()


DATABASES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an embedded folder; nothing listens at its Redis."""
    folder = tmp_path_factory.mktemp("data")
    env = {
        "PROMESSA_DATA_DIR": str(folder),
        "REDIS_URL": f"unix://{folder}/no.sock",
        "PASSWORD_COST": "m=8,t=1,p=1",
    }
    return config.use(config.load(env))


@pytest.fixture(scope="session", params=DATABASES)
def bound_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The kind of the database that all models are bound to while this parameter runs."""
    kind: str = request.param
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
    if kind == "postgres":
        url = request.getfixturevalue("postgres").url
    bound = db.initialize(url)
    with db.connected():
        db.database.create_tables(TABLES)
    yield kind
    bound.close_all()


@pytest.fixture
def database(bound_database: str, settings: Settings) -> Iterator[str]:
    """A transaction that rolls back after the test; the value is "sqlite" or "postgres"."""
    with db.connected(), db.database.atomic() as transaction:
        yield bound_database
        transaction.rollback()


@pytest.fixture(params=DATABASES)
def committing(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own, where threads may commit; "sqlite" or "postgres"."""
    kind, bound = request.param, db.database.obj
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'own.db'}"
        if kind == "postgres":
            url = stack.enter_context(request.getfixturevalue("postgres").empty())
        own = db.initialize(url)
        with db.connected():
            own.create_tables(TABLES)
        yield kind
        own.close_all()
        db.database.initialize(bound)


@pytest.fixture(autouse=True)
def as_before(settings: Settings) -> Iterator[None]:
    """What a process has but once, and a test may have changed: its settings, its umask."""
    former, mask = config.settings(), os.umask(0o022)
    os.umask(mask)
    yield
    config.use(former)
    os.umask(mask)


@pytest.fixture(autouse=True)
def fresh_login_limits() -> None:
    """Nobody has tried to log in yet."""
    login_limits.reset()


@pytest.fixture(scope="session")
def made_app(settings: Settings) -> flask.Flask:
    """The application, made once: it holds no state, and its document takes a while to make."""
    return create_app(settings)


@pytest.fixture
def app(database: str, made_app: flask.Flask, settings: Settings) -> flask.Flask:
    """The application, on the test's transaction."""
    config.use(settings)
    return made_app


@pytest.fixture
def client(app: flask.Flask) -> FlaskClient:
    """An HTTP client without a token: pass `headers=cast.alice.headers`."""
    return app.test_client()


@pytest.fixture
def cast(database: str) -> Cast:
    """Alice, Bob, Charlie and the others."""
    return Cast()


@pytest.fixture
def unused_port() -> Callable[[], int]:
    """Gives ports at which nothing listens."""

    def port() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return port


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the project; skips where it is not there."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.exists():
        pytest.skip("the real data is not beside this checkout")
    return folder
