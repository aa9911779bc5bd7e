"""`promessa drivers`: what goes with an outcome, by LMG."""

import csv
from typing import Any, BinaryIO

import click
import numpy as np

from server.cli.analysis.output import as_json, figure, print_json, print_table
from server.cli.analysis.tables import Table, refuse
from server.domain import drivers as domain

_NOTHING = "Nothing can be told: the outcome never varies, or there are too few rows."


@click.command(epilog="Exit status: 0 done; 2 the file or a column cannot be used.")
@click.argument("file", type=click.File("rb"))
@click.option("--outcome", required=True, metavar="C", help="Column of what is to be explained.")
@click.option(
    "--predictors",
    required=True,
    metavar="C,C,…",
    help='Columns, 12 at most; "a,b" in quotes is one column with a comma in its name.',
)
@click.option("--weight", metavar="C", help="Column of how many rows a row stands for.")
@as_json
def drivers(
    file: BinaryIO, outcome: str, predictors: str, weight: str | None, as_json: bool
) -> None:
    """Share out the R² of a regression on the rows of FILE, a CSV table ("-": standard input).

    A predictor's share (LMG) is what it adds to R², averaged over all orders of the predictors: the
    shares are never negative and add up to R². They say what goes together, not what causes what.
    Intervals are by the infinitesimal jackknife; of few rows they are too narrow.
    """
    names = [name.strip() for name in next(csv.reader([predictors]))]
    if not all(names) or not names:
        refuse(["--predictors names no column, or one without a name"])
    if len(names) > domain.MOST_PREDICTORS:
        refuse([f"{len(names)} predictors, and {domain.MOST_PREDICTORS} are the most"])
    if len({outcome, *names}) <= len(names):
        refuse(["a column is named twice as outcome or predictor"])
    table = Table(file, [outcome, *names, *([] if weight is None else [weight])])
    y, x = table.numbers(outcome), [table.numbers(name) for name in names]
    weights = None if weight is None else table.weights(weight)
    table.check()
    told = domain.drivers(y, np.column_stack(x), weights)
    if as_json:
        print_json(_document(names, told))
    else:
        _show(names, told)


def _document(names: list[str], told: domain.Drivers) -> dict[str, Any]:
    return {
        "r2": told.r2,
        "r2_interval95": told.r2_interval95,
        "adjusted_r2": told.adjusted_r2,
        "shares": told.shares and dict(zip(names, told.shares, strict=True)),
        "intervals95": told.intervals95 and dict(zip(names, told.intervals95, strict=True)),
        "n": told.n,
    }


def _show(names: list[str], told: domain.Drivers) -> None:
    note = f"R² {figure(told.r2, 6)} from {told.n:,} rows"
    if told.shares is None or told.intervals95 is None:
        print_table(("predictor", "share of R²"), [], [f"{note}. {_NOTHING}"])
        return
    rows = [
        [name, figure(share, 6), _span(ends)]
        for name, share, ends in zip(names, told.shares, told.intervals95, strict=True)
    ]
    note += f" ({_span(told.r2_interval95)}), adjusted {figure(told.adjusted_r2, 4)}."
    print_table(("predictor", "share of R²", "95 % interval"), rows, [note])


def _span(ends: domain.Ends | None) -> str:
    return "–" if ends is None else " to ".join(figure(end, 3) for end in ends)
