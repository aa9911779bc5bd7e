"""`promessa up`: the whole of Promessa on one machine, from one folder, in one command."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from urllib.parse import urlsplit

import click

from server import config
from server.cli import listener, lock, serve, valkey
from server.cli.options import myself
from server.cli.processes import Part
from server.cli.supervisor import Failed, Stopped, Supervisor
from server.config import Settings

_ANSWER_SECONDS = 5
_UNFINISHED = "demo.unfinished"
_COLOURS = {"up": "green", "api": "blue", "valkey": "magenta", "scheduler": "yellow"}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to run: `listener` is bound, `env` the environment of all parts."""

    data_dir: Path
    listener: socket
    env: dict[str, str]
    settings: Settings
    workers: int
    demo: bool

    @property
    def base_url(self) -> str:
        return listener.base_url(self.listener)


@click.command()
@click.option(
    "--data-dir",
    required=True,
    envvar="PROMESSA_DATA_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of everything that is kept; made if it is not there.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-demo", is_flag=True, help="Do not fill a new folder with the demo programme.")
@click.option("--with-parent", is_flag=True, help="Stop when the calling process (make) ends.")
def up(
    data_dir: Path, port: int, host: str, workers: int, no_demo: bool, with_parent: bool
) -> None:
    """Serve everything from one folder until Ctrl-C: API, RQ workers, scheduler, Valkey.

    DATABASE_URL, REDIS_URL and STORAGE, where set, are used instead of what the folder holds. A
    second Ctrl-C stops at once. Whatever ends this process, its parts end with it.
    """
    parent = os.getppid() if with_parent else None
    data_dir = data_dir.absolute()
    try:
        if not data_dir.exists():
            # So that a taken port leaves no folder behind.
            listener.bound(host, port).close()
        config.keep_private(data_dir)
        with lock.held(data_dir / "up.lock"), listener.bound(host, port) as bound:
            _run(_plan(data_dir, bound, workers, demo=not no_demo), parent)
    except lock.Held as held:
        _fail(f"{data_dir} is in use by a promessa up with the pid {held.pid}: stop that one first")
    except (Failed, LookupError) as failure:
        _fail(str(failure))
    except OSError as error:
        _fail(f"{error.filename or data_dir}: {error.strerror}")


def _plan(data_dir: Path, bound: socket, workers: int, *, demo: bool) -> _Plan:
    """The parts' environment, which is ours with what follows from the options. ConfigError.
    Only a new folder on embedded defaults is filled with the demo; a mark in it says that this has
    begun, so that the next start finishes what was interrupted."""
    env = os.environ | {"PROMESSA_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
    env.setdefault("PUBLIC_URL", listener.base_url(bound))
    env.setdefault("LOG_FORMAT", "text" if sys.stdout.isatty() else "auto")
    settings = config.load(env)
    demo = demo and settings.embedded
    if demo and not (data_dir / "promessa.db").exists():
        (data_dir / _UNFINISHED).touch()
    demo = demo and (data_dir / _UNFINISHED).exists()
    return _Plan(data_dir, bound, env, settings, workers, demo)


def _run(plan: _Plan, parent: int | None) -> None:
    try:
        # Of one that was killed.
        (plan.data_dir / "up.json").unlink(missing_ok=True)
        with Supervisor(plan.env, _write, parent) as supervisor:
            _start(supervisor, plan)
            with plan.listener, _told(plan):
                _greet(plan)
                supervisor.watch()
    except Stopped:
        _write("up", "stopped; everything is kept for the next start")
    finally:
        valkey.tidy(plan.data_dir)


def _start(supervisor: Supervisor, plan: _Plan) -> None:
    if "REDIS_URL" not in plan.env:
        supervisor.start(valkey.part(plan.data_dir), lambda: valkey.answers(plan.data_dir))
    supervisor.complete(Part("migrate", _promessa("db", "migrate")))
    if plan.demo:
        supervisor.complete(Part("demo", _promessa("demo", "--seed-only")))
        (plan.data_dir / _UNFINISHED).unlink()
    handle = plan.listener.fileno()
    gunicorn = serve.command(f"fd://{handle}", processes=2, threads=8)
    supervisor.start(Part("api", gunicorn, inherits=(handle,)), lambda: _serves(plan.base_url))
    for number in range(1, plan.workers + 1):
        supervisor.start(Part(f"worker-{number}", _promessa("worker")))
    supervisor.start(Part("scheduler", _promessa("scheduler")))


def _promessa(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server.cli", *arguments]


def _serves(base_url: str) -> bool:
    link = HTTPConnection(urlsplit(base_url).netloc, timeout=_ANSWER_SECONDS)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        link.close()


@contextmanager
def _told(plan: _Plan) -> Iterator[None]:
    """Say in DIR/up.json, for scripts, where a running server is found."""
    path = plan.data_dir / "up.json"
    facts = {"base_url": plan.base_url, "pid": os.getpid(), "data_dir": str(plan.data_dir)}
    if "REDIS_URL" not in plan.env:
        facts["redis_url"] = plan.settings.redis_url
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(facts) + "\n")
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _greet(plan: _Plan) -> None:
    _write("up", f"the API      {plan.base_url}")
    _write("up", f"its page     {plan.base_url}/docs")
    _write("up", f"kept in      {plan.data_dir}")
    if plan.settings.embedded and (plan.data_dir / "demo.json").exists():
        _write("up", "who can log in, to the demo (e-mail, password, role):")
        for account in json.loads((plan.data_dir / "demo.json").read_text())["accounts"]:
            _write("up", "  {email:<26} {password:<14} {role}".format(**account))
        _write("up", f"a month of it: {myself()} demo --data-dir {plan.data_dir}")
    _write("up", "Ctrl-C stops all of it.")


def _write(part: str, line: str) -> None:
    """One line of a part. A terminal that is gone stops nothing."""
    try:
        click.echo(click.style(f"{part:<9} ", fg=_COLOURS.get(part, "cyan")) + line)
    except OSError:
        return


def _fail(line: str) -> None:
    click.echo(click.style("promessa: ", fg="red") + line, err=True)
    sys.exit(1)
