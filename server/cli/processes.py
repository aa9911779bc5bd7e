"""One part of a running Promessa: a child process in a session of its own, tied to our life, and
its lines of output."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_TIED = str(Path(__file__).with_name("tied.py"))
_BLOCK = 64 * 1024

Write = Callable[[str, str], None]
"""Takes the name of a part and one line of its output."""


@dataclass(slots=True)
class Part:
    """What to run (an absolute path and its arguments), and how it did so far.

    The others lean on a `foundation`, which therefore ends after them. `reason` is where it says
    why it ended. `deaths` are the monotonic
    times when it ended unasked; `due` is when it may start again.
    """

    name: str
    command: Sequence[str]
    inherits: tuple[int, ...] = ()
    foundation: bool = False
    reason: str = "its last lines"
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    due: float = 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def spawn(self, env: Mapping[str, str]) -> IO[bytes]:
        """Start it; the pipe of what it prints. A session of its own, so that a terminal's Ctrl-C
        reaches the supervisor alone."""
        self.process = subprocess.Popen(  # noqa: S603  the commands are our own
            [sys.executable, "-IS", _TIED, str(os.getpid()), *self.command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self.inherits,
        )
        assert self.process.stdout is not None
        return self.process.stdout

    def terminate(self) -> None:
        """Ask it to finish."""
        if self.process is not None and self.alive:
            self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """SIGKILL to whatever is left of it and of its session's group."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Lines:
    """Passes on the output of children line by line, each with its part's name."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}

    def follow(self, name: str, pipe: IO[bytes]) -> None:
        """Pass on what comes through `pipe` until its end."""
        os.set_blocking(pipe.fileno(), False)
        self._rest[pipe.fileno()] = b""
        self._selector.register(pipe, selectors.EVENT_READ, name)

    def pass_on(self, seconds: float) -> None:
        """Wait at most so long for output, and pass on what is there."""
        if not self._rest:
            time.sleep(seconds)
        for key, _ in self._selector.select(seconds):
            self._read(key)

    def drain(self, seconds: float) -> None:
        """Pass on what is left, until every pipe has ended or the time is over."""
        deadline = time.monotonic() + seconds
        while self._rest and time.monotonic() < deadline:
            self.pass_on(0.05)

    def _read(self, key: selectors.SelectorKey) -> None:
        block = os.read(key.fd, _BLOCK)
        *lines, rest = (self._rest[key.fd] + block).split(b"\n")
        if not block:
            lines, rest = ([rest] if rest else []), b""
        for line in lines:
            self._write(key.data, line.decode(errors="replace"))
        self._rest[key.fd] = rest
        if not block:
            self._end(key)

    def _end(self, key: selectors.SelectorKey) -> None:
        self._selector.unregister(key.fileobj)
        del self._rest[key.fd]
        assert not isinstance(key.fileobj, int)
        key.fileobj.close()  # type: ignore[attr-defined]
