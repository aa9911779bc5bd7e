"""Does the ranking's mean foretell the next visits better than the raw mean does?

    python -m bench.prediction [--data FOLDER] [--share 0.7]

Real inspections of Minneapolis, scored as the replay scores them. The first part by date is what is
known; every later visit to a place that was visited before is foretold, by the place's raw mean, by
its adjusted mean, and by the adjusted mean with the severity of the inspector who will come.
"""

import argparse
import math
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench import inspections
from bench.inspections import Inspection, Replay
from server.domain import cells, mixed_model, ranks
from server.domain.estimates import Estimates, estimate

DATA = Path(__file__).parents[2] / "shared" / "data"
console = Console(width=110)


def main() -> None:
    """Print variances, the ranking's ends and the errors; exit 1 if the raw mean does better."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--share", type=float, default=0.7, help="of the visits that are known")
    options = parser.parse_args()
    replay = inspections.read(options.data)
    cut = int(len(replay.inspections) * options.share)
    known, later = replay.inspections[:cut], replay.inspections[cut:]
    stores, shoppers = _numbers(known)
    made = _estimates(replay, known, stores, shoppers)
    _print_ranking(replay, made, stores)
    errors = _errors(replay, later, made, stores, shoppers)
    _print_errors(errors, cut)
    raw, adjusted = (_rmse(errors[name]) for name in ("raw mean", "adjusted mean"))
    raise SystemExit(0 if adjusted < raw else 1)


def _numbers(known: list[Inspection]) -> tuple[dict[str, int], dict[str, int]]:
    outlets = sorted({visit.outlet for visit in known})
    inspectors = sorted({visit.inspector for visit in known})
    return (
        {outlet: index for index, outlet in enumerate(outlets)},
        {inspector: index for index, inspector in enumerate(inspectors)},
    )


def _score(replay: Replay, visit: Inspection) -> float:
    return 100 * (len(replay.items) - len(visit.cited)) / len(replay.items)


def _estimates(
    replay: Replay, known: list[Inspection], stores: dict[str, int], shoppers: dict[str, int]
) -> Estimates:
    table = cells.of_visits(
        [stores[visit.outlet] for visit in known],
        [shoppers[visit.inspector] for visit in known],
        [_score(replay, visit) for visit in known],
    )
    found = mixed_model.fit(table)
    variances = found.variances
    console.print(
        f"{found.n_visits:,} visits known, of {found.n_stores:,} places by {found.n_shoppers} "
        f"inspectors; variances: place {variances.store:.2f}, inspector {variances.shopper:.2f}, "
        f"error {variances.error:.2f}"
    )
    return estimate(table, found)


def _print_ranking(replay: Replay, made: Estimates, stores: dict[str, int]) -> None:
    ranked = ranks.rank(made)
    names = {index: replay.outlets[outlet].name for outlet, index in stores.items()}
    if ranked.rank is None or ranked.rank_interval90 is None:
        console.print("The places do not differ: nobody is ranked.")
        return
    table = Table(title="The ranking with severity removed, its ends")
    for column in ("rank", "90 %", "place", "visits", "raw", "adjusted", "±1.96 se", "tier"):
        table.add_column(column, justify="left" if column == "place" else "right")
    order = np.argsort(ranked.rank, kind="stable")
    low, high = ranked.rank_interval90
    for row in (*order[:4], *order[-4:]):
        table.add_row(
            str(ranked.rank[row]),
            f"{low[row]}–{high[row]}",
            names[int(made.store[row])][:34],
            str(made.n_visits[row]),
            f"{made.raw_mean[row]:.2f}",
            f"{made.adjusted_mean[row]:.2f}",
            f"{1.96 * made.se[row]:.2f}",
            str(ranked.tier[row]),
        )
    console.print(table)
    order = np.corrcoef(made.raw_mean, made.adjusted_mean)[0, 1]
    spread = np.ptp(made.shopper_severity)
    console.print(
        f"inspectors' severities span {spread:.1f} points; raw and adjusted means correlate "
        f"{order:.2f}; {int((ranked.tier != 'undetermined').sum())} of {ranked.of} places are "
        "surely in the first or the last quarter"
    )


def _errors(
    replay: Replay,
    later: list[Inspection],
    made: Estimates,
    stores: dict[str, int],
    shoppers: dict[str, int],
) -> dict[str, list[float]]:
    errors: dict[str, list[float]] = {
        "grand mean": [],
        "raw mean": [],
        "adjusted mean": [],
        "adjusted mean and severity": [],
    }
    row = {int(store): place for place, store in enumerate(made.store)}
    for visit in later:
        if visit.outlet not in stores:
            continue
        place, score = row[stores[visit.outlet]], _score(replay, visit)
        adjusted = float(made.adjusted_mean[place])
        known = shoppers.get(visit.inspector)
        severity = 0.0 if known is None else float(made.shopper_severity[known])
        errors["grand mean"].append(score - made.mu)
        errors["raw mean"].append(score - float(made.raw_mean[place]))
        errors["adjusted mean"].append(score - adjusted)
        errors["adjusted mean and severity"].append(score - adjusted - severity)
    return errors


def _print_errors(errors: dict[str, list[float]], cut: int) -> None:
    count = len(errors["raw mean"])
    table = Table(title=f"{count:,} later visits foretold from the first {cut:,}")
    for column in ("by the place's", "root mean square error", "mean absolute error"):
        table.add_column(column, justify="left" if column.startswith("by") else "right")
    for name, values in errors.items():
        absolute = sum(map(abs, values)) / count
        table.add_row(name, f"{_rmse(values):.3f}", f"{absolute:.3f}")
    console.print(table)


def _rmse(values: list[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in values) / len(values))


if __name__ == "__main__":
    main()
