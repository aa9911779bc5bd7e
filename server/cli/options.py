"""What commands have in common: the folder of the embedded defaults, and an open database."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.config import Settings
from server.errors import Problem


def with_data_dir(command: click.Command) -> click.Command:
    """Give `command`, or all commands of a group, the option --data-dir."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_data_dir(each)
    elif not any(parameter.name == "data_dir" for parameter in command.params):
        command.params.append(_data_dir())
    return command


@contextmanager
def opened() -> Iterator[Settings]:
    """The settings of the environment, with their database bound and connected; a problem ends
    the command with its words on standard error. ConfigError."""
    from server import config, db

    settings = config.settings()
    if settings.data_dir is not None:
        config.keep_private(settings.data_dir)
    if db.database.obj is None:
        db.initialize(settings.database_url)
    try:
        with db.connected():
            yield settings
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem


def _data_dir() -> click.Option:
    return click.Option(
        ["--data-dir"],
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the embedded defaults (default: PROMESSA_DATA_DIR).",
        expose_value=False,
        is_eager=True,
        callback=_set_data_dir,
    )


def _set_data_dir(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        os.environ["PROMESSA_DATA_DIR"] = str(value.absolute())


def myself() -> str:
    """The command as its user typed it, for hints that they can copy."""
    return sys.argv[0] if Path(sys.argv[0]).name == "promessa" else "promessa"
