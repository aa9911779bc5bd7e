"""The file of a backup: gzipped lines of JSON.

    {"promessa": version, "format": 1, "made_at", "migrations": [name…],
     "tables": [{"name", "columns": [name…], "rows": count}…]}
    [value…]          a line for each row, table after table, the values in their columns' order
    {"sha256": hex}   of all lines before, with their ends

Values are null, numbers, texts, and true and false or 1 and 0, as the database has them.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from server.cli.backups.tables import Held, Row

_FORMAT = 1
_LEVEL = 4
"""gzip's: higher ones take much longer for little."""

_BROKEN = (gzip.BadGzipFile, EOFError, zlib.error, ValueError, KeyError, TypeError)


class Damaged(click.ClickException):
    """The file is no whole backup."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no whole backup: {why}. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Header:
    """What the file holds: who made it and when, at which migrations, and the tables."""

    promessa: str
    made_at: str
    migrations: list[str]
    tables: list[Held]

    def described(self) -> dict[str, Any]:
        """As the file's first line."""
        return {
            "promessa": self.promessa,
            "format": _FORMAT,
            "made_at": self.made_at,
            "migrations": self.migrations,
            "tables": self.tables,
        }


@contextmanager
def written(path: Path) -> Iterator[Callable[[object], None]]:
    """A function that writes a line; when the block ends well the file is sealed, durable, and at
    `path`, readable by its user alone. ClickException: there is one already, or no room."""
    part = path.with_name(f"{path.name}.part")
    if path.exists():
        raise click.ClickException(f"{path} is there already: give another name.")
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            yield from _written(file)
        part.rename(path)
        _sync(path.absolute().parent)
    except OSError as error:
        raise click.ClickException(f"{part}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _written(file: BinaryIO) -> Iterator[Callable[[object], None]]:
    digest = hashlib.sha256()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL, filename="") as zipped:

        def write(value: object) -> None:
            line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
            digest.update(line)
            zipped.write(line)

        yield write
        zipped.write(orjson.dumps({"sha256": digest.hexdigest()}))
    file.flush()
    os.fsync(file.fileno())


class Lines:
    """A backup being read, line by line."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def header(self) -> Header:
        """The first line. Damaged."""
        with _whole():
            line = self._next()
            if line["format"] != _FORMAT:
                raise Damaged(f"its format {line['format']} is not known here")
            held = [Held(**table) for table in line["tables"]]
            return Header(line["promessa"], line["made_at"], line["migrations"], held)

    def rows(self, table: Held) -> Iterator[Row]:
        """The next lines, which are that table's rows. Damaged."""
        for _ in range(table.rows):
            with _whole():
                row = self._next()
                if not isinstance(row, list) or len(row) != len(table.columns):
                    raise Damaged(f"a row of {table.name} is none")
            yield row

    def check_seal(self) -> None:
        """The last line. Damaged: what was read is not what was written."""
        expected = self._digest.hexdigest()
        with _whole():
            if self._next() != {"sha256": expected} or self._file.readline():
                raise Damaged("its SHA-256 is another")

    def _next(self) -> Any:
        line = self._file.readline()
        self._digest.update(line)
        return orjson.loads(line)


@contextmanager
def opened(path: Path) -> Iterator[Lines]:
    """The lines of a backup. ClickException: it cannot be read."""
    try:
        file = gzip.open(path, "rb")  # noqa: SIM115  closed below
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    with file:
        yield Lines(file)


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Damaged(str(error)) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
