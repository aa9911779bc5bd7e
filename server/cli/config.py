"""`promessa config`: the settings."""

import click

from server import config as settings


@click.group()
def config() -> None:
    """The settings, which come from the environment."""


@config.command()
def check() -> None:
    """Check the settings; exit code 2, and a line for each mistake, if they are not usable."""
    found = settings.load()
    click.echo("The settings are good.")
    click.echo(f"  database  {found.database_url.partition('://')[0]}")
    click.echo(f"  storage   {found.storage}")
    click.echo(f"  address   {found.public_url}")
