"""`promessa db`: the database's tables."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server import config
from server.cli.options import opened

if TYPE_CHECKING:
    from server.cli.backups import Shown


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
def migrate() -> None:
    """Apply all pending migrations. Safe to run twice, and at once."""
    from server.cli import migrations

    with opened():
        applied = migrations.migrate()
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("The database is up to date.")


@db.command()
def status() -> None:
    """List the migrations; exit code 1 if one is pending."""
    from server.cli import migrations

    file = config.embedded_database()
    if file is not None and not file.exists():
        raise click.ClickException(f"There is no {file}: promessa db migrate makes it.")
    with opened():
        steps = migrations.steps()
    for step in steps:
        when = f"applied {step.applied_at:%Y-%m-%d %H:%M:%S}" if step.applied_at else "pending"
        click.echo(f"{step.name}  {when}{'' if step.known else '; of another Promessa'}")
    if any(step.applied_at is None for step in steps):
        sys.exit(1)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE, also while Promessa serves.

    SQLite and PostgreSQL write the same file, so it also moves an installation from one to the
    other. It holds password hashes: keep it as safe as the database.
    """
    from server.cli import backups

    with opened(), _progress("written") as shown:
        done = backups.backup(file, shown)
    click.echo(f"{done.rows} rows of {len(done.header.tables)} tables are in {file}.")


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what the database holds now.")
def restore(file: Path, replace: bool) -> None:
    """Make the database what FILE says, and tell all phones to send again what they hold.

    All of it happens, or nothing. An older backup is brought to the present tables. Stop what
    serves the database first, so that nobody works on what is given up: it is refused while a
    promessa up does, or while others are connected to PostgreSQL.
    """
    from jobs import sweep
    from server.cli import backups, serving

    with opened() as settings, serving.nobody(settings), _progress("restored") as shown:
        done = backups.restore(file, shown, replace=replace)
    sweep.wake_due()
    click.echo(f"{done.rows} rows of {done.header.made_at} are back.")
    click.echo(f"{done.feeds} phones' feeds begin anew.")


@contextmanager
def _progress(what: str) -> Iterator["Shown"]:
    """Shows on a terminal how far each table is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        yield lambda rows, table: progress.track(
            rows, total=table.rows, description=f"{table.name} {what}"
        )


@db.command("new-epoch")
def new_epoch() -> None:
    """Tell all phones, after the database was put back by other means, to send again what they
    hold.

    `promessa db restore` does so by itself. Work that was acknowledged after the backup was made
    would be lost otherwise.
    """
    from server.services import restoring

    with opened():
        count = restoring.begin_epoch()
    click.echo(f"{count} phones' feeds begin anew.")


@db.command()
@click.argument("name")
def migration(name: str) -> None:
    """Write a new migration called NAME from the models (for developers)."""
    from server.cli import drafting

    path = drafting.draft(name)
    click.echo(f"wrote {path}; read it" if path else "The models need no migration.")
