"""Tables of words that tests are held against: a line a row, the first word its name; a head line
names the columns; # begins a remark."""

from functools import cache
from pathlib import Path


@cache
def read_table(path: Path) -> dict[str, dict[str, str]]:
    """The rows by name, each its words by column."""
    lines = [line.partition("#")[0].split() for line in path.read_text().splitlines()]
    head, *rows = [line for line in lines if line]
    return {name: dict(zip(head, words, strict=True)) for name, *words in rows}
