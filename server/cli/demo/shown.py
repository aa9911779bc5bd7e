"""What the demo shows at its end: what the line did, and the ranking as a table."""

from typing import Any

from rich.console import Console
from rich.table import Table

from server.cli.demo.month import Manager, Played

_GOOD = -3


def show(console: Console, made: dict[str, Any], url: str, played: Played) -> None:
    """Print the month's account and the ranking."""
    manager = Manager(made, url)
    console.print(
        f"{played.reports} visits with {played.photos} photos came in over {played.sent} requests, "
        f"of which the line lost {played.lost} and sent {played.doubled} twice: "
        "every visit is there once."
    )
    promises = {promise["id"]: promise for promise in manager.promises()}
    table = Table(title="Ranking: mean score, and each promise's score against its target")
    for column in ("rank", "store", "visits", "mean", "± se"):
        table.add_column(column, justify="left" if column == "store" else "right")
    for promise in promises.values():
        table.add_column(f"{promise['adjective']}\n(target {promise['target']:g})", justify="right")
    for row in manager.ranking():
        table.add_row(*_head(row), *(_promise(row, promise_id) for promise_id in promises))
    console.print(table)
    console.print(
        "A rank from so few visits is unsure: ± se is the standard error of the mean.\n"
        f"The API's page: {url}/docs"
    )


def _head(row: dict[str, Any]) -> tuple[str, ...]:
    error = "–" if row["se"] is None else f"{row['se']:.1f}"
    rank = f"{row['rank']} of {row['of']}"
    return rank, row["store"]["name"], str(row["n_visits"]), f"{row['raw_mean']:.1f}", error


def _promise(row: dict[str, Any], promise_id: str) -> str:
    for promise in row["promises"]:
        if promise["promise_id"] == promise_id and promise["score"] is not None:
            colour = "green" if promise["gap"] >= 0 else "yellow"
            colour = "red" if promise["gap"] < 5 * _GOOD else colour
            return f"[{colour}]{promise['score']:.0f} ({promise['gap']:+.0f})[/]"
    return "–"
