"""`promessa serve`: the API alone, by gunicorn."""

import os
import re
import sys

import click

from server import config

APP = "server.app:create_app()"


def command(bind: str, processes: int, threads: int) -> list[str]:
    """The command line of gunicorn; its other settings are those of server.cli.gunicorn."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--config=python:server.cli.gunicorn",
        f"--bind={bind}",
        f"--workers={processes}",
        f"--threads={threads}",
        APP,
    ]


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT or unix:PATH.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 256))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 256))
def serve(bind: str, processes: int, threads: int) -> None:
    """Serve the API alone, with gunicorn, until SIGTERM.

    Needs a migrated database; run workers and the scheduler beside it.
    """
    _check(bind)
    config.load()
    os.execv(sys.executable, command(bind, processes, threads))  # noqa: S606


def _check(bind: str) -> None:
    """ConfigError where gunicorn would fail at `bind` with a traceback."""
    port = re.search(r":(\d{1,5})$", bind)
    if not bind.startswith(("unix:", "fd://")) and not (port and int(port[1]) <= 65535):
        raise config.ConfigError([f"--bind must be HOST:PORT or unix:PATH, not {bind}"])
