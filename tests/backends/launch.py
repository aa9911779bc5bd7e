"""Become another program that cannot outlive the process that started it.

    python -IS launch.py PARENT_PID UID GID PROGRAM ARGUMENT…

UID and GID are numbers, or "-" to stay who we are. On Linux the kernel kills the program when its
parent (strictly: the thread that started it) is gone; elsewhere the parent must stop it.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: str, uid: str, gid: str, *command: str) -> None:
    """Replace this process by `command`; the tie comes last, as changing user undoes it."""
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
