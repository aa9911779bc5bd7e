"""`promessa demo`: an Italian perfumery chain, seeded and played."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import requests
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from server import db
from server.cli import runtime
from server.cli.demo.month import Manager, Played, play
from server.cli.demo.seed import Demo, seed

_READY_SECONDS = 60


@click.command()
@runtime.data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Seed only, and print who can log in as JSON.")
@click.option("--seed", "dice", default=7, show_default=True, help="What the month's dice start with.")
def demo(data_dir: Path, as_json: bool, dice: int) -> None:
    """Play a month of an Italian perfumery chain.

    Shoppers go offline, record visits and photos, and come back over a line that loses answers and
    sends requests twice; at the end the ranking is printed. Uses the `promessa up` of the folder,
    or starts one for as long as it takes.
    """
    made = prepare(data_dir)
    if as_json:
        click.echo(json.dumps(public(made, runtime.base_url(data_dir)), indent=2))
        return
    with _serving(data_dir) as base_url:
        console = Console()
        with Progress(console=console) as progress:
            played = play(made, base_url, progress, seed=dice)
        show(console, Manager(made, base_url), played)


def prepare(data_dir: Path) -> Demo:
    """Migrate the folder's database, and seed it where that was not done."""
    runtime.embed(data_dir)
    with db.connected():
        return seed(data_dir)


def public(made: Demo, base_url: str) -> dict[str, Any]:
    """What a script needs to go on from here."""
    keys = ("email", "password", "role", "device_id")
    accounts = [{key: account[key] for key in keys} for account in made["accounts"]]
    return {"base_url": base_url, "brand": made["brand"], "accounts": accounts}
