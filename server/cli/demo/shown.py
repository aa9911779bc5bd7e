"""What the demo shows at its end: what the line did, and the ranking as a table."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from server.cli.demo.month import Manager, Played

_FAR = -15


def show(console: Console, made: dict[str, Any], url: str, played: Played) -> None:
    """Print the month's account and the ranking."""
    manager = Manager(made, url)
    console.print(
        f"{played.reports} visits with {played.photos} photos came in over {played.sent} requests, "
        f"of which the line lost {played.lost} and sent {played.doubled} twice: "
        "every visit is there once."
    )
    promises = {promise["id"]: promise for promise in manager.promises()}
    ranking = manager.ranking()
    table = Table(
        title="Adjusted mean, and each promise's score with its gap to the target",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in ("#", "90 %", "store", "n", "mean ± se"):
        table.add_column(column, justify="left" if column == "store" else "right", no_wrap=True)
    for promise in promises.values():
        name = f"{promise['adjective']}\n≥ {promise['target']:g}"
        table.add_column(name, justify="right", no_wrap=True)
    for row in ranking:
        table.add_row(*_head(row), *(_promise(row, promise_id) for promise_id in promises))
    console.print(table)
    console.print(
        f"{len(ranking)} stores, n visits each. Means are shrunk, and freed of severity; a "
        "rank from so few visits is unsure: 90 % is where it lies."
    )


def _head(row: dict[str, Any]) -> tuple[str, ...]:
    name = row["store"]["name"].partition(" ")[2]
    between = "–".join(map(str, row["rank_interval90"] or ()))
    mean = f"{row['adjusted_mean']:.1f} ± {row['se']:.1f}"
    return str(row["rank"] or "–"), between, name[:20], str(row["n_visits"]), mean


def _promise(row: dict[str, Any], promise_id: str) -> str:
    for promise in row["promises"]:
        if promise["promise_id"] == promise_id and promise["score"] is not None:
            return f"[{_colour(promise['gap'])}]{promise['score']:.0f} {promise['gap']:+3.0f}[/]"
    return "–"


def _colour(gap: float) -> str:
    if gap >= 0:
        return "green"
    return "yellow" if gap > _FAR else "red"
