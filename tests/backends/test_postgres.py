"""The PostgreSQL of the tests is the real one, and its data outlive it."""

from urllib.parse import urlsplit

import psycopg
import pytest

from tests.backends import postgres as backend
from tests.backends.fixtures import PostgresDatabases


def test_version(postgres: PostgresDatabases) -> None:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute("SHOW server_version_num").fetchone()
    assert row is not None
    assert int(row[0]) >= 140_000


def test_own_binary_is_version_18() -> None:
    assert backend.version().startswith("postgres (PostgreSQL) 18")


def test_a_worker_database_is_its_own(postgres: PostgresDatabases) -> None:
    with postgres.empty() as other, psycopg.connect(other, autocommit=True) as connection:
        connection.execute("CREATE TABLE only_here (n int)")
        with psycopg.connect(postgres.url) as own:
            assert own.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_data_outlive_stop_and_kill() -> None:
    with backend.start(fsync=True) as server:
        address = server.url
        with psycopg.connect(server.url, autocommit=True) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        server.restart()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("INSERT INTO kept VALUES (2)")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
        server.start()
        with psycopg.connect(server.url) as connection:
            rows = connection.execute("SELECT n FROM kept ORDER BY n").fetchall()
    assert rows == [(1,), (2,)]
    assert server.url == address
    assert not server.folder.exists()


def test_asks_for_the_password(postgres: PostgresDatabases) -> None:
    password = urlsplit(postgres.url).password
    if password is None:
        pytest.skip("the given PostgreSQL asks for none")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url.replace(password, "wrong"))
