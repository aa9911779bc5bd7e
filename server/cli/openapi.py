"""`promessa openapi`: the description of the API, from the code."""

import difflib
import sys
from pathlib import Path

import click

# What the description needs of the settings is nothing; these open nothing.
_NOTHING = {
    "DATABASE_URL": "sqlite:///none",
    "REDIS_URL": "unix:///none",
    "STORAGE": "file:none",
    "SECRET_KEY": "-" * 32,
}


@click.command()
@click.option("--check", is_flag=True, help="Compare with FILE; exit code 1 if it differs.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="openapi.yaml")
def openapi(check: bool, file: Path) -> None:
    """Print the OpenAPI 3.1 description of the API as YAML.

    With --check print instead how FILE (default: openapi.yaml) differs from it.
    """
    generated = _generated()
    if not check:
        click.echo(generated, nl=False)
        return
    if not file.exists():
        raise click.ClickException(f"There is no {file} to compare with: make openapi")
    found = file.read_text(encoding="utf-8")
    if found == generated:
        return
    for line in difflib.unified_diff(
        found.splitlines(), generated.splitlines(), str(file), "the code", lineterm=""
    ):
        click.echo(line)
    click.echo(f"{file} is not what the code says: make openapi", err=True)
    sys.exit(1)


def _generated() -> str:
    from server import config
    from server.api import openapi
    from server.app import create_app

    with create_app(config.load(_NOTHING)).app_context():
        return openapi.as_yaml()
