"""The decoder: for each task that comes over its socket a process of its own, which reads one
picture, writes versions and an answer into a folder, and ends. It has none of our environment and
no database, and what it can spend is limited before it reads the first byte.

    python -m server.imaging.decoder 3      # the number of the socket

A task is a line of JSON, `{"do": "develop", "folder": …, "memory": …, …}`, with two files: the
photo, and one for what is printed. The answer is a line: how its process ended.
"""

import os
import resource
import socket
import sys
import traceback
import warnings
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pillow_heif
from PIL import (
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from server.domain.pictures import Facts, Mark
from server.imaging import boxes, measures, metadata
from server.imaging.blurring import blurred

THUMBNAIL = 320
WEB = 1600
"""Pixels of the longer side."""

QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

_LARGEST_FILE = 16 * 1024**2
_OPEN_FILES = 32
_MOST_FILES = 1024
_LONGEST_TASK = 64 * 1024


class TooMany(Exception):
    """More pixels than a picture may have."""


def main() -> None:
    """Do the tasks of the socket that the first argument names, one after the other, until it is
    closed."""
    with socket.socket(fileno=int(sys.argv[1])) as link, suppress(ConnectionError):
        while task := _next(link):
            words, files = task
            process = os.fork()
            if process == 0:
                link.close()
                _work(words, files)
            for file in files:
                os.close(file)
            _, status = os.waitpid(process, 0)
            link.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _next(link: socket.socket) -> tuple[bytes, list[int]] | None:
    words, files, _, _ = socket.recv_fds(link, _LONGEST_TASK, 2)
    while words and not words.endswith(b"\n"):
        words += link.recv(_LONGEST_TASK)
    return (words, files) if words else None


def _work(words: bytes, files: list[int]) -> NoReturn:
    """Do a task in a process of its own, and end."""
    code = 1
    try:
        for there, file in zip((0, 1), files, strict=True):
            os.dup2(file, there)
        os.dup2(1, 2)
        os.closerange(3, _MOST_FILES)
        _do(msgspec.json.decode(words))
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _do(task: dict[str, Any]) -> None:
    os.chdir(task["folder"])
    _register(task["megapixels"])
    _limit(task["memory"], task["cpu_seconds"])
    answer = _answer(task)
    (Path(task["folder"]) / "answer").write_bytes(msgspec.json.encode(answer))


def _register(megapixels: int) -> None:
    """The four formats and no other. `jpeg_factory` would bring in MPO's plugin."""
    Image._initialized = 2
    Image.OPEN.clear()
    Image.ID.clear()
    Image.register_open("JPEG", JpegImagePlugin.JpegImageFile, JpegImagePlugin._accept)
    Image.register_open("PNG", PngImagePlugin.PngImageFile, PngImagePlugin._accept)
    Image.register_open("WEBP", WebPImagePlugin.WebPImageFile, WebPImagePlugin._accept)
    # Thumbnails within the file may show something else than the picture.
    pillow_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    Image.MAX_IMAGE_PIXELS = megapixels * 1_000_000
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _limit(memory: int, cpu_seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # At the soft limit comes a signal that says what the matter was.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))


def _answer(task: dict[str, Any]) -> dict[str, Any]:
    """Whatever a decoder throws at bytes that a stranger chose is those bytes' fault."""
    try:
        if task["do"] == "blur":
            _blur(Path(task["folder"]), msgspec.convert(task["marks"], list[Mark]))
            return {}
        return {"facts": _develop(Path(task["folder"]))}
    except UnidentifiedImageError:
        refused = "This is no picture that can be read: send JPEG, PNG, HEIC or WebP."
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        refused = f"The picture has more than {task['megapixels']} million pixels."
    except MemoryError:
        refused = "The picture needs more memory than one may have."
    except Exception as error:
        short = "truncated" in str(error) or isinstance(error, EOFError)
        refused = "it ends too soon" if short else "it cannot be read"
        refused = f"The picture is damaged: {refused}."
    return {"refused": refused}


def _develop(folder: Path) -> Facts:
    data = sys.stdin.buffer.read()
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        if picture.format == "HEIF" and boxes.end_of_items(data) > len(data):
            raise EOFError
        claimed = metadata.claims(picture)
        turned = picture.getexif().get(0x0112) if metadata.readable(picture) else None
        size = picture.size[::-1] if turned in (5, 6, 7, 8) else picture.size
        picture.thumbnail((WEB, WEB), Image.Resampling.LANCZOS, reducing_gap=2.0)
        web = _plain(_upright(picture))
    _save(web, folder / "web")
    grey = web.convert("L")
    web.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    _save(web, folder / "thumbnail")
    return Facts(
        width=size[0],
        height=size[1],
        sharpness=measures.sharpness(grey),
        hash=measures.perceptual_hash(grey),
        **claimed,
    )


def _blur(folder: Path, marks: list[Mark]) -> None:
    with Image.open(BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as picture:
        picture.load()
        _save(blurred(_plain(picture), marks), folder / "blurred")


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # metadata that cannot be read turn nothing
        return picture


def _plain(picture: Image.Image) -> Image.Image:
    """The pixels in sRGB on white, and nothing else: no profile, comment, or text."""
    picture = _in_srgb(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        made = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that cannot be read colours nothing
    return made or picture


def _save(picture: Image.Image, path: Path) -> None:
    picture.save(path, "JPEG", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
