"""The whole database into one file and back, the same file for SQLite and PostgreSQL.

A backup reads one snapshot while Promessa serves. A restore is one transaction, migrations and all,
so it happens whole or not at all. Both stream, so memory stays flat. The database is Promessa's
own: every table of it (on PostgreSQL: of its schema) is kept, and replaced.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from server import clock
from server.cli import migrations
from server.cli.backups import archive, tables
from server.cli.backups.archive import Damaged, Header, Lines
from server.cli.backups.tables import Held, Row
from server.db import atomic, database, snapshot
from server.models import SyncFeed
from server.services import restoring

Shown = Callable[[Iterable[Row], Held], Iterable[Row]]
"""Passes the rows of a table on, and shows how far they are."""


@dataclass(frozen=True, slots=True)
class Done:
    """What went through: rows in all, and for a restore the feeds whose epoch is new."""

    header: Header
    rows: int
    feeds: int = 0


def backup(path: Path, shown: Shown) -> Done:
    """Write the bound database to a new file. ClickException: it is there already."""
    with snapshot(), archive.written(path) as write:
        applied = [step.name for step in migrations.steps() if step.applied_at]
        held = tables.held(besides=migrations.TABLE)
        made_at = clock.now().isoformat(timespec="seconds")
        header = Header(version("promessa"), made_at, applied, held)
        write(header.described())
        for table in held:
            for row in shown(tables.rows(table), table):
                write(row)
    return Done(header, sum(table.rows for table in held))


def restore(path: Path, shown: Shown, *, replace: bool) -> Done:
    """Make the bound database what the file says, bring it to the present migrations, and begin a
    new epoch in every feed. ClickException: the file is damaged or of a newer Promessa, or the
    database holds something and `replace` does not say to give that up."""
    with archive.opened(path) as lines:
        header = lines.header()
        _check_version(header)
        with migrations.alone(), atomic():
            present = tables.held(besides=migrations.TABLE)
            if any(table.rows for table in present) and not replace:
                raise click.ClickException(
                    "The database is not empty: restore into an empty one, or give up what it "
                    "holds with --replace."
                )
            handed_out = _epochs()
            tables.drop()
            if header.migrations:
                migrations.apply(target=header.migrations[-1])
            _fill(header, lines, shown)
            migrations.apply()
            feeds = restoring.begin_epoch(handed_out)
    return Done(header, sum(table.rows for table in header.tables), feeds)


def _check_version(header: Header) -> None:
    known = {step.name for step in migrations.steps() if step.known}
    if unknown := [name for name in header.migrations if name not in known]:
        raise click.ClickException(
            f"The backup was made by a newer Promessa ({header.promessa}; this is "
            f"{version('promessa')} and does not know {unknown[0]}): restore it with that one."
        )


def _epochs() -> dict[str, int]:
    """The epochs of the database that is given up: phones hold cursors of them."""
    if SyncFeed._meta.table_name not in database.get_tables():
        return {}
    rows: Any = SyncFeed.select(SyncFeed.shopper_id, SyncFeed.epoch).tuples()
    return dict(rows)


def _fill(header: Header, lines: Lines, shown: Shown) -> None:
    there = set(database.get_tables())
    for table in header.tables:
        if table.name not in there:
            raise Damaged(f"it has a table {table.name}, which its migrations do not make")
        tables.write(table, shown(lines.rows(table), table))
    lines.check_seal()
