"""Asking the decoder, and ending it."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec

from server.domain.pictures import Facts, Mark

_COMMAND = (sys.executable, "-I", "-m", "server.imaging.decoder")
_LONGEST_ANSWER = 64 * 1024
_LONGEST_CODE = 16
_GRACE_SECONDS = 10
_LARGEST_PICTURE = 8 * 1024**2
_JPEG = b"\xff\xd8\xff"
_TRIES = 2
"""A decoder that crashes gets a second chance: the machine may have been the cause."""

_BROKEN_OFF = "The picture is damaged: reading it was broken off."


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
    """A picture's facts, and its two versions: JPEG without any metadata, in files that have no
    name, so that who is killed leaves none behind."""

    facts: Facts
    thumbnail: IO[bytes]
    web: IO[bytes]


class Refused(Exception):
    """No picture, or none that may be opened. `reason` is for the shopper and the reviewer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Failed(Exception):
    """It was not read this time, and nobody can tell whether the picture is the cause or the
    machine, which was out of memory or had no time. `reason` is for where it is always so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the decoder says: `facts` of a picture, or why there is none."""

    facts: Facts | None = None
    refused: str | None = None


@contextmanager
def develop(source: IO[bytes], limits: Limits = LIMITS) -> Iterator[Developed]:
    """Read a picture and make its versions. Refused, Failed; any other error is ours."""
    with TemporaryFile() as thumbnail, TemporaryFile() as web:
        answer = _run(source, {"do": "develop"}, [thumbnail, web], limits)
        if answer.facts is None:
            raise RuntimeError("the decoder gave no facts")
        yield Developed(answer.facts, _made(thumbnail), _made(web))


@contextmanager
def blur(source: IO[bytes], marks: list[Mark], limits: Limits = LIMITS) -> Iterator[IO[bytes]]:
    """A picture's JPEG in which nobody can make out what was marked. Refused, Failed."""
    with TemporaryFile() as blurred:
        task = {"do": "blur", "marks": msgspec.to_builtins(marks)}
        _run(source, task, [blurred], limits)
        yield _made(blurred)


def _run(source: IO[bytes], task: dict[str, Any], made: list[IO[bytes]], limits: Limits) -> Answer:
    words = msgspec.json.encode(task | msgspec.to_builtins(limits))
    for _ in range(_TRIES):
        code, said = _once(words, source, made, limits.seconds)
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
            raise Failed(f"Reading the picture takes more than {limits.seconds:.0f} seconds.")
        if -code in (signal.SIGKILL, signal.SIGTERM):
            raise Failed(_BROKEN_OFF)
    raise Refused(_BROKEN_OFF)


def _once(
    words: bytes, source: IO[bytes], made: list[IO[bytes]], seconds: float
) -> tuple[int, bytes]:
    """How its process ended, as `_Decoder.run`; the answer, or what was printed instead."""
    with TemporaryFile() as cries, TemporaryFile() as answer:
        files = [source, cries, answer, *made]
        for file in files:
            # Of the file itself: Python's own position knows nothing of what others did to it.
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        for file in made:
            os.ftruncate(file.fileno(), 0)
        code = _decoder.run(words, [file.fileno() for file in files], seconds)
        said = answer if code == 0 else cries
        said.seek(0)
        return code, said.read(_LONGEST_ANSWER)


class _Decoder:
    """The decoder's process, which forks one for each picture: to start anew takes longer than
    to read most pictures. It ends with this process, and is this process's alone."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    def run(self, words: bytes, files: list[int], seconds: float) -> int:
        """How the process for one picture ended: as `Popen.returncode`, -SIGALRM where the time was
        up. RuntimeError where there is no decoder."""
        with self._turn:
            try:
                return self._asked(words, files, seconds)
            except BaseException:
                # Whatever it is at, its answer must not be taken for the next picture's.
                self._end()
                raise

    def _asked(self, words: bytes, files: list[int], seconds: float) -> int:
        link = self._started()
        link.settimeout(seconds + _GRACE_SECONDS)
        said = b""
        with suppress(ConnectionError):
            socket.send_fds(link, [words + b"\n"], files)
            said = link.recv(_LONGEST_CODE)
        if not said:
            raise RuntimeError(f"the decoder ended: {_COMMAND}")
        return int(said)

    def _started(self) -> socket.socket:
        if self._link is None or self._owner != os.getpid():
            self._owner, self._process = os.getpid(), None  # a parent's is not ours to end
            self._link, theirs = socket.socketpair()
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


def _made(file: IO[bytes]) -> IO[bytes]:
    """The file, if it is what it should be: the decoder has read a stranger's bytes."""
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    if file.read(3) != _JPEG or size > _LARGEST_PICTURE:
        raise Refused("The picture is damaged: no version of it could be made.")
    file.seek(0)
    return file
