"""What commands that work on the database have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from server import config, db
from server.errors import Problem


@contextmanager
def operating() -> Iterator[None]:
    """The settings' database, connected; a problem ends the command with its words on standard
    error. ConfigError."""
    try:
        if db.database.obj is None:
            db.initialize(config.settings().database_url)
        with db.connected():
            yield
    except Problem as error:
        raise click.ClickException(str(error)) from error
