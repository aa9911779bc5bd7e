"""Keeps the parts of a running Promessa alive, and ends them in order.

Everything happens in one thread, as a child dies with the thread that started it.

    with Supervisor(env, write) as supervisor:
        supervisor.start(Part(…), ready=answers)
        supervisor.watch()

On leaving, whatever was started has ended. One SIGINT, SIGTERM or SIGHUP, or the death of `parent`,
ends gracefully; a second signal at once.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType
from typing import Self

from server.cli.processes import Lines, Part, Write

_TURN_SECONDS = 0.1
_READY_SECONDS = 60
_STOP_SECONDS = 20
_MEMORY_SECONDS = 60
_MOST_DEATHS = 5
_FIRST_PAUSE_SECONDS = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """A part does not run; the message says which and what to do."""


class Supervisor:
    """Runs parts with the environment `env`; `write` takes their lines and our own."""

    def __init__(self, env: Mapping[str, str], write: Write, parent: int | None = None) -> None:
        self._env = env
        self._write = write
        self._parent = parent
        self._lines = Lines(write)
        self._parts: list[Part] = []
        self._asked = 0

    def __enter__(self) -> Self:
        self._former = {each: signal.signal(each, self._ask) for each in _SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._stop()
        finally:
            for each, handler in self._former.items():
                signal.signal(each, handler)

    def start(self, part: Part, ready: Callable[[], bool] = lambda: True) -> None:
        """Start a part, keep it alive from now on, and wait until it is `ready`. Failed."""
        self._parts.append(part)
        self._spawn(part)
        deadline = time.monotonic() + _READY_SECONDS
        while not ready():
            if not part.alive:
                self._lines.drain(1)
                raise Failed(f"{part.name} ended while starting; see {part.reason}")
            if time.monotonic() > deadline:
                raise Failed(f"{part.name} did not get ready within {_READY_SECONDS} seconds")
            self._turn()

    def complete(self, part: Part) -> None:
        """Run a part to its end. Failed if that is not a good one."""
        self._parts.append(part)
        self._spawn(part)
        while part.alive:
            self._turn()
        self._parts.remove(part)
        assert part.process is not None
        if part.process.returncode != 0:
            self._lines.drain(1)
            raise Failed(f"{part.name} failed; see {part.reason}")

    def watch(self) -> None:
        """Keep all parts alive until asked to stop (Stopped) or one keeps dying (Failed)."""
        while True:
            self._turn()
            for part in self._parts:
                if not part.alive:
                    self._revive(part)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def _turn(self) -> None:
        self._lines.pass_on(_TURN_SECONDS)
        if self._asked or (self._parent is not None and os.getppid() != self._parent):
            raise Stopped

    def _spawn(self, part: Part) -> None:
        self._lines.follow(part.name, part.spawn(self._env))

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        if part.process is not None:
            self._mourn(part, now)
        elif now >= part.due:
            self._spawn(part)

    def _mourn(self, part: Part, now: float) -> None:
        assert part.process is not None
        code = part.process.returncode
        part.process = None
        part.deaths = [*(then for then in part.deaths if now - then < _MEMORY_SECONDS), now]
        if len(part.deaths) >= _MOST_DEATHS:
            raise Failed(
                f"{part.name} ended {_MOST_DEATHS} times within {_MEMORY_SECONDS} seconds; "
                f"see {part.reason}"
            )
        pause = _FIRST_PAUSE_SECONDS * 2 ** (len(part.deaths) - 1)
        part.due = now + pause
        self._write("up", f"{part.name} ended ({_reason(code)}); starts again in {pause:g} s")

    def _stop(self) -> None:
        """End what leans on others first, all at once, and then the foundation."""
        for foundation in (False, True):
            group = [part for part in self._parts if part.foundation is foundation]
            for part in group:
                part.terminate()
            self._await(group)
        self._lines.drain(1)

    def _await(self, group: list[Part]) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        while any(part.alive for part in group):
            if self._asked > 1 or time.monotonic() > deadline:
                break
            self._lines.pass_on(_TURN_SECONDS)
        for part in group:
            if part.alive:
                self._write("up", f"{part.name} is killed")
            part.end()


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
