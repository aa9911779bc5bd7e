"""A real `promessa up` in a process of its own, and what is left of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.backends.process import alive, wait_until

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "server.cli")
_SETTINGS = ("DATABASE_URL", "REDIS_URL", "STORAGE", "SECRET_KEY", "PUBLIC_URL", "LOG_LEVEL")
_START_SECONDS = 90

QUICK = {"PASSWORD_COST": "m=8,t=1,p=1"}
"""Settings of what is not about passwords: the demo's thirteen take as long as all else."""


def environment(**settings: str) -> dict[str, str]:
    """Ours without any setting of Promessa but those given."""
    ours = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
    return ours | {"PYTHONPATH": str(ROOT)} | settings


def promessa(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a promessa command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
    )


class Up:
    """A running `promessa up` over `folder`, on a free port."""

    def __init__(self, folder: Path, *, command: tuple[str, ...] = (), **settings: str) -> None:
        self.folder = folder
        self.log = folder.with_name(f"{folder.name}.log")
        (folder / "up.json").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command or [*COMMAND, "up", "--data-dir", str(folder), "--port", "0"],
                env=environment(**settings),
                cwd=folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> "Up":
        """Return when it serves."""
        wait_until(self._told_or_dead, "promessa up serves", _START_SECONDS)
        assert self.process.poll() is None, self.text
        return self

    def _told_or_dead(self) -> bool:
        return (self.folder / "up.json").exists() or self.process.poll() is not None

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    @property
    def facts(self) -> dict[str, Any]:
        """What it says of itself to scripts."""
        facts: dict[str, Any] = json.loads((self.folder / "up.json").read_text())
        return facts

    def get(self, path: str) -> requests.Response:
        """The answer of its API."""
        return requests.get(self.facts["base_url"] + path, timeout=30)

    def family(self) -> list[psutil.Process]:
        """The process that we started and everything below it."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def part(self, word: str) -> psutil.Process:
        """The first process with that word in its command line."""
        return next(each for each in self.family() if word in " ".join(each.cmdline()))


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Up]:
    """A `promessa up` that serves; killed on leaving, if it still runs."""
    up = Up(folder, **options)
    try:
        yield up.wait()
    finally:
        if up.process.poll() is None:
            up.process.send_signal(signal.SIGTERM)
        up.process.wait(60)


def wait_until_gone(family: list[psutil.Process]) -> None:
    """Return when none of them runs any more."""
    wait_until(lambda: not any(map(alive, family)), "all processes are gone", 60)
