"""`promessa rates`: pass rates of stores, by the beta-binomial."""

from typing import Any, BinaryIO

import click
import numpy as np

from server.cli.analysis.output import as_json, figure, print_json, print_table
from server.cli.analysis.tables import Table
from server.domain import rates as domain
from server.domain.shares import wilson


@click.command(epilog="Exit status: 0 done; 2 the file or a column cannot be used.")
@click.argument("file", type=click.File("rb"))
@click.option("--store", required=True, metavar="C", help="Column of the store's name or code.")
@click.option("--passed", required=True, metavar="C", help="Column of how many passed.")
@click.option("--n", required=True, metavar="C", help="Column of how many there were.")
@as_json
def rates(file: BinaryIO, store: str, passed: str, n: str, as_json: bool) -> None:
    """Pass rates of the stores of FILE, a CSV table of counts ("-": standard input).

    Rows of one store are added up. All stores' rates are taken from one beta distribution, fitted
    by maximum likelihood; each store's rate is shrunk towards its mean by how few its counts are,
    as (passed + α)/(n + α + β). Where the counts show no difference between stores there are no α
    and β, every store has the same rate, and its interval is that of its own counts (Wilson).
    """
    table = Table(file, [store, passed, n])
    names, good, whole = table.texts(store), table.counts(passed), table.counts(n)
    table.check()
    for line, some, all_of_them in zip(table.lines, good, whole, strict=True):
        if some > all_of_them:
            table.mistake(line, f"{some} of {all_of_them} passed")
    table.check()
    known, index = np.unique(names, return_inverse=True)
    counts = [np.bincount(index, column, len(known)).tolist() for column in (good, whole)]
    answer = _document(known.tolist(), *counts)
    if as_json:
        print_json(answer)
    else:
        _show(answer)


def _document(names: list[str], passed: Any, n: Any) -> dict[str, Any]:
    found = domain.fit(passed, n)
    told = domain.posterior(found, passed, n)
    stores = []
    for row, name in enumerate(names):
        raw = wilson(passed[row], n[row])
        stores.append(
            {
                "store": name,
                "passed": int(passed[row]),
                "n": int(n[row]),
                "raw_rate": None if raw is None else raw.value,
                "wilson95": None if raw is None else [raw.low, raw.high],
                "rate": None if found.mean is None else told.rate[row].item(),
                "interval95": None
                if found.mean is None
                else [told.low[row].item(), told.high[row].item()],
            }
        )
    return {
        "alpha": found.alpha,
        "beta": found.beta,
        "mean": found.mean,
        "stores": sorted(stores, key=lambda row: (-(row["rate"] or 0), row["store"])),
    }


def _show(answer: dict[str, Any]) -> None:
    rows = [
        [
            row["store"],
            f"{row['passed']:,}",
            f"{row['n']:,}",
            figure(row["raw_rate"], 3),
            figure(row["rate"], 3),
            " to ".join(figure(bound, 3) for bound in row["interval95"] or (None,)),
        ]
        for row in answer["stores"]
    ]
    note = f"α {figure(answer['alpha'], 4)}, β {figure(answer['beta'], 4)}, "
    notes = [f"{note}mean {figure(answer['mean'], 4)}."]
    if answer["alpha"] is None:
        notes.append(
            "Mind: the counts show no difference between stores; intervals are those of each "
            "store's own counts."
            if answer["mean"] is not None
            else "Mind: there are no counts."
        )
    columns = ("store", "passed", "n", "raw rate", "rate", "95 % interval")
    print_table(columns, rows, notes)
