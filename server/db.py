"""The database: one connection per thread, explicit transactions, fields alike on both databases.

SQLite (embedded) runs in WAL with full sync, and every write transaction begins IMMEDIATE;
PostgreSQL runs through psycopg 3. Nothing connects by itself: `connected()` does.
"""

import fcntl
import os
import select
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import peewee
from playhouse.db_url import parse
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from server import clock, slots

_SQLITE_BUSY_SECONDS = 30
_POOL_WAIT_SECONDS = 30
_STALE_SECONDS = 300
_ROWS_PER_STATEMENT = 1000

T = TypeVar("T")
AnyTable = TypeVar("AnyTable", bound="Table")

database = peewee.DatabaseProxy()


def initialize(url: str, *, pool: int = 16) -> peewee.Database:
    """Bind all models to the database at `url`; `pool` is the most connections per process."""
    database.initialize(_open(url, pool))
    return database.obj


def _open(url: str, pool: int) -> peewee.Database:
    if urlsplit(url).scheme == "sqlite":
        return PooledSqliteDatabase(
            url.removeprefix("sqlite:///"),
            max_connections=pool,
            timeout=_POOL_WAIT_SECONDS,
            autoconnect=False,
            check_same_thread=False,
            pragmas={
                # First: to turn WAL on is a lock to wait for, too.
                "busy_timeout": _SQLITE_BUSY_SECONDS * 1000,
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
            },
        )
    return _Postgres(
        **parse(url, unquote_user=True, unquote_password=True),
        max_connections=pool,
        timeout=_POOL_WAIT_SECONDS,
        stale_timeout=_STALE_SECONDS,
        autoconnect=False,
        prefer_psycopg3=True,
    )


class _Postgres(PooledPostgresqlDatabase):
    """Of which a request asks no `SELECT 1` before its own statements."""

    def _is_closed(self, conn: Any) -> bool:
        """A server that ended a connection has said so on its socket: silent ones are not asked."""
        if conn.closed:
            return True
        spoken = select.poll()
        spoken.register(conn.fileno(), select.POLLIN)
        return bool(spoken.poll(0)) and bool(super()._is_closed(conn))


def is_postgres() -> bool:
    """Whether the bound database is PostgreSQL, for the few places where SQL must differ."""
    return isinstance(database.obj, peewee.PostgresqlDatabase)


@contextmanager
def connected() -> Iterator[None]:
    """A connection for this thread; nested use shares the outer one."""
    opened = database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            database.close()


@contextmanager
def released() -> Iterator[None]:
    """Give this thread's connection back meanwhile, so that who waits for a slow line holds none;
    not within a transaction."""
    if database.is_closed() or database.in_transaction():
        yield
        return
    database.close()
    try:
        yield
    finally:
        database.connect(reuse_if_open=True)


slots.lend_too(released)


@contextmanager
def atomic() -> Iterator[None]:
    """A write transaction, or a savepoint within one. Commits on leaving, rolls back on error."""
    if is_postgres() or database.in_transaction():
        with database.atomic():
            yield
    else:
        with _turn(), database.atomic("IMMEDIATE"):
            yield


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for this writer's turn on SQLite. Its own waiting is polling with growing naps, in which
    a busy job starves a push; the kernel wakes the waiters of a file lock in their order, and
    releases it however its holder dies."""
    path = f"{database.obj.database}-turn"
    with open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def snapshot() -> Iterator[None]:
    """A read transaction that sees one state of the database throughout."""
    if database.in_transaction():
        with database.atomic():
            yield
    elif is_postgres():
        with database.atomic("REPEATABLE READ"):
            yield
    else:
        with database.atomic("DEFERRED"):
            yield


@contextmanager
def together() -> Iterator[None]:
    """Send PostgreSQL the statements within one after the other without waiting for each; what is
    wrong with one is raised at the latest on leaving. For statements whose results nobody reads."""
    if is_postgres():
        with peewee.__exception_wrapper__, database.connection().pipeline():  # type: ignore[attr-defined]
            yield
    else:
        yield


def serialize(name: str) -> None:
    """From here to the end of the transaction, let no other that serializes on `name` go on.
    SQLite needs nothing for it: its write transactions run one at a time."""
    if is_postgres():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def after_commit(hook: Callable[[], None]) -> None:
    """Run `hook` once the outermost transaction has committed. It must not raise: it only speeds
    up what the database already holds (a raising hook would skip the others)."""
    database.after_commit(hook)


def chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """`rows` in parts that one statement can hold: SQLite takes 32,766 parameters."""
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        yield rows[start : start + _ROWS_PER_STATEMENT]


def insert(
    table: type["Table"],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: tuple[str, ...] = (),
    update: tuple[str, ...] = (),
) -> None:
    """Insert rows, which all have the same columns, in one statement; where `key` is there already,
    write its columns `update`: as peewee's insert_many does, with a text that is kept."""
    if not rows:
        return
    names = tuple(rows[0])
    convert = [(name, table._meta.fields[name].db_value) for name in names]
    values = [into(row[name]) for row in rows for name, into in convert]
    database.execute_sql(kept(_insertion, table, names, len(rows), key, update), values)


def by_id(table: type[AnyTable], ids: Iterable[str]) -> dict[str, AnyTable]:
    """The rows of a table that there are of these keys, in their order, from as few statements."""
    found: dict[str, AnyTable] = {}
    for part in chunks(sorted(ids)):
        rows = table.raw(kept(_selection, table, len(part)), *part)
        found |= {row._pk: row for row in rows}
    return found


def kept(make: Callable[..., Any], *shape: Hashable) -> str:
    """The text of the statement that `make(*shape)` builds, which takes longer to make than to run.
    Values are given when it is run, in the text's order, so `make` puts any into their places."""
    return _kept(make, shape, is_postgres())


@lru_cache(maxsize=1024)
def _kept(make: Callable[..., Any], shape: tuple[Hashable, ...], _postgres: bool) -> str:
    return str(make(*shape).sql()[0])


def _insertion(
    table: type["Table"],
    names: tuple[str, ...],
    rows: int,
    key: tuple[str, ...],
    update: tuple[str, ...],
) -> Any:
    fields = table._meta.fields
    statement = table.insert_many([(None,) * len(names)] * rows, [fields[name] for name in names])
    if not key:
        return statement
    return statement.on_conflict(
        conflict_target=[fields[name] for name in key],
        preserve=[fields[name] for name in update],
    )


def _selection(table: Any, count: int) -> Any:
    key = table._meta.primary_key
    return table.select().where(key.in_([""] * count)).order_by(key)


def columns(row: "Table") -> dict[str, Any]:
    """All of a row's columns, for a statement that inserts many: absent ones are null."""
    return {name: getattr(row, name) for name in row._meta.sorted_field_names}


class UtcField(peewee.BigIntegerField):
    """A timezone-aware UTC datetime, stored as whole milliseconds since 1970."""

    def db_value(self, value: datetime | int | None) -> int | None:
        return clock.to_ms(value) if isinstance(value, datetime) else value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else clock.from_ms(value)


class JsonField(peewee.TextField):
    """Any JSON value, stored as UTF-8 text, the same on both databases. Keys sort on request only:
    what is written is read back in its order."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def python_value(self, value: str | None) -> Any:
        return None if value is None else orjson.loads(value)


class Table(peewee.Model):
    """Base of all tables."""

    class Meta:
        database = database
        legacy_table_names = False
