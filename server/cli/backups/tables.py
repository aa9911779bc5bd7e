"""Whole tables out of and into either database, as the database itself describes them: the rows
of any migration, and none of our models' conversions. Values pass between the two databases as they
are, since our fields are alike on both; PostgreSQL's COPY reads SQLite's 0 and 1 as booleans.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.db import database, is_postgres

_AT_ONCE = 500

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A table, its columns in order, and how many rows it has."""

    name: str
    columns: list[str]
    rows: int

    @property
    def listed(self) -> str:
        """The columns for a statement."""
        return ", ".join(map(_quoted, self.columns))


def held(*, besides: str) -> list[Held]:
    """The database's tables but one."""
    return [_held(name) for name in _names() if name != besides]


def rows(table: Held) -> Iterator[Row]:
    """All rows of a table, some at a time. Within a transaction."""
    query = f"SELECT {table.listed} FROM {_quoted(table.name)}"  # noqa: S608  our own names
    connection = database.connection()
    if not is_postgres():
        yield from connection.execute(query)
        return
    with connection.cursor(name="promessa_backup") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(query)
        yield from cursor


def write(table: Held, into: Iterable[Row]) -> None:
    """Add rows to an empty table, and let its own numbers go on after them."""
    name, connection = _quoted(table.name), database.connection()
    if not is_postgres():
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {name} ({table.listed}) VALUES ({marks})"  # noqa: S608
        connection.executemany(statement, into)
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} ({table.listed}) FROM STDIN") as copy,
    ):
        for row in into:
            copy.write_row(row)
    for column in table.columns:
        _go_on(name, column)


def drop() -> None:
    """Drop all tables."""
    for name in _names():
        database.execute_sql(f"DROP TABLE {_quoted(name)}")


def _go_on(name: str, column: str) -> None:
    """Set the sequence behind a column, if there is one, after the highest number."""
    (sequence,) = database.execute_sql(
        "SELECT pg_get_serial_sequence(%s, %s)", (name, column)
    ).fetchone()
    if sequence is not None:
        highest = f"SELECT COALESCE(MAX({_quoted(column)}), 0) + 1 FROM {name}"  # noqa: S608
        database.execute_sql(f"SELECT setval(%s, ({highest}), false)", (sequence,))


def _names() -> list[str]:
    return [name for name in database.get_tables() if not name.startswith("sqlite_")]


def _held(name: str) -> Held:
    count = f"SELECT COUNT(*) FROM {_quoted(name)}"  # noqa: S608
    columns = [column.name for column in database.get_columns(name)]
    return Held(name, columns, database.execute_sql(count).fetchone()[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
