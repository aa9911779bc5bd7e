"""Cells of exported tables, safe to open in a spreadsheet.

A spreadsheet runs a text cell as a formula if it begins with one of a few characters (OWASP, "CSV
injection"). An apostrophe in front makes it text again. Quoting and separators are the writer's.
"""

import unicodedata
from typing import TypeVar

Cell = TypeVar("Cell")

_FORMULA = frozenset("=+-@＝＋－＠")


def as_text(value: Cell) -> Cell | str:
    """The cell to write for `value`: text that a spreadsheet might run, or that begins with a
    control character, gets an apostrophe in front, and so does what would be read back as such.
    Numbers, None and all else stay as they are."""
    if isinstance(value, str) and _dangerous(value):
        return f"'{value}"
    return value


def from_text(cell: str) -> str:
    """What `as_text` wrote as `cell`: its apostrophe goes, any other stays."""
    return cell[1:] if cell.startswith("'") and _dangerous(cell[1:]) else cell


def _dangerous(text: str) -> bool:
    """Leading blanks do not disarm a formula: some importers trim them. Behind apostrophes it is
    text, which has to be told from text that got its apostrophe here."""
    text = text.lstrip("'")
    if text and unicodedata.category(text[0]) in ("Cc", "Cf"):
        return True
    return text.lstrip()[:1] in _FORMULA
