"""The decoder's process: what it makes of pictures, and what it survives."""

import io
import itertools
import os
import signal
import socket
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import psutil
import pytest
from PIL import Image

from server import imaging
from server.domain.pictures import NEAR, Facts, Mark, differing
from server.imaging import LIMITS, Failed, Limits, Refused, boxes
from server.imaging.blurring import blurred
from tests.backends.process import alive, wait_until
from tests.pictures import drawn, segments

HTML = b"<html><script>alert(1)</script></html>"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>"
METADATA = set(range(0xE1, 0xF0)) | {0xFE}
MEBIBYTE = 1024**2


class Made(NamedTuple):
    """What was made, as files."""

    facts: Facts
    thumbnail: Path
    web: Path


def develop(data: bytes, folder: Path, limits: Limits = LIMITS) -> Made:
    with (folder / "original").open("w+b") as file:
        file.write(data)
        file.flush()
        with imaging.develop(file, limits) as developed:
            made = Made(developed.facts, folder / "thumbnail", folder / "web")
            made.thumbnail.write_bytes(developed.thumbnail.read())
            made.web.write_bytes(developed.web.read())
            return made


def refusal(data: bytes, folder: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(Refused) as refused:
        develop(data, folder, limits)
    return refused.value.reason


def png(width: int, height: int, lines: int) -> bytes:
    """A PNG that says that it has so many pixels, and has so many empty lines."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(1)
    line = b"\x00" * (1 + 3 * width)
    data = b"".join(packer.compress(line) for _ in range(lines)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def same(one: Path, other: Path) -> bool:
    """Whether two pictures show the same, the same way up."""
    first, second = (
        np.asarray(opened(path).convert("L").resize((64, 64)), dtype=float) for path in (one, other)
    )
    return bool(np.abs(first - second).mean() < 12)


@pytest.mark.parametrize(("layout", "numbers"), [("Landscape", range(9)), ("Portrait", (0, 6, 8))])
def test_every_orientation_is_turned_upright(
    shared: Path, tmp_path: Path, layout: str, numbers: Any
) -> None:
    made = []
    for number in numbers:
        folder = tmp_path / str(number)
        folder.mkdir()
        data = (shared / "photos" / "orientation" / f"{layout}_{number}.jpg").read_bytes()
        made.append(develop(data, folder))
    assert {(one.facts.width, one.facts.height) for one in made} == {
        (1800, 1200) if layout == "Landscape" else (1200, 1800)
    }
    for one in made:
        assert same(one.web, made[0].web)
        assert max(opened(one.web).size) == 1600
        assert max(opened(one.thumbnail).size) == 320
        assert differing(one.facts.hash or "", made[0].facts.hash or "") <= 2


@pytest.mark.parametrize(
    ("name", "taken", "place"),
    [
        ("heic/IMG_1034.heic", "2018-02-05T15:11:44", (23.1779, 113.3943)),
        ("heic/xiaomi.heic", "2023-04-27T19:44:18", (47.2273, 39.7000)),
        ("phones/Apple_iPhone_6.jpg", "2014-09-16T14:05:12", (51.7624, -0.3179)),
        ("phones/HTC_Desire.webp", "2011-05-06T09:59:48", (45.5007, 9.1103)),
        ("gps/DSCN0010.jpg", "2008-10-22T16:28:39", (43.4674, 11.8851)),
        ("phones/Samsung_SM_J327T1.jpg", "2019-09-26T16:38:00", None),
    ],
)
def test_cameras_tell_when_and_where_and_the_versions_do_not(
    shared: Path, tmp_path: Path, name: str, taken: str, place: tuple[float, float] | None
) -> None:
    made = develop((shared / "photos" / name).read_bytes(), tmp_path)
    facts = made.facts
    assert facts.taken == taken
    if place is None:
        assert facts.latitude is None
    else:
        assert (facts.latitude, facts.longitude) == pytest.approx(place, abs=1e-3)
    for path in (made.web, made.thumbnail):
        assert segments(path.read_bytes()) & METADATA == set()
        assert opened(path).info.keys() <= {
            "jfif", "jfif_version", "jfif_unit", "jfif_density",
        }  # fmt: skip


def test_photos_of_one_street_do_not_look_alike(shared: Path, tmp_path: Path) -> None:
    hashes = []
    for number in ("0010", "0012", "0021", "0025", "0027"):
        folder = tmp_path / number
        folder.mkdir()
        data = (shared / "photos" / "gps" / f"DSCN{number}.jpg").read_bytes()
        hashes.append(develop(data, folder).facts.hash or "")
    distances = [differing(*pair) for pair in itertools.combinations(hashes, 2)]
    assert min(distances) > 2 * NEAR


def test_an_offset_is_read_and_a_comment_is_left_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 12:20:00"
    exif.get_ifd(0x8769)[0x9011] = "+05:30"
    exif[0x0131] = "Snap\x00seed\n" + "x" * 500
    made = develop(drawn(exif=exif, comment=b"my house"), tmp_path)
    assert (made.facts.taken, made.facts.offset_minutes) == ("2026-07-01T12:20:00", 330)
    assert made.facts.software == ("Snapseed" + "x" * 500)[:120]
    assert b"my house" not in made.web.read_bytes()


def test_transparency_becomes_white_and_profiles_srgb(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(buffer, "PNG")
    assert opened(develop(buffer.getvalue(), tmp_path).web).getpixel((5, 5)) == (255, 255, 255)


# What is no picture, or wants to do harm.


def test_heic_that_ends_too_soon_is_refused(shared: Path, tmp_path: Path) -> None:
    """The decoder alone would show grey where the tiles are missing."""
    whole = (shared / "photos" / "heic" / "xiaomi.heic").read_bytes()
    for share in (50, 90, 99):
        reason = refusal(whole[: len(whole) * share // 100], tmp_path)
        assert reason == "The picture is damaged: it ends too soon."


@pytest.mark.parametrize("name", ["xiaomi.heic", "IMG_1034.heic"])
def test_heic_is_as_long_as_its_items_say(shared: Path, name: str) -> None:
    """Also where something follows, as behind the photos of some phones."""
    whole = (shared / "photos" / "heic" / name).read_bytes()
    assert boxes.end_of_items(whole) == len(whole)
    assert boxes.end_of_items(whole[:-1] + HTML) == len(whole)
    assert boxes.end_of_items(whole[:9000]) == len(whole)


@pytest.mark.parametrize("data", [b"", HTML, bytes(64), b"\0\0\0\x0cmeta\0\0\0\0"])
def test_what_has_no_items_ends_nowhere(data: bytes) -> None:
    assert boxes.end_of_items(data) == 0


@pytest.mark.parametrize(
    "data",
    [HTML, SVG, b"%PDF-1.7", b"\x00", b"BM" * 60],
    ids=["html", "svg", "pdf", "nul", "bmp"],
)
def test_other_types_are_refused(data: bytes, tmp_path: Path) -> None:
    assert "send JPEG, PNG, HEIC or WebP" in refusal(data, tmp_path)


def test_gif_and_tiff_are_refused_even_whole(tmp_path: Path) -> None:
    for kind in ("GIF", "TIFF"):
        buffer = io.BytesIO()
        Image.new("RGB", (32, 32), "red").save(buffer, kind)
        assert "send JPEG" in refusal(buffer.getvalue(), tmp_path), kind


@pytest.mark.parametrize("payload", [HTML, SVG, b"PK\x05\x06" + b"\x00" * 18])
def test_of_a_polyglot_only_the_picture_is_left(payload: bytes, tmp_path: Path) -> None:
    data = drawn(comment=payload) + payload
    made = develop(data, tmp_path)
    for path in (made.web, made.thumbnail):
        assert payload not in path.read_bytes()


def test_a_bomb_is_refused_for_its_pixels_before_it_is_decoded(tmp_path: Path) -> None:
    assert refusal(png(60_000, 60_000, 10), tmp_path) == (
        "The picture has more than 120 million pixels."
    )
    assert "120 million" in refusal(png(12_001, 10_000, 1), tmp_path)


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


# Blurring.


def test_what_is_marked_is_unrecognisable_and_the_rest_stays() -> None:
    before = Image.open(io.BytesIO(drawn())).convert("RGB")
    after = blurred(before.copy(), [Mark(0.25, 0.25, 0.5, 0.5)])
    one, other = (np.asarray(each, dtype=float) for each in (before, after))
    changed = np.abs(one - other).max(axis=2) > 0
    assert not changed[:100].any()
    assert not changed[:, :140].any()
    assert changed[130:350, 170:470].mean() > 0.95
    # Of 320 × 240 pixels at most 6 × 5 colours are left: the fine structure is gone for good.
    inside = other[130:350, 170:470].mean(axis=2)
    assert (
        np.abs(np.diff(inside, axis=1)).mean()
        < 0.05 * np.abs(np.diff(one[130:350, 170:470].mean(axis=2), axis=1)).mean()
    )


def test_the_same_cells_come_of_different_faces() -> None:
    """What is within a cell only leaves its mean: two pictures with the same means blur alike."""
    flat = Image.new("RGB", (120, 120), (128, 128, 128))
    chess = np.indices((120, 120)).sum(axis=0) % 2 * 2 + 127
    fine = Image.fromarray(np.repeat(chess[:, :, None], 3, axis=2).astype(np.uint8))
    whole = [Mark(0, 0, 1, 1)]
    one, other = (np.asarray(blurred(each, whole), dtype=int) for each in (flat, fine))
    assert np.abs(one - other).max() <= 1
