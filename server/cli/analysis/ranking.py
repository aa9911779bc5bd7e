"""`promessa rank`: the ranking of stores, from single visits."""

import math
from dataclasses import dataclass
from typing import Any, BinaryIO

import click
import numpy as np

from server.cli.analysis.output import as_json, figure, print_json, print_table
from server.cli.analysis.tables import Table
from server.domain import cells, mixed_model, ranking, ranks
from server.domain.cells import Cells, Scale
from server.domain.estimates import Estimates, estimate
from server.domain.mixed_model import Fit
from server.domain.ranks import Ranks

_COLUMNS = (
    "store", "rank", "of", "expected", "90 %", "95 % set", "visits", "raw mean", "adjusted",
    "95 % interval", "reliability", "P top ¼", "P bottom ¼", "tier", "block",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """All that is known, with the stores' names by their index. `fit` and `estimates` are of scaled
    scores."""

    names: list[str]
    scale: Scale
    fit: Fit
    estimates: Estimates
    ranks: Ranks

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before believing a rank."""
        blocks = int(self.estimates.block.max(initial=0))
        apart = int((self.estimates.block > 1).sum())
        told = {
            "nobody is ranked: the visits show no difference between stores": (
                not self.ranks.ranked and len(self.estimates.store) > 1
            ),
            "each store has one shopper and each shopper one store: nothing parts the two, so each "
            "is taken for half of what differs": not self.fit.separable,
            f"{apart} stores are connected with the largest block by no chain of shoppers "
            f"({blocks} blocks), and between blocks a good store cannot be told from a lenient "
            "shopper: see comparable_block": blocks > 1,
            "all scores are equal: nothing tells how far off they may be": (
                not self.estimates.tells_errors
            ),
            "variances are by moments: there are too many stores and shoppers for the likelihood": (
                not self.fit.exact
            ),
        }
        return [text for text, true in told.items() if true]


def _half_life(_: click.Context, __: click.Parameter, days: float) -> float:
    if not 0 < days < math.inf:
        raise click.BadParameter(f"{days} is not a number of days above 0.")
    return days


@click.command(epilog="Exit status: 0 ranked; 2 the file or a column cannot be used.")
@click.argument("file", type=click.File("rb"))
@click.option("--store", required=True, metavar="C", help="Column of the store's name or code.")
@click.option("--shopper", required=True, metavar="C", help="Column of who visited.")
@click.option("--score", required=True, metavar="C", help="Column of the visit's score.")
@click.option(
    "--date", metavar="C", help="Column of the visit's date; older visits then weigh less."
)
@click.option(
    "--half-life",
    type=float,
    callback=_half_life,
    default=365.0,
    show_default=True,
    metavar="DAYS",
    help="With --date: a visit that is so much older than the latest weighs half of it.",
)
@click.option(
    "--weight",
    metavar="C",
    help="Column of what a visit weighs in its store's mean, from 0 up; 0 is no visit.",
)
@as_json
def rank(
    file: BinaryIO,
    store: str,
    shopper: str,
    score: str,
    date: str | None,
    half_life: float,
    weight: str | None,
    as_json: bool,
) -> None:
    """Rank the stores of FILE, a CSV table with a row for each visit ("-": standard input).

    Shopper severity is taken out of the scores, means are shrunk by how little the visits tell, and
    each rank says how sure it is (docs/scoring.md). The variances are fitted from all visits alike;
    weights and dates say only how much a visit counts in its store's mean.
    """
    names = [store, shopper, score, *(name for name in (date, weight) if name is not None)]
    table = Table(file, names)
    stores, people = table.texts(store), table.texts(shopper)
    scores, scale = cells.scaled(table.numbers(score))
    weights = table.weights(weight) if weight is not None else [1.0] * len(table)
    days = table.dates(date) if date is not None else None
    table.check()
    known, store_index = np.unique(stores, return_inverse=True)
    shopper_index = np.unique(people, return_inverse=True)[1]
    weighed = np.array(weights)
    if days is not None:
        latest = max(days)
        weighed *= cells.recency([(latest - day).days for day in days], half_life)
    visits = cells.of_visits(store_index, shopper_index, scores, weighed)
    answer = _answer(known.tolist(), scale, visits)
    if as_json:
        print_json(_document(answer))
    else:
        _show(answer)


def _answer(names: list[str], scale: Scale, visits: Cells) -> Answer:
    found = mixed_model.fit(visits)
    estimates = estimate(visits, found)
    return Answer(names, scale, found, estimates, ranks.rank(estimates))


def _document(answer: Answer) -> dict[str, Any]:
    found, scale = answer.fit, answer.scale
    return {
        "mu": scale.origin + found.mu * scale.unit,
        "variances": {
            name: scale.variance(getattr(found.variances, name))
            for name in ("store", "shopper", "error")
        },
        "rankability": answer.estimates.rankability,
        "n_visits": found.n_visits,
        "n_stores": found.n_stores,
        "n_shoppers": found.n_shoppers,
        "method_version": ranking.METHOD_VERSION,
        "warnings": answer.warnings,
        "stores": _rows(answer),
    }


def _rows(answer: Answer) -> list[dict[str, Any]]:
    """A row for each store, by rank and name; of equal ranks, or of none, by adjusted mean."""
    estimates, told, scale = answer.estimates, answer.ranks, answer.scale
    known = estimates.tells_errors
    columns = {
        "n_visits": estimates.n_visits,
        "n_eff": estimates.n_eff,
        "n_shoppers": estimates.n_shoppers,
        "raw_mean": scale.value(estimates.raw_mean),
        "adjusted_mean": scale.value(estimates.adjusted_mean),
        "se": estimates.se * scale.unit if known else None,
        "interval95": tuple(map(scale.value, estimates.interval95)) if known else None,
        "reliability": estimates.reliability,
        "rank": told.rank,
        "expected_rank": told.expected_rank,
        "rank_interval90": told.rank_interval90,
        "rank_set95": told.rank_set95,
        "rank_bounds95": told.rank_bounds95,
        "of": np.full(len(estimates.store), told.of),
        "p_top_quartile": told.p_top_quartile,
        "p_bottom_quartile": told.p_bottom_quartile,
        "tier": told.tier,
        "provisional": told.provisional,
        "comparable_block": estimates.block,
    }
    count = len(estimates.store)
    cells_of = zip(*(_listed(one, count) for one in columns.values()), strict=True)
    rows = [
        {"store": answer.names[store]} | dict(zip(columns, row, strict=True))
        for store, row in zip(estimates.store, cells_of, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["rank"] or 0, -row["adjusted_mean"], row["store"]))


def _listed(column: Any, count: int) -> list[Any]:
    if column is None:
        return [None] * count
    if isinstance(column, tuple):
        return [list(ends) for ends in zip(*(bound.tolist() for bound in column), strict=True)]
    values: list[Any] = column.tolist()
    return values


def _show(answer: Answer) -> None:
    told, found = _document(answer), answer.fit
    variances = ", ".join(f"{name} {figure(v)}" for name, v in told["variances"].items())
    notes = [
        f"{found.n_visits:,} visits, {found.n_stores:,} stores, {found.n_shoppers:,} shoppers; "
        f"mean {figure(told['mu'])}.",
        f"Variances: {variances}; rankability {figure(told['rankability'])}.",
        "* provisional: fewer than three visits' worth.",
        *(f"Mind: {warning}." for warning in answer.warnings),
    ]
    print_table(_COLUMNS, map(_line, told["stores"]), notes)


def _line(row: dict[str, Any]) -> list[str]:
    return [
        row["store"] + ("*" if row["provisional"] else ""),
        _whole(row["rank"]),
        _whole(row["of"]),
        figure(row["expected_rank"], 1),
        _span(row["rank_interval90"], 0),
        _span(row["rank_set95"], 0),
        _whole(row["n_visits"]),
        figure(row["raw_mean"]),
        figure(row["adjusted_mean"]),
        _span(row["interval95"], 2),
        figure(row["reliability"]),
        figure(row["p_top_quartile"]),
        figure(row["p_bottom_quartile"]),
        row["tier"],
        _whole(row["comparable_block"]),
    ]


def _whole(value: int | None) -> str:
    return figure(value, 0)


def _span(bounds: list[float] | None, decimals: int) -> str:
    return "–" if bounds is None else " to ".join(figure(bound, decimals) for bound in bounds)
