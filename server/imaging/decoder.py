"""The decoder: for each task that comes over its socket a process of its own, which reads one
picture, writes versions and an answer, and ends. It has none of our environment and no database,
and what it can spend is limited before it reads the first byte.

    python -m server.imaging.decoder 3      # the number of the socket

A task is a line of JSON, `{"do": "develop", "memory": …, "seconds": …}`, with open files: the
photo, one for what is printed, one for the answer, and one for each version. What comes back is a
line: how its process ended. Where the socket is closed, whoever asked is gone, and all that it
began ends.
"""

import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
import warnings
from contextlib import suppress
from io import BytesIO
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
_MOST_FILES = 8
_LONGEST_TASK = 64 * 1024


class TooMany(Exception):
    """More pixels than a picture may have."""


def main() -> None:
    """Do the tasks of the socket that the first argument names, one after the other, until it is
    closed."""
    with socket.socket(fileno=int(sys.argv[1])) as link, suppress(ConnectionError):
        ended = _Ended()
        while task := _next(link):
            words, files = task
            process = os.fork()
            if process == 0:
                ended.forget()
                link.close()
                _work(words, files)
            for file in files:
                os.close(file)
            code = ended.wait(process, link, msgspec.json.decode(words)["seconds"])
            link.sendall(b"%d\n" % code)


class _Ended:
    """Waits for the end of a process, its time, or whoever asked, whichever ends first."""

    def __init__(self) -> None:
        self._said, self._saying = os.pipe()
        os.set_blocking(self._saying, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._saying, warn_on_full_buffer=False)

    def wait(self, process: int, link: socket.socket, seconds: float) -> int:
        """Its exit code, or minus the signal that ended it; -SIGALRM where its time was up.
        ConnectionError where nobody waits for it any more. It has ended in any case."""
        poll = select.poll()
        poll.register(self._said, select.POLLIN)
        poll.register(link, 0)  # a hang-up is told always
        until = time.monotonic() + seconds
        while True:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            left = until - time.monotonic()
            events = dict(poll.poll(left * 1000)) if left > 0 else {}
            if self._said in events:
                os.read(self._said, _LONGEST_TASK)
            elif not events or link.fileno() in events:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
                if events:
                    raise ConnectionAbortedError
                return -signal.SIGALRM

    def forget(self) -> None:
        """In a forked process."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._said)
        os.close(self._saying)


def _next(link: socket.socket) -> tuple[bytes, list[int]] | None:
    words, files, _, _ = socket.recv_fds(link, _LONGEST_TASK, _MOST_FILES)
    while not words.endswith(b"\n"):
        more = link.recv(_LONGEST_TASK)
        if not more:
            return None
        words += more
    return words, files


def _work(words: bytes, files: list[int]) -> NoReturn:
    """Do a task in a process of its own, and end."""
    code = 1
    try:
        source, cries, *rest = files
        for file, there in ((source, 0), (cries, 1), (cries, 2)):
            os.dup2(file, there)
        os.close(source)
        os.close(cries)
        _do(msgspec.json.decode(words), *rest)
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _do(task: dict[str, Any], answer: int, *versions: int) -> None:
    """What goes wrong here is ours; what goes wrong in reading is the picture's."""
    _register(task["megapixels"])
    _limit(task["memory"], task["cpu_seconds"])
    said, made = _read(task, sys.stdin.buffer.read())
    for picture, version in zip(made, versions, strict=False):
        # Written into a file, it would end too soon without a word where the disk is full.
        jpeg = BytesIO()
        picture.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
        _write(version, jpeg.getvalue())
    _write(answer, msgspec.json.encode(said))


def _write(file: int, data: bytes) -> None:
    with os.fdopen(file, "wb") as opened:
        opened.write(data)


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


def _read(task: dict[str, Any], data: bytes) -> tuple[dict[str, Any], list[Image.Image]]:
    """The answer and the versions to be saved. Whatever a decoder throws at bytes that a stranger
    chose is those bytes' fault."""
    try:
        if task["do"] == "blur":
            return {}, [_blurred(data, msgspec.convert(task["marks"], list[Mark]))]
        facts, *versions = _developed(data)
        return {"facts": facts}, versions
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
    return {"refused": refused}, []


def _developed(data: bytes) -> tuple[Facts, Image.Image, Image.Image]:
    """Facts, thumbnail, and the size for the web."""
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        if picture.format == "HEIF" and boxes.end_of_items(data) > len(data):
            raise EOFError
        claimed = metadata.claims(picture)
        turned = picture.getexif().get(0x0112) if metadata.readable(picture) else None
        size = picture.size[::-1] if turned in (5, 6, 7, 8) else picture.size
        picture.thumbnail((WEB, WEB), Image.Resampling.LANCZOS, reducing_gap=2.0)
        web = _plain(_upright(picture))
    grey = web.convert("L")
    thumbnail = web.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    facts = Facts(
        width=size[0],
        height=size[1],
        sharpness=measures.sharpness(grey),
        hash=measures.perceptual_hash(grey),
        **claimed,
    )
    return facts, thumbnail, web


def _blurred(data: bytes, marks: list[Mark]) -> Image.Image:
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        picture.load()
        return blurred(_plain(picture), marks)


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


if __name__ == "__main__":
    main()
