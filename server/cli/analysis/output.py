"""How answers are printed: JSON for programs, tables for people."""

from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDE = 160

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(answer: dict[str, Any]) -> None:
    """One JSON document."""
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], notes: Sequence[str] = ()
) -> None:
    """A table, its first column of names and the rest of figures, with lines below it."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    table = Table()
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    for note in notes:
        console.print(escape(note), soft_wrap=True, highlight=False)


def figure(value: float | None, decimals: int = 2) -> str:
    """A number for people; a dash for None."""
    return "–" if value is None else f"{value:,.{decimals}f}"
