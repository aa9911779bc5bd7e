"""What the servers have in common: start, wait until ready, stop, kill, start again."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.backends.folder import Folder

_LAUNCH = Path(__file__).with_name("launch.py")
_READY_SECONDS = 60
_STOP_SECONDS = 30
_POLL_SECONDS = 0.02


class Server(ABC):
    """One server process over `folder`; subclasses say how it is run and when it is ready."""

    name: str
    stop_signal = signal.SIGTERM
    owner: tuple[int, int] | None = None

    def __init__(self) -> None:
        self._folder = Folder(self.usable, self.wanted)
        self.folder = self._folder.path
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    wanted = "can be written"

    def usable(self, folder: Path) -> bool:
        """Whether the server can live in `folder`."""
        return folder.is_dir()

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients reach it, with the password if it asks for one."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program (an absolute path) and its arguments."""

    @abstractmethod
    def probe(self) -> None:
        """Return when the server answers; raise OSError while it does not."""

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None, f"{self.name} is not running"
        return self._process.pid

    def start(self) -> Self:
        """Start over the data that is there and wait until it answers."""
        self._process = self.spawn(self.command())
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                self.probe()
                return self
            except OSError as error:
                self._check(deadline, error)
            time.sleep(_POLL_SECONDS)

    def spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Run `command` as the server's user, tied to this thread's life, writing to the log."""
        uid, gid = self.owner or ("-", "-")
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-IS", _LAUNCH, str(os.getpid()), str(uid), str(gid), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    def _check(self, deadline: float, error: OSError) -> None:
        assert self._process is not None
        if self._process.poll() is not None or time.monotonic() > deadline:
            self.kill()
            tail = self.log.read_text(errors="replace")[-4000:]
            raise RuntimeError(f"{self.name} did not start ({error}). Its log:\n{tail}")

    def stop(self) -> None:
        """Shut down in order; the data stays."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL to it and all its children, as when the machine's plug is pulled."""
        if self._process is None:
            return
        family: list[psutil.Process] = []
        if self._process.poll() is None:
            family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        for child in family:
            if child.is_running():
                child.kill()
        self._process.wait()
        wait_until(lambda: not any(alive(child) for child in family), "the killed are gone")
        self._process = None

    def restart(self) -> Self:
        """Stop, if it runs, and start over the same data at the same address."""
        self.stop()
        return self.start()

    def close(self) -> None:
        """Stop and delete the data."""
        self.stop()
        self._folder.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def alive(process: psutil.Process) -> bool:
    """Whether it runs; one that is dead but that nobody has collected yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Callable[[], bool], what: str, seconds: float = _STOP_SECONDS) -> None:
    """Return once `condition` holds; TimeoutError, saying `what`, if it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} seconds in vain until {what}")
        time.sleep(_POLL_SECONDS)


def free_port() -> int:
    """A loopback port that nobody has, below those that the system gives to outgoing calls."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def connect(port: int) -> socket.socket:
    """A connection to a loopback port; OSError if nobody listens there."""
    return socket.create_connection(("127.0.0.1", port), timeout=5)
