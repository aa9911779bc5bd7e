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
        title="Mean score, and each promise's score with its gap to the target",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in ("#", "store", "n", "mean ± se"):
        table.add_column(column, justify="left" if column == "store" else "right", no_wrap=True)
    for promise in promises.values():
        name = f"{promise['adjective']}\n≥ {promise['target']:g}"
        table.add_column(name, justify="right", no_wrap=True)
    for row in ranking:
        table.add_row(*_head(row), *(_promise(row, promise_id) for promise_id in promises))
    console.print(table)
    console.print(
        f"{len(ranking)} stores, n visits each. A rank from so few is unsure: "
        "se is the mean's standard error."
    )


def _head(row: dict[str, Any]) -> tuple[str, ...]:
    error = "–" if row["se"] is None else f"{row['se']:.1f}"
    name = row["store"]["name"].partition(" ")[2]
    return str(row["rank"]), name[:20], str(row["n_visits"]), f"{row['raw_mean']:.1f} ± {error}"


def _promise(row: dict[str, Any], promise_id: str) -> str:
    for promise in row["promises"]:
        if promise["promise_id"] == promise_id and promise["score"] is not None:
            return f"[{_colour(promise['gap'])}]{promise['score']:.0f} {promise['gap']:+3.0f}[/]"
    return "–"


def _colour(gap: float) -> str:
    if gap >= 0:
        return "green"
    return "yellow" if gap > _FAR else "red"
