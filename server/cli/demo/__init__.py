"""`promessa demo`: an Italian perfumery chain, seeded and played."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import requests
from rich.console import Console
from rich.progress import Progress

from server import config
from server.cli.demo.month import play
from server.cli.demo.seed import seed
from server.cli.demo.shown import show
from server.cli.options import myself, opened

_READY_SECONDS = 60


@click.command()
@click.option(
    "--data-dir",
    required=True,
    envvar="PROMESSA_DATA_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the embedded defaults, as given to `promessa up`.",
)
@click.option("--json", "as_json", is_flag=True, help="Only seed; print who can log in, as JSON.")
@click.option("--seed-only", is_flag=True, help="Only seed; print nothing.")
@click.option("--seed", "dice", default=7, show_default=True, help="What the dice start with.")
def demo(data_dir: Path, as_json: bool, seed_only: bool, dice: int) -> None:
    """Play a month of an Italian perfumery chain.

    Shoppers go offline, record visits and photos, and come back over a line that loses answers and
    sends requests twice; at the end the ranking is printed. Uses the `promessa up` of the folder,
    or starts one for as long as it takes.
    """
    data_dir = data_dir.absolute()
    made = prepare(data_dir)
    if as_json:
        click.echo(json.dumps(public(made, base_url(data_dir)), indent=2))
    if as_json or seed_only:
        return
    with _served(data_dir) as url:
        console = Console()
        with Progress(console=console) as progress:
            played = play(made, url, progress, seed=dice)
        show(console, made, url, played)
    if (data_dir / "up.json").exists():
        console.print(f"The API's page: {url}/docs")
    else:
        console.print(f"To look around: {myself()} up --data-dir {data_dir}", soft_wrap=True)


def prepare(data_dir: Path) -> dict[str, Any]:
    """Migrate the folder's database, seed it where that was not done, and offer every shopper of
    the demo something to visit."""
    os.environ["PROMESSA_DATA_DIR"] = str(data_dir)
    from server.cli import migrations

    with opened():
        migrations.migrate()
        return seed(data_dir)


def public(made: dict[str, Any], url: str) -> dict[str, Any]:
    """What a script needs to go on from here."""
    keys = ("email", "password", "role", "device_id")
    accounts = [{key: account[key] for key in keys} for account in made["accounts"]]
    return {"base_url": url, "brand": made["brand"], "accounts": accounts}


def base_url(data_dir: Path) -> str:
    """Where the folder's `promessa up` serves, or would by default."""
    try:
        return str(json.loads((data_dir / "up.json").read_text())["base_url"])
    except FileNotFoundError:
        return config.settings().public_url


@contextmanager
def _served(data_dir: Path) -> Iterator[str]:
    if (data_dir / "up.json").exists() and _ready(base_url(data_dir)):
        yield base_url(data_dir)
        return
    command = [sys.executable, "-m", "server.cli", "up", "--data-dir", str(data_dir)]
    log = data_dir / "demo-up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own command
            [*command, "--port", "0", "--with-parent"], stdout=output, stderr=output
        )
    try:
        _wait(data_dir, process, log)
        yield base_url(data_dir)
    finally:
        process.terminate()
        process.wait()


def _wait(data_dir: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (data_dir / "up.json").exists() and _ready(base_url(data_dir)):
            return
        time.sleep(0.1)
    raise click.ClickException(f"promessa up did not get ready: see {log}")


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False
