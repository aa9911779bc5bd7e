"""How answers are printed: JSON for programs, tables for people."""

from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson
from rich.cells import cell_len

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(answer: dict[str, Any]) -> None:
    """One JSON document."""
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], notes: Sequence[str] = ()
) -> None:
    """A table, its first column of names and the rest of figures, with lines below it. A row is a
    line, however wide: what folds cells to fit a terminal takes seconds over some thousand rows."""
    lines = [list(columns), *map(list, rows)]
    for line in lines:
        line[0] = "".join(c if c.isprintable() else " " for c in line[0])
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["─" * width for width in widths])
    for first, *rest in lines:
        name = first + " " * (widths[0] - cell_len(first))
        figures = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        click.echo("  ".join((name, *figures)))
    click.echo()
    for note in notes:
        click.echo(note)


def figure(value: float | None, decimals: int = 2) -> str:
    """A number for people; a dash for None."""
    return "–" if value is None else f"{value:,.{decimals}f}"
