"""Bringing a database to the present tables, by the numbered steps of the package `migrations`.

Two processes that start at once migrate once: the second waits, and finds nothing left to do.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playhouse.migrations import Runner

import migrations
from server.db import database, is_postgres

FOLDER = Path(migrations.__file__).parent
TABLE = "schema_migration"
"""Where the database notes which steps it has."""

# One number in the whole database, so that migrations of no other program take it by chance.
_LOCK = 0x50524F4D  # "PROM"


@dataclass(frozen=True, slots=True)
class Step:
    """A migration: when it was applied (local time; None: not yet), and whether its file is
    there. A file that is gone belongs to a newer Promessa."""

    name: str
    applied_at: datetime | None
    known: bool


def migrate(folder: Path = FOLDER) -> list[str]:
    """Apply what is pending, each step in a transaction, and give the names. Needs a connection."""
    with alone():
        return apply(folder)


def apply(folder: Path = FOLDER, *, target: str | None = None) -> list[str]:
    """Apply what is pending, up to the step `target`, within `alone`."""
    names: list[str] = Runner(database.obj, str(folder), table_name=TABLE).up(target)
    return names


def steps(folder: Path = FOLDER) -> list[Step]:
    """All migrations in their order."""
    return [
        Step(each.name, each.applied, each.path is not None)
        for each in Runner(database.obj, str(folder), table_name=TABLE).status()
    ]


@contextmanager
def alone() -> Iterator[None]:
    """Keep all others from migrating meanwhile."""
    if is_postgres():
        database.execute_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            yield
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    else:
        with Path(f"{database.obj.database}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
