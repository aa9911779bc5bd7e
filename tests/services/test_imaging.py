"""What is made of pictures, and what is none."""

import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from server.domain.pictures import NEAR, Mark, differing
from server.imaging import boxes
from server.imaging.blurring import blurred
from tests.decoded import develop, png, refusal
from tests.pictures import drawn, segments

HTML = b"<html><script>alert(1)</script></html>"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>"
METADATA = set(range(0xE1, 0xF0)) | {0xFE}


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
