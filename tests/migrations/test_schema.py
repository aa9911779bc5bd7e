"""The migrations make the tables of the models, on both databases, and only once."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest
from playhouse.schema_diff import diff_models

from server import db
from server.cli import drafting, migrations
from server.models import TABLES, Event
from tests.backends.fixtures import PostgresDatabases
from tests.cli.running import COMMAND, ROOT, environment, promessa


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fresh.db'}"
    else:
        postgres: PostgresDatabases = request.getfixturevalue("postgres")
        with postgres.empty() as url:
            yield url


@pytest.fixture
def fresh(url: str) -> Iterator[peewee.Database]:
    """The models bound to an empty database; what they were bound to comes back afterwards."""
    former = db.database.obj
    db.initialize(url)
    try:
        with db.connected():
            yield db.database.obj
    finally:
        db.database.obj.close_all()
        db.database.initialize(former)


def test_makes_the_tables_of_the_models(fresh: peewee.Database) -> None:
    migrations.migrate()
    assert str(diff_models(fresh, TABLES)) == ""
    migrated = catalogue(fresh)
    fresh.drop_tables(TABLES)
    fresh.create_tables(TABLES)
    assert migrated == catalogue(fresh), "make migration NAME=…"


def test_a_second_time_does_nothing(fresh: peewee.Database) -> None:
    assert [step.name for step in migrations.steps()] == migrations.migrate()
    assert migrations.migrate() == []
    assert all(step.applied_at for step in migrations.steps())


def test_a_failing_step_leaves_nothing(fresh: peewee.Database, tmp_path: Path) -> None:
    (tmp_path / "0001_broken.py").write_text(
        "def up(migrator, db):\n"
        "    db.execute_sql('CREATE TABLE half (id INTEGER)')\n"
        "    db.execute_sql('CREATE NONSENSE')\n"
    )
    with pytest.raises(peewee.DatabaseError):
        migrations.migrate(tmp_path)
    assert not fresh.table_exists("half")
    assert [step.applied_at for step in migrations.steps(tmp_path)] == [None]


def test_a_step_of_another_version_is_said(fresh: peewee.Database, tmp_path: Path) -> None:
    migrations.migrate()
    assert not any(step.known for step in migrations.steps(tmp_path))


def test_down_takes_everything_back(fresh: peewee.Database) -> None:
    migrations.migrate()
    migrations.Runner(fresh, str(migrations.FOLDER)).down(migrations.steps()[0].name)
    assert fresh.get_tables() == ["schema_migration"]


def test_the_models_need_no_migration(tmp_path: Path) -> None:
    assert drafting.draft("needless") is None


def test_two_at_once_migrate_once(url: str) -> None:
    env = environment(DATABASE_URL=url, REDIS_URL="unix:///none", SECRET_KEY="-" * 32) | {
        "STORAGE": "file:none"
    }
    both = [
        subprocess.Popen(
            [*COMMAND, "db", "migrate"], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = sorted(each.communicate(timeout=120)[0] for each in both)
    assert [each.returncode for each in both] == [0, 0]
    assert said[0] == "The database is up to date.\n"
    assert said[1].startswith("applied 0001_initial\n")


def test_status_counts_what_is_pending(tmp_path: Path) -> None:
    env = {"PROMESSA_DATA_DIR": str(tmp_path)}
    before = promessa("db", "status", **env)
    assert (before.returncode, "promessa db migrate makes it" in before.stderr) == (1, True)
    (tmp_path / "promessa.db").touch()
    before = promessa("db", "status", **env)
    assert (before.returncode, "0001_initial  pending" in before.stdout) == (1, True)
    assert promessa("db", "migrate", **env).returncode == 0
    after = promessa("db", "status", **env)
    assert (after.returncode, "0001_initial  applied" in after.stdout) == (0, True)


def catalogue(database: peewee.Database) -> dict[str, Any]:
    """What the database itself says of every table: columns with type, null, default and key, and
    indexes with their SQL."""
    return {
        table._meta.table_name: (
            sorted(database.get_columns(table._meta.table_name)),
            sorted(_types(database, table._meta.table_name)),
            sorted((each.name, each.sql, each.unique) for each in _indexes(database, table)),
            database.get_primary_keys(table._meta.table_name),
        )
        for table in TABLES
    }


def _indexes(database: peewee.Database, table: Any) -> list[Any]:
    return list(database.get_indexes(table._meta.table_name))


def _types(database: peewee.Database, table: str) -> list[Any]:
    """The declared types with their lengths."""
    if isinstance(database, peewee.PostgresqlDatabase):
        query = (
            "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default "
            "FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'"
        )
        return list(database.execute_sql(query, (table,)))
    # Without the position: a column that came later is the last one.
    return [row[1:] for row in database.execute_sql(f'PRAGMA table_info("{table}")')]


def test_photos_that_were_stored_before_are_developed(fresh: peewee.Database) -> None:
    migrations.migrate()
    runner = migrations.Runner(fresh, str(migrations.FOLDER))
    runner.down("0004_pictures")
    for photo_id, state in (("p-1", "stored"), ("p-2", "declared"), ("p-3", "rejected")):
        fresh.execute_sql(
            "INSERT INTO photo (id, brand_id, shopper_id, report_id, state, created_at, "
            f"updated_at) VALUES ('{photo_id}', 'b', 's', 'a.1', '{state}', 1, 2)"
        )
    assert migrations.migrate()[0] == "0004_pictures"
    (event,) = Event.select()
    assert (event.kind, event.subject_id, event.brand_id) == ("picture.undeveloped", "p-1", "b")
    assert (event.attempts, event.done_at) == (0, None)
