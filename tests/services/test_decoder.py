"""The decoder's process: what it may spend, and what it survives."""

import io
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from PIL import Image

from server import imaging
from server.imaging import LIMITS, Failed
from tests.backends.process import alive, wait_until
from tests.decoded import develop, png, refusal
from tests.pictures import drawn

MEBIBYTE = 1024**2


def test_memory_is_limited(tmp_path: Path) -> None:
    """The picture needs some 300 MB; what the decoder itself needs is less than the limit."""
    tight = replace(LIMITS, memory=400 * MEBIBYTE)
    assert develop(drawn(), tmp_path, tight).facts.width == 640
    assert refusal(png(10_000, 9_000, 9_000), tmp_path, tight) == (
        "The picture needs more memory than one may have."
    )


def test_processor_time_is_limited(tmp_path: Path) -> None:
    """A progressive JPEG that repeats its last scan again and again: small, and endless work."""
    buffer = io.BytesIO()
    Image.new("L", (5000, 5000), 77).save(buffer, "JPEG", progressive=True)
    whole = buffer.getvalue()
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    slow = whole[:-2] + scan * 400 + b"\xff\xd9"
    assert refusal(slow, tmp_path, replace(LIMITS, cpu_seconds=1)) == (
        "Reading the picture takes more than 1 seconds."
    )


def test_one_that_hangs_is_killed_and_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="takes more than 0 seconds"):
        develop(drawn(), tmp_path, replace(LIMITS, seconds=0.01))
    assert develop(drawn(), tmp_path).facts.width == 640


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A decoder of the test's own."""
    decoder = imaging.process._Decoder()
    monkeypatch.setattr(imaging.process, "_decoder", decoder)
    yield decoder
    decoder.end()


def test_a_decoder_that_crashes_has_a_second_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Any
) -> None:
    """A process that has read the picture and dies as a broken codec would; then another."""
    tries = tmp_path / "tries"
    crash = f"""
import os, sys
from server.imaging import decoder
real = decoder._do
def crashing(task, *files):
    with open({str(tries)!r}, "a+") as file:
        file.write(".")
        file.seek(0)
        if len(file.read()) == 2:
            return real(task, *files)
    sys.stdin.buffer.read()
    os.kill(os.getpid(), 11)
decoder._do = crashing
decoder.main()
"""
    monkeypatch.setattr(imaging.process, "_COMMAND", (sys.executable, "-c", crash))
    assert develop(drawn(), tmp_path).facts.width == 640
    assert refusal(drawn(), tmp_path) == "The picture is damaged: reading it was broken off."
    assert tries.read_text() == "...."


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_is_killed_is_not_its_pictures_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Any, number: int
) -> None:
    """As a machine without memory does."""
    kill = f"""
import os
from server.imaging import decoder
decoder._do = lambda *_: os.kill(os.getpid(), {number:d})
decoder.main()
"""
    monkeypatch.setattr(imaging.process, "_COMMAND", (sys.executable, "-c", kill))
    with pytest.raises(Failed, match="broken off"):
        develop(drawn(), tmp_path)


def test_a_full_disk_is_not_its_pictures_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Any
) -> None:
    """Files that may not grow are as a disk without room."""
    full = """
from server.imaging import decoder
decoder._LARGEST_FILE = 1000
decoder.main()
"""
    monkeypatch.setattr(imaging.process, "_COMMAND", (sys.executable, "-c", full))
    with pytest.raises(RuntimeError, match="the decoder ended with 1"):
        develop(drawn(), tmp_path)


def test_a_wait_that_was_interrupted_spoils_no_other_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Any
) -> None:
    develop(drawn(), tmp_path)
    decoder = fresh._process.pid
    with monkeypatch.context() as patch:
        patch.setattr(imaging.process.socket, "send_fds", _interrupted(socket.send_fds))
        with pytest.raises(KeyboardInterrupt):
            develop(b"no picture", tmp_path)
    assert develop(drawn(), tmp_path).facts.width == 640
    assert fresh._process.pid != decoder


def _interrupted(real: Any) -> Any:
    def send(*arguments: Any) -> Any:
        real(*arguments)
        raise KeyboardInterrupt

    return send


def test_what_it_began_ends_with_whoever_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Any
) -> None:
    """A worker that is killed leaves no decoder, and no picture that is being read."""
    slow = """
import signal
from server.imaging import decoder
decoder._do = lambda *_: signal.pause()
decoder.main()
"""
    monkeypatch.setattr(imaging.process, "_COMMAND", (sys.executable, "-c", slow))
    link = fresh._started()
    decoder = psutil.Process(fresh._process.pid)
    words = msgspec.json.encode(msgspec.to_builtins(LIMITS))
    with (tmp_path / "file").open("w+b") as file:
        socket.send_fds(link, [words + b"\n"], [file.fileno()] * 3)
    wait_until(decoder.children, "it forks")
    (child,) = decoder.children()
    link.close()
    wait_until(lambda: not alive(child) and not alive(decoder), "both have ended")


def test_half_a_task_is_none(fresh: Any) -> None:
    link = fresh._started()
    link.sendall(b'{"do":')
    link.close()
    assert fresh._process.wait(20) == 0


def test_a_decoder_that_cannot_start_is_no_pictures_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fresh: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(imaging.process, "_COMMAND", (sys.executable, "-m", "no_such_module"))
        with pytest.raises(RuntimeError, match="the decoder ended"):
            develop(drawn(), tmp_path)
    assert "No module named" in capfd.readouterr().err
    assert develop(drawn(), tmp_path).facts.width == 640


def test_a_decoder_that_is_killed_is_started_again(tmp_path: Path, fresh: Any) -> None:
    develop(drawn(), tmp_path)
    fresh._process.kill()
    fresh._process.wait()
    with pytest.raises(RuntimeError, match="the decoder ended"):
        develop(drawn(), tmp_path)
    assert develop(drawn(), tmp_path).facts.width == 640


def test_a_picture_too_many_takes_the_others_nothing(tmp_path: Path, fresh: Any) -> None:
    """Each has a process of its own, which ends: what one did to it is gone."""
    first = develop(drawn(), tmp_path)
    decoder = fresh._process.pid
    tight = replace(LIMITS, memory=400 * MEBIBYTE)
    for bad in (b"no picture", png(10_000, 9_000, 9_000)):
        refusal(bad, tmp_path, tight)
        assert develop(drawn(), tmp_path).facts == first.facts
    assert fresh._process.pid == decoder
    assert psutil.Process(decoder).children() == []
    assert psutil.Process(decoder).num_fds() < 10


def test_the_decoder_inherits_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Any
) -> None:
    """Neither the environment with its secrets nor open files."""
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    with (tmp_path / "open").open("wb"):
        develop(drawn(), tmp_path)
        process = psutil.Process(fresh._process.pid)
        assert set(process.environ()) <= {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "LC_CTYPE"}
        assert process.open_files() == []
        assert os.getsid(process.pid) == process.pid
