"""`promessa db backup` and `restore`: whole or not at all, within and between the two databases."""

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import flask
import orjson
import pytest
from click.testing import CliRunner

from server import config, db
from server.cli import backups, lock, main, migrations
from server.config import Settings
from server.db import atomic
from server.models import (
    TABLES,
    Account,
    Brand,
    Event,
    Notice,
    Photo,
    PhotoContent,
    Report,
    Revision,
    SyncChange,
    SyncFeed,
)
from server.services import events, feeds, notices, restored_photos
from tests import visits
from tests.api.photo_calls import JPEG, send, sha256, told
from tests.cast import Cast
from tests.conftest import DATABASES
from tests.phone import Phone, Rows, photo, visit

Into = Callable[..., Any]


def unshown(rows: Iterable[Any], table: Any) -> Iterable[Any]:
    return rows


def contents() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but for the epochs."""
    found = {}
    for table in TABLES:
        rows = [dict(row) for row in table.select().dicts()]
        for row in rows:
            row.pop("epoch", None)
        found[table.__name__] = sorted(rows, key=repr)
    return found


def epochs() -> dict[str, int]:
    return {row.shopper_id: row.epoch for row in SyncFeed.select()}


@pytest.fixture
def into(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Iterator[Into]:
    """Binds the models to a database of the test's own while the block runs, migrated to the end,
    or to the step that is named."""
    bound, number = db.database.obj, iter(range(9))
    config.use(settings)

    @contextmanager
    def into(url: str, target: str | None) -> Iterator[None]:
        own = db.initialize(url)
        try:
            with db.connected():
                migrations.apply(target=target)
                yield
        finally:
            own.close_all()
            db.database.initialize(bound)

    @contextmanager
    def of_kind(kind: str, target: str | None = None) -> Iterator[None]:
        if kind == "sqlite":
            with into(f"sqlite:///{tmp_path / f'{next(number)}.db'}", target):
                yield
        else:
            with request.getfixturevalue("postgres").empty() as url, into(url, target):
                yield

    return of_kind


def filled() -> None:
    """A shopper with a visit, a notice, events, texts of all scripts, and nulls."""
    cast = Cast()
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    Brand.update(name='Aurea "Ω" 😀 \\N\t\n').execute()
    with atomic():
        events.emit_many("revision.frozen", ["a", "b"], cast.brand.id, why=["x", 1.5, None])
    feeds.touch({cast.sonia.account_id: [("stores", made.store_id)]})


@pytest.mark.parametrize("source", DATABASES)
@pytest.mark.parametrize("target", DATABASES)
def test_it_comes_back_as_it_was(into: Into, tmp_path: Path, source: str, target: str) -> None:
    path = tmp_path / "backup"
    with into(source):
        filled()
        expected, before = contents(), epochs()
        backups.backup(path, unshown)
        assert contents() == expected
    assert path.stat().st_mode & 0o777 == 0o600
    with into(target):
        done = backups.restore(path, unshown, replace=False)
        assert contents() == expected
        assert done.rows == sum(map(len, expected.values())) > 10
        assert all(epochs()[shopper] != epoch for shopper, epoch in before.items())
        assert migrations.migrate() == []
        with atomic():
            events.emit("revision.frozen", "c")
        assert Event.select().count() == 3


@pytest.mark.parametrize("kind", DATABASES)
def test_what_is_there_is_not_given_up_unasked(into: Into, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "backup"
    with into(kind):
        filled()
        backups.backup(path, unshown)
        Brand.update(name="Later").execute()
        with pytest.raises(click.ClickException, match="--replace"):
            backups.restore(path, unshown, replace=False)
        assert Brand.get().name == "Later"
        backups.restore(path, unshown, replace=True)
        assert Brand.get().name.startswith("Aurea")
        with pytest.raises(click.ClickException, match="there already"):
            backups.backup(path, unshown)


@pytest.mark.parametrize("kind", DATABASES)
def test_an_older_backup_is_brought_to_the_present_tables(
    into: Into, tmp_path: Path, kind: str
) -> None:
    path, first = tmp_path / "backup", "0001_initial"
    with into(kind, first):
        db.database.execute_sql(
            "INSERT INTO account (id, email, name, password_hash, locale, created_at) "
            "VALUES ('a', 'a@example.org', 'A', '!', 'it', 1)"
        )
        assert backups.backup(path, unshown).header.migrations == [first]
    with into(kind):
        backups.restore(path, unshown, replace=False)
        assert Account.get().locale == "it"
        assert all(step.applied_at for step in migrations.steps())


def spoilt(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    lines = change(gzip.decompress(path.read_bytes()).splitlines())
    other = path.with_name("spoilt")
    other.write_bytes(gzip.compress(b"\n".join(lines)))
    return other


def without_a_row(lines: list[bytes]) -> list[bytes]:
    return lines[:-2] + lines[-1:]


def with_another_value(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"Aurea", b"Acqua") for line in lines]


def of_a_newer_promessa(lines: list[bytes]) -> list[bytes]:
    header = orjson.loads(lines[0])
    header["migrations"].append("9999_from_the_future")
    return [orjson.dumps(header), *lines[1:]]


def with_a_table_more(lines: list[bytes]) -> list[bytes]:
    header = orjson.loads(lines[0])
    header["tables"].append({"name": 'x"; DROP TABLE brand; --', "columns": ["a"], "rows": 0})
    return [orjson.dumps(header), *lines[1:]]


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_a_row, "no whole backup"),
        (with_another_value, "SHA-256"),
        (of_a_newer_promessa, "newer Promessa"),
        (with_a_table_more, "no whole backup"),
        (lambda lines: lines[:1], "no whole backup"),
        (lambda lines: [b"{}"], "no whole backup"),
    ],
)
def test_a_bad_file_changes_nothing(
    into: Into,
    tmp_path: Path,
    kind: str,
    change: Callable[[list[bytes]], list[bytes]],
    said: str,
) -> None:
    path = tmp_path / "backup"
    with into(kind):
        filled()
        backups.backup(path, unshown)
        Brand.update(name="Later").execute()
        expected, before = contents(), epochs()
        for bad in (spoilt(path, change), cut(path)):
            words = said if bad.name == "spoilt" else "no whole backup"
            with pytest.raises(click.ClickException, match=words):
                backups.restore(bad, unshown, replace=True)
        assert (contents(), epochs()) == (expected, before)


def cut(path: Path) -> Path:
    """The file as a copy that was interrupted leaves it."""
    other = path.with_name("cut")
    other.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return other


@pytest.mark.parametrize("kind", DATABASES)
def test_it_sees_one_moment_while_others_write(into: Into, tmp_path: Path, kind: str) -> None:
    """A writer adds a notice and its place in the feed in one transaction, again and again: a
    backup that saw two moments has more of one than of the other."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        with db.connected():
            number = 0
            while not stop.is_set():
                number += 1
                with atomic():
                    feeds.touch({"s": [notices.notify("s", f"stores/{number}", "moved", "It is.")]})
                wrote.set()

    with into(kind):
        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert wrote.wait(30)
            for number in range(3):
                backups.backup(tmp_path / f"{number}", unshown)
        finally:
            stop.set()
            writer.join()
        counted = []
        for number in range(3):
            backups.restore(tmp_path / f"{number}", unshown, replace=True)
            counted.append(Notice.select().count())
            assert counted[-1] == SyncChange.select().count() == SyncFeed.get().seq
        assert counted == sorted(counted)
        assert counted[0] > 0


@pytest.mark.parametrize("kind", DATABASES)
def test_phones_give_back_what_an_older_backup_lacks(
    into: Into, tmp_path: Path, kind: str, made_app: flask.Flask
) -> None:
    """A visit that was acknowledged after the backup comes back, however often the same backup is
    restored; another phone's push with a lost cursor is a 409 until it pulled."""
    path = tmp_path / "backup"
    with into(kind):
        cast = Cast()
        early, late = (visits.assignment(cast.brand.id, cast.sonia.account_id) for _ in range(2))
        phone, other = (Phone(made_app.test_client(), cast.sonia) for _ in range(2))
        phone.pull()
        first, second = visit(early.id), visit(late.id, summary="Sunny")
        phone.push(first)
        backups.backup(path, unshown)
        phone.push(second)
        expected = reports()
        seen = set(epochs().values())
        for _ in range(3):
            other.pull()
            backups.restore(path, unshown, replace=True)
            assert set(reports()) == {f"{early.id}.1"}
            assert not seen & set(epochs().values())
            seen |= set(epochs().values())
            assert other.send(b"{}").status_code == 409
            heal(phone, {table: first[table] + second[table] for table in first})
            assert reports() == expected
            assert Revision.select().count() == 2
            phone.pull()
            assert phone.rows["reports"][f"{late.id}.1"]["summary"] == "Sunny"


@pytest.mark.parametrize("kind", DATABASES)
def test_photos_come_back_whose_phones_have_deleted_them(
    into: Into, tmp_path: Path, kind: str, made_app: flask.Flask
) -> None:
    """A verified photo that the backup lacks is found in the storage once its row is back; for a
    shopper who was not asked to send again, a known digest finds nothing."""
    path, client = tmp_path / "backup", made_app.test_client()
    with into(kind):
        cast = Cast()
        made = visits.assignment(cast.brand.id, cast.sonia.account_id)
        theirs = visits.assignment(cast.brand.id, cast.sergio.account_id)
        phone, stranger = Phone(client, cast.sonia), Phone(client, cast.sergio)
        phone.pull()
        backups.backup(path, unshown)
        rows = visit(made.id, photo_count=1)
        rows["photos"] = [photo("p-1", made.id, sha256=sha256(JPEG), bytes=len(JPEG))]
        phone.push(rows)
        assert send(client, cast.sonia, "p-1").status_code == 201
        backups.restore(path, unshown, replace=True)
        heal(phone, rows)
        stranger.pull()
        stranger.push({"photos": [photo("p-2", theirs.id, sha256=sha256(JPEG))]})
        assert Photo.get_by_id("p-1").state == "declared"
        assert [restored_photos.find(), restored_photos.find()] == [1, 0]
        assert {row.id: row.state for row in Photo.select()} == {"p-1": "stored", "p-2": "declared"}
        assert PhotoContent.select().count() == 1
        assert told("photo.stored") == ["p-1"]
        phone.pull()
        assert phone.rows["photos"]["p-1"]["state"] == "stored"


def reports() -> dict[str, Any]:
    """What each report says, whenever it arrived."""
    return {
        row.id: (
            {name: cell[0] for name, cell in row.document["fields"].items()},
            {key: cells["value"][0] for key, cells in row.document["answers"].items()},
            row.locked_revision,
        )
        for row in Report.select()
    }


def heal(phone: Phone, own: Rows) -> None:
    """What docs/sync.md asks of a phone: pull, and send again all that it holds."""
    phone.pull()
    assert "resend" in {row["code"] for row in phone.rows["notices"].values()}
    assert phone.push(own) == {}


@pytest.mark.parametrize("kind", DATABASES)
def test_a_database_that_is_served_is_not_replaced(into: Into, tmp_path: Path, kind: str) -> None:
    run, path = CliRunner(), tmp_path / "backup"
    with into(kind):
        filled()
        assert run.invoke(main, ["db", "backup", str(path)]).exit_code == 0
        with served(kind, tmp_path):
            refused = run.invoke(main, ["db", "restore", str(path), "--replace"])
        assert (refused.exit_code, "Nothing was changed" in refused.output) == (1, True)
        assert contents()["Brand"]
        restored = run.invoke(main, ["db", "restore", str(path), "--replace"])
        assert (restored.exit_code, restored.output.count("are back")) == (0, 1)


@contextmanager
def served(kind: str, folder: Path) -> Iterator[None]:
    """As far as others can tell."""
    if kind == "postgres":
        other = db.database.obj._connect()
        yield
        other.close()
    else:
        config.use(replace(config.settings(), data_dir=folder))
        with lock.held(folder / "up.lock"):
            yield


def test_the_commands_say_what_they_did(into: Into, tmp_path: Path) -> None:
    run, path = CliRunner(), tmp_path / "backup"
    with into("sqlite"):
        filled()
        written = run.invoke(main, ["db", "backup", str(path)])
        assert (written.exit_code, f"are in {path}" in written.output) == (0, True)
        refused = run.invoke(main, ["db", "restore", str(path)])
        assert (refused.exit_code, "--replace" in refused.output) == (1, True)
        restored = run.invoke(main, ["db", "restore", str(path), "--replace"])
        assert (restored.exit_code, "1 phones' feeds begin anew" in restored.output) == (0, True)
