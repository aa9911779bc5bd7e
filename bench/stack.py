"""The whole of Promessa on a folder of its own, for benches: `promessa up` as a user starts it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

PROMESSA = (sys.executable, "-m", "server.cli")
_START_SECONDS = 60


@dataclass(slots=True)
class Stack:
    """A running `promessa up`: its base url, its folder, the environment of its commands."""

    base_url: str
    folder: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]

    def command(self, *arguments: str, text: str | None = None) -> str:
        """Run a promessa command on the same database and give back what it printed."""
        return subprocess.run(
            [*PROMESSA, *arguments],
            env=self.env,
            input=text,
            text=True,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def memory(self) -> dict[str, float]:
        """Resident megabytes by part."""
        parts: dict[str, float] = {}
        for process in self.processes():
            try:
                part = _part(" ".join(process.cmdline()))
                parts[part] = parts.get(part, 0) + process.memory_info().rss / 2**20
            except psutil.NoSuchProcess:
                continue
        return parts

    def kill(self, part: str) -> int:
        """kill -9 one process of a part, a leaf of the tree; its pid."""
        for process in reversed(self.processes()):
            if _part(" ".join(process.cmdline())) == part:
                process.kill()
                return process.pid
        raise LookupError(f"no process of {part}")


@contextmanager
def running(database: str, *, folder: Path | None = None) -> Iterator[Stack]:
    """A stack on "sqlite" or "postgres" (a real server from its wheel, fsync on)."""
    with ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = _free_port()
        env = os.environ | {
            "PROMESSA_DATA_DIR": str(folder),
            "LOGIN_RATE": "10000 per minute",
            "LOG_LEVEL": "warning",
        }
        if database == "postgres":
            from tests.backends import postgres

            server = postgres.start(fsync=True)
            stack.callback(server.stop)
            env |= {"DATABASE_URL": server.url, "SECRET_KEY": "bench-only-" + "0123456789" * 3}
        env["PUBLIC_URL"] = base_url = f"http://127.0.0.1:{port}"
        log = stack.enter_context((folder / "up.log").open("wb"))
        command = [*PROMESSA, "up", "--data-dir", str(folder), "--port", str(port), "--no-demo"]
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        stack.callback(_stop, process)
        _wait_until_ready(base_url, process, folder)
        yield Stack(base_url, folder, env, process)


def _wait_until_ready(base_url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            told = (folder / "up.json").exists()
            if told and requests.get(base_url + "/readyz", timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"promessa up did not get ready:\n{(folder / 'up.log').read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _part(command: str) -> str:
    for word, part in (
        ("valkey", "valkey"),
        ("gunicorn", "api"),
        ("worker", "worker"),
        ("scheduler", "scheduler"),
    ):
        if word in command:
            return part
    return "supervisor"
