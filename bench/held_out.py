"""Real inspections: does the method foretell later visits better than the raw mean does?

    python -m bench.held_out [--data FOLDER]

The Minneapolis inspections of bench.inspections: a score is 100 less 100/61 for each code section
cited. The variances and the stores' figures come from what was inspected up to a day; each later
inspection of a store that was seen before it is foretold. Exit 1 if the raw mean foretells better.
"""

import argparse
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import spearmanr

from bench import inspections
from bench.inspections import Replay
from server.domain import cells
from server.domain.cells import Floats, Ints
from server.domain.estimates import Estimates, estimate
from server.domain.mixed_model import fit
from server.domain.ranks import rank

DATA = Path(__file__).parents[2] / "shared" / "data"
SHARE = 2 / 3
"""Of the inspections, in the order of their days, that are known."""

console = Console(width=110)


@dataclass(frozen=True, eq=False)
class Inspections:
    """Columns of inspections, in the order of their days."""

    store: Ints
    inspector: Ints
    score: Floats
    day: list[date]

    def part(self, rows: slice) -> "Inspections":
        """Some of them."""
        return Inspections(self.store[rows], self.inspector[rows], self.score[rows], self.day[rows])


def main() -> None:
    """Fit on the earlier, foretell the later."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    whole = columns(inspections.read(parser.parse_args().data))
    cut = int(len(whole.day) * SHARE)
    before, after = whole.part(slice(None, cut)), whole.part(slice(cut, None))
    visits = cells.of_visits(before.store, before.inspector, before.score)
    found = fit(visits)
    told = estimate(visits, found)
    v = found.variances
    console.print(
        f"{len(before.day):,} inspections to {before.day[-1]}: μ {found.mu:.2f}, rankability "
        f"{told.rankability or 0:.2f}, variances of stores {v.store:.1f}, inspectors "
        f"{v.shopper:.1f}, error {v.error:.1f}."
    )
    _show_ranking(told)
    raise SystemExit(0 if _foretold(told, after) else 1)


def columns(replay: Replay) -> Inspections:
    """Inspections as numbers."""
    known = replay.inspections
    stores = np.unique([one.outlet for one in known], return_inverse=True)[1]
    people = np.unique([one.inspector for one in known], return_inverse=True)[1]
    scores = np.array([100 - 100 * len(one.cited) / len(replay.items) for one in known])
    return Inspections(stores, people, scores, [one.day for one in known])


def _show_ranking(told: Estimates) -> None:
    ranks = rank(told)
    agree = spearmanr(told.raw_mean, told.adjusted_mean).statistic
    tiers = {str(name): int((ranks.tier == name).sum()) for name in np.unique(ranks.tier)}
    widths = ranks.rank_interval90
    width = np.median(widths[1] - widths[0]) if widths is not None else 0
    quarter = max(len(told.store) // 4, 1)
    first, ours = (
        set(np.argsort(-column)[:quarter]) for column in (told.raw_mean, told.adjusted_mean)
    )
    console.print(
        f"{ranks.of:,} stores ranked: raw and adjusted means correlate {agree:.2f} by rank; "
        f"{1 - len(first & ours) / quarter:.0%} of the raw mean's top quarter are not in ours; "
        f"median width of the 90 % interval {width:,.0f} ranks; tiers {tiers}."
    )


def _foretold(told: Estimates, after: Inspections) -> bool:
    size = int(max(told.store.max(), after.store.max())) + 1
    place = np.full(size, -1)
    place[told.store] = np.arange(len(told.store))
    rows = place[after.store]
    seen = rows >= 0
    rows, actual = rows[seen], after.score[seen]
    severity = np.zeros(int(max(told.shopper.max(), after.inspector.max())) + 1)
    severity[told.shopper] = told.shopper_severity
    adjusted = told.adjusted_mean[rows]
    forecasts = {
        "the mean of all": np.full(len(rows), told.raw_mean.mean()),
        "the store's raw mean": told.raw_mean[rows],
        "the store's adjusted mean": adjusted,
        "the same, and the inspector's severity": adjusted + severity[after.inspector[seen]],
    }
    errors = {name: float(np.sqrt(np.mean((actual - one) ** 2))) for name, one in forecasts.items()}
    table = Table(title=f"{len(rows):,} later inspections of stores seen before")
    table.add_column("foretold by")
    table.add_column("root mean squared error, points", justify="right")
    for name, error in errors.items():
        table.add_row(name, f"{error:.2f}")
    console.print(table)
    return errors["the store's adjusted mean"] < errors["the store's raw mean"]


if __name__ == "__main__":
    main()
