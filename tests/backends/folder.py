"""Temporary folders that do not pile up: those of killed runs go at the next start.

A folder's owner holds a lock on the file `lock` in it; the kernel drops the lock with the owner.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

_PREFIX = "promessa-test-"


class Folder:
    """An own folder below the first of the usual places for temporary files that is `usable`."""

    def __init__(self, usable: Callable[[Path], bool], wanted: str) -> None:
        for place in _places():
            _sweep(place)
            self.path = Path(tempfile.mkdtemp(prefix=f"new-{_PREFIX}", dir=place))
            if usable(self.path):
                self._own()
                return
            shutil.rmtree(self.path)
        raise RuntimeError(f"no folder that {wanted} among {_places()}: set TMPDIR to one")

    def _own(self) -> None:
        self._lock = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = self.path.rename(
            self.path.with_name(self.path.name.removeprefix("new-")),
        )

    def remove(self) -> None:
        """Delete it with all that is in it."""
        shutil.rmtree(self.path)
        os.close(self._lock)


def _places() -> list[Path]:
    usual = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    return [place for place in dict.fromkeys(usual) if os.access(place, os.W_OK)]


def _sweep(place: Path) -> None:
    for path in place.glob(f"{_PREFIX}*"):
        if _abandoned(path):
            shutil.rmtree(path, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    """Whether its lock is free; not so if it is another user's or goes while we look."""
    try:
        if folder.stat().st_uid != os.getuid():
            return False
        lock = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True
