"""Processes that cannot outlive the one that started them.

    python -IS tied.py PARENT_PID PROGRAM ARGUMENT…

runs a program so. On Linux it becomes the program, and the kernel kills it when the parent
(strictly: the thread that started it) is gone. Elsewhere it stays above the program and watches.

Run as a script it has nothing but the standard library at hand.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 0.2
_forking_pid = 0


def die_with(parent: int) -> None:
    """Be killed when `parent`, which must be our parent, dies. Without effect off Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # It may have died before the kernel knew.
        if os.getppid() != parent:
            os._exit(1)


def tie_forks() -> None:
    """From now on, whatever this process forks dies with it."""
    os.register_at_fork(before=_remember, after_in_child=lambda: die_with(_forking_pid))


def _remember() -> None:
    global _forking_pid
    _forking_pid = os.getpid()


def main(parent: str, *command: str) -> None:
    """Run `command` tied to the process `parent`."""
    if sys.platform == "linux":
        die_with(int(parent))
        os.execv(command[0], command)  # noqa: S606  the command is our own
    sys.exit(_watched(int(parent), command))


def _watched(parent: int, command: tuple[str, ...]) -> int:
    """The exit code of `command`; kills its process group, which is ours, when `parent` dies."""
    child = subprocess.Popen(command, close_fds=False)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)
    return child.returncode


if __name__ == "__main__":
    main(*sys.argv[1:])
