"""`promessa scores`: the exact sums that all figures are made from."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from server.cli.options import opened
from server.errors import NotFound
from server.models import Brand
from server.services import sums

_SHOWN = 20

_brand = click.option(
    "--brand", "brand_id", metavar="ID", help="Only this brand's; else all brands', in turn."
)


@click.group("scores")
def scores() -> None:
    """The exact sums over visits that all figures are made from."""


@scores.command()
@_brand
def rebuild(brand_id: str | None) -> None:
    """Make the sums anew from the visits that count.

    Safe while serving, and at any moment: what is stopped goes on where it is begun again.
    """
    with opened():
        for brand in _brands(brand_id):
            with _progress(brand.name) as advance:
                visits = sums.rebuild(brand.id, advance)
            click.echo(f"{brand.id}\t{brand.name}\t{visits} visits")


@scores.command()
@_brand
def verify(brand_id: str | None) -> None:
    """Compare the sums with the visits that count; exit code 1, and where, if they differ."""
    wrong = 0
    with opened():
        for brand in _brands(brand_id):
            found = 0
            with _progress(brand.name) as advance:
                for one in sums.verify(brand.id, advance):
                    found += 1
                    if found <= _SHOWN:
                        click.echo(_said(one))
            click.echo(f"{brand.id}\t{brand.name}\t{f'{found} differences' if found else 'equal'}")
            wrong += found
    if wrong:
        sys.exit(1)


def _brands(brand_id: str | None) -> list[Brand]:
    brands = list(Brand.select().order_by(Brand.id))
    if brand_id is not None:
        brands = [brand for brand in brands if brand.id == brand_id]
        if not brands:
            raise NotFound(f"There is no brand {brand_id!r}.")
    return brands


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _said(one: sums.Difference) -> str:
    _, dimension, month, store, shopper, wave = one.key
    measure = f"{dimension}:{one.value}" if one.value else dimension
    place = f"store {store}, shopper {shopper}, wave {wave}, {month}, {measure}"
    return f"{place}: the sums are {list(one.stored)}, the visits make {list(one.expected)}"
