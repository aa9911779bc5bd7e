"""`promessa drivers`: what goes with an outcome, by LMG."""

import csv
from typing import BinaryIO

import click
import numpy as np

from server.cli.analysis.output import as_json, figure, print_json, print_table
from server.cli.analysis.tables import Table, refuse
from server.domain import drivers as domain


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
    """
    names = [name.strip() for name in next(csv.reader([predictors]))]
    if len(names) > domain.MOST_PREDICTORS:
        refuse([f"{len(names)} predictors, and {domain.MOST_PREDICTORS} are the most"])
    if len({outcome, *names}) <= len(names):
        refuse(["a column is named twice as outcome or predictor"])
    table = Table(file, [outcome, *names, *([] if weight is None else [weight])])
    y, x = table.numbers(outcome), [table.numbers(name) for name in names]
    weights = None if weight is None else table.weights(weight)
    table.check()
    told = domain.drivers(y, np.column_stack(x), weights)
    shares = None if told.shares is None else dict(zip(names, told.shares, strict=True))
    if as_json:
        print_json({"r2": told.r2, "shares": shares, "n": told.n})
        return
    note = f"R² {figure(told.r2, 6)} from {told.n:,} rows."
    if shares is None:
        note += " Nothing can be told: the outcome never varies, or there are too few rows."
    rows = [[name, figure(share, 6)] for name, share in (shares or {}).items()]
    print_table(("predictor", "share of R²"), rows, [note])
