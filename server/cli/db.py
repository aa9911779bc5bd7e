"""`promessa db`: the database's tables."""

import sys

import click

from server.cli.options import opened


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

    with opened():
        steps = migrations.steps()
    for step in steps:
        when = f"applied {step.applied_at:%Y-%m-%d %H:%M:%S}" if step.applied_at else "pending"
        click.echo(f"{step.name}  {when}{'' if step.known else '; of another Promessa'}")
    if any(step.applied_at is None for step in steps):
        sys.exit(1)


@db.command("new-epoch")
def new_epoch() -> None:
    """Tell all phones, after the database was restored, to send again what they hold.

    Work that was acknowledged after the backup was made would be lost otherwise.
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
