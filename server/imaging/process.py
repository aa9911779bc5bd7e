"""Asking the decoder, and ending it."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from server.domain.pictures import Facts, Mark

_COMMAND = (sys.executable, "-I", "-m", "server.imaging.decoder")
_LONGEST_ANSWER = 64 * 1024
_LONGEST_CODE = 16
_LARGEST_PICTURE = 8 * 1024**2
_JPEG = b"\xff\xd8\xff"
_TRIES = 2
"""A decoder that is killed or hangs gets a second chance: the machine may have been the cause."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost: bytes of address space, seconds of CPU, seconds on the clock,
    pixels in millions."""

    memory: int = 1024**3
    cpu_seconds: int = 15
    seconds: float = 45
    megapixels: int = 120


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Developed:
    """A picture's facts, and its two versions as JPEG files without any metadata."""

    facts: Facts
    thumbnail: Path
    web: Path


class Refused(Exception):
    """No picture, or none that may be opened. `reason` is for the shopper and the reviewer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the decoder says: `facts` of a picture, or why there is none."""

    facts: Facts | None = None
    refused: str | None = None


def develop(source: IO[bytes], folder: Path, limits: Limits = LIMITS) -> Developed:
    """Read a picture and make its versions in `folder`. Refused; any other error is ours."""
    answer = _run(source, folder, {"do": "develop"}, limits)
    if answer.facts is None:
        raise RuntimeError("the decoder gave no facts")
    return Developed(answer.facts, _made(folder / "thumbnail"), _made(folder / "web"))


def blur(source: IO[bytes], folder: Path, marks: list[Mark], limits: Limits = LIMITS) -> Path:
    """A picture's JPEG in which nobody can make out what was marked. Refused."""
    _run(source, folder, {"do": "blur", "marks": msgspec.to_builtins(marks)}, limits)
    return _made(folder / "blurred")


def _run(source: IO[bytes], folder: Path, task: dict[str, Any], limits: Limits) -> Answer:
    for _ in range(_TRIES):
        code, said = _once(source, folder, task, limits)
        if code == 0:
            answer = msgspec.json.decode(said, type=Answer)
            if answer.refused is not None:
                raise Refused(answer.refused)
            return answer
        if code > 0:
            raise RuntimeError(f"the decoder ended with {code}: {said[-2000:]!r}")
        if -code == signal.SIGXCPU:
            raise Refused(f"Reading the picture takes more than {limits.cpu_seconds} seconds.")
    if -code == signal.SIGALRM:
        raise Refused(f"Reading the picture takes more than {limits.seconds:.0f} seconds.")
    raise Refused("The picture is damaged: reading it was broken off.")


def _once(
    source: IO[bytes], folder: Path, task: dict[str, Any], limits: Limits
) -> tuple[int, bytes]:
    """The exit code, -SIGALRM where the time was up; the answer, or what was printed instead."""
    # Of the file itself: Python's own position knows nothing of what a decoder has read before.
    os.lseek(source.fileno(), 0, os.SEEK_SET)
    words = msgspec.json.encode(task | {"folder": str(folder), **_bounds(limits)})
    with tempfile.TemporaryFile() as cries:
        code = _decoder.run(words, source, cries, limits.seconds)
        cries.seek(0)
        return code, _said(folder) if code == 0 else cries.read(_LONGEST_ANSWER)


class _Decoder:
    """The decoder's process, which forks one for each picture: to start anew takes longer than
    to read most pictures. It ends with this process, and is this process's alone."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    def run(self, words: bytes, source: IO[bytes], cries: IO[bytes], seconds: float) -> int:
        """How the process for one picture ended: as `Popen.returncode`, -SIGALRM where the time was
        up. RuntimeError where there is no decoder."""
        with self._turn:
            code = self._asked(words, [source.fileno(), cries.fileno()], seconds)
            if code is None:
                self._end()
                raise RuntimeError(f"the decoder ended: {_COMMAND}")
            return code

    def _asked(self, words: bytes, files: list[int], seconds: float) -> int | None:
        """None where nobody answers."""
        link = self._started()
        link.settimeout(seconds)
        try:
            socket.send_fds(link, [words + b"\n"], files)
            said = link.recv(_LONGEST_CODE)
        except TimeoutError:
            self._end()
            return -signal.SIGALRM
        except ConnectionError:
            return None
        return int(said) if said else None

    def _started(self) -> socket.socket:
        if self._link is None or self._owner != os.getpid():
            self._link, theirs = socket.socketpair()
            self._owner = os.getpid()
            with theirs:
                # No shell, no path, no environment: it inherits neither our secrets nor our files.
                self._process = subprocess.Popen(  # noqa: S603
                    [*_COMMAND, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                    start_new_session=True,
                )
        return self._link

    def end(self) -> None:
        """End it, and what it works on; the next picture starts another."""
        with self._turn:
            if self._owner == os.getpid():
                self._end()

    def _end(self) -> None:
        if self._link is not None and self._process is not None:
            self._link.close()
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._link = self._process = None


_decoder = _Decoder()
atexit.register(_decoder.end)


def _said(folder: Path) -> bytes:
    with (folder / "answer").open("rb") as file:
        return file.read(_LONGEST_ANSWER)


def _bounds(limits: Limits) -> dict[str, int]:
    return {
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
        "megapixels": limits.megapixels,
    }


def _made(path: Path) -> Path:
    """The file, if it is what it should be: the decoder has read a stranger's bytes."""
    with path.open("rb") as file:
        if file.read(3) != _JPEG or path.stat().st_size > _LARGEST_PICTURE:
            raise Refused("The picture is damaged: no version of it could be made.")
    return path
