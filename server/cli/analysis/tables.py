"""A CSV file as columns. What cannot be used ends the command: exit 2, mistakes by their lines."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import BinaryIO, NoReturn, TypeVar

import click

from server.domain import csv_text
from server.domain.csv_text import CsvText
from server.errors import Invalid

Value = TypeVar("Value")

UNUSABLE = 2
LARGEST = 1e100
"""Numbers are computed with up to here: what is larger has no square, or no sum of squares."""
_MOST_COUNTED = 1e12

_SHOWN = 10
_COMMA = re.compile(r"[+-]?\d+,\d+")
_MONTH = re.compile(r"\d{4}-\d{2}")


class Table:
    """The columns of `names` of a CSV file; encoding and delimiter are guessed, as they are for
    imports."""

    def __init__(self, file: BinaryIO, names: list[str]) -> None:
        self._mistakes: list[str] = []
        try:
            self._text = csv_text.read(file.read())
        except Invalid as problem:
            refuse([problem.detail.replace("imported", "read")])
        places = {name: self._place(name) for name in dict.fromkeys(names)}
        self._stop_at_mistakes()
        self._cells: dict[str, list[str]] = {name: [] for name in places}
        self.lines: list[int] = []
        self._fill(self._text, places)
        if not self.lines and not self._mistakes:
            self._mistakes.append("there are no rows below the header")
        self._stop_at_mistakes()

    def __len__(self) -> int:
        return len(self.lines)

    def _place(self, name: str) -> int:
        header = self._text.header
        if header.count(name) == 1:
            return header.index(name)
        known = ", ".join(repr(column) for column in header)
        fault = "two columns are called" if name in header else "there is no column"
        self._mistakes.append(f"{fault} {name!r}; the columns are {known}")
        return 0

    def _fill(self, text: CsvText, places: dict[str, int]) -> None:
        for line, cells in text.records():
            if cells is None:
                self.mistake(line, "cannot be read: a quote is not closed, or a cell is too long")
            elif len(cells) != len(text.header):
                self.mistake(line, f"{len(cells)} cells under {len(text.header)} columns")
            else:
                self.lines.append(line)
                for name, place in places.items():
                    self._cells[name].append(cells[place].strip())

    def texts(self, name: str) -> list[str]:
        """The column as text; none may be empty."""
        return self._column(name, str)

    def numbers(self, name: str) -> list[float]:
        """The column as finite numbers; with a decimal comma too, where no comma parts cells."""
        return self._column(name, self._number)

    def counts(self, name: str) -> list[int]:
        """The column as whole numbers from 0 up."""
        return self._column(name, self._count)

    def weights(self, name: str) -> list[float]:
        """The column as finite numbers from 0 up, of which one is more than 0 at least."""
        values = self._column(name, self._weight)
        if not self._mistakes and not any(values):
            self._mistakes.append(f"every {name!r} is 0: no row counts")
        return values

    def dates(self, name: str) -> list[date]:
        """The column as dates: 2026-03-31, 2026-03-31T17:05 or 2026-03."""
        return self._column(name, _date)

    def mistake(self, line: int, what: str) -> None:
        """Note what is wrong on a line."""
        self._mistakes.append(f"line {line}: {what}")

    def check(self) -> None:
        """End the command if anything is wrong."""
        self._stop_at_mistakes()

    def _column(self, name: str, read: Callable[[str], Value]) -> list[Value]:
        values = []
        for line, cell in zip(self.lines, self._cells[name], strict=True):
            try:
                if not cell:
                    raise ValueError("is empty")
                values.append(read(cell))
            except ValueError as error:
                self.mistake(line, f"{name!r} {error}")
        return values

    def _number(self, cell: str) -> float:
        if self._text.delimiter != "," and _COMMA.fullmatch(cell):
            cell = cell.replace(",", ".")
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or "_" in cell:
            raise ValueError(f"is not a number: {cell!r}")
        if abs(number) > LARGEST:
            raise ValueError(f"is beyond {LARGEST:g}, too large to square: {cell!r}")
        return number

    def _count(self, cell: str) -> int:
        number = self._number(cell)
        if number < 0 or not number.is_integer():
            raise ValueError(f"is not a whole number from 0 up: {cell!r}")
        if number > _MOST_COUNTED:
            raise ValueError(f"is more than {_MOST_COUNTED:g}: {cell!r}")
        return int(number)

    def _weight(self, cell: str) -> float:
        number = self._number(cell)
        if number < 0:
            raise ValueError(f"is less than 0: {cell!r}")
        return number

    def _stop_at_mistakes(self) -> None:
        if self._mistakes:
            refuse(self._mistakes)


def refuse(mistakes: list[str]) -> NoReturn:
    """End the command with these lines on standard error."""
    for mistake in mistakes[:_SHOWN]:
        click.echo(f"{click.style('promessa:', fg='red')} {mistake}", err=True)
    if len(mistakes) > _SHOWN:
        click.echo(f"… and {len(mistakes) - _SHOWN:,} more", err=True)
    raise click.exceptions.Exit(UNUSABLE)


def _date(cell: str) -> date:
    try:
        return datetime.fromisoformat(f"{cell}-01" if _MONTH.fullmatch(cell) else cell).date()
    except ValueError:
        raise ValueError(f"is not a date like 2026-03-31: {cell!r}") from None
