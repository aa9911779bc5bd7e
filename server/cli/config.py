"""`promessa config`: the settings."""

import tempfile
from pathlib import Path

import click

from server import config as settings


@click.group()
def config() -> None:
    """The settings, which come from the environment."""


@config.command()
def check() -> None:
    """Check the settings; exit code 2, and a line for each mistake, if they are not usable."""
    found = settings.load()
    if found.storage.startswith("file:"):
        _try_folder(Path(found.storage.removeprefix("file:")))
    click.echo("The settings are good.")
    click.echo(f"  database  {found.database_url.partition('://')[0]}")
    click.echo(f"  storage   {found.storage}")
    click.echo(f"  address   {found.public_url}")


def _try_folder(folder: Path) -> None:
    """Write where photos will be. ConfigError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        mistake = f"STORAGE names a folder that cannot be written: {folder}: {error.strerror}"
        raise settings.ConfigError([mistake]) from error
