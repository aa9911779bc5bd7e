"""What the demo shows at its end: what the line did, and the ranking as a table."""

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from server.cli.demo.month import RIVALS, Manager, Played

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
        name = f"{promise['adjective'][:5]}.\n≥ {promise['target']:g}"
        table.add_column(name, justify="right", no_wrap=True)
    for row in ranking:
        table.add_row(*_head(row), *(_promise(row, promise_id) for promise_id in promises))
    console.print(table)
    names = ", ".join(promise["adjective"] for promise in promises.values())
    console.print(
        f"Promises: {names}. {len(ranking)} stores, n visits each. Means are shrunk, and freed of "
        "severity; a rank from so few visits is unsure: 90 % is where it lies."
    )
    for line in (*_in_parts(manager, played), *_beside(manager)):
        console.print(line, highlight=False)


def _in_parts(manager: Manager, played: Played) -> Iterator[str]:
    """How visits whose last questions come some days later stand, and one of them."""
    if played.whole is None:
        return
    visit = manager.asked(f"/visits/{played.whole}")
    store = manager.asked(f"/stores/{visit['store_id']}")["name"]
    at_once, *later = visit["parts"]
    each = [f"at once {_points(at_once)}"]
    each += [f"{part['sections'][-1]['title']['en']}: {_points(part)}" for part in later]
    yield f"{played.parts} of the {played.reports} visits have answered what is asked days later."
    yield f"One of them, {store}: {_points(visit)} ({'; '.join(each)})."


def _points(figures: dict[str, Any]) -> str:
    return "nothing yet" if figures["score"] is None else f"{figures['score']:.1f}"


def _beside(manager: Manager) -> Iterator[str]:
    """What else the figures tell of the month."""
    parts = manager.asked("/rankings", limit=1)["variances"]
    whole = sum(parts.values()) or 1.0
    yield (
        f"Of what differs between two visits {parts['store'] / whole:.0%} is the store, "
        f"{parts['shopper'] / whole:.0%} how strict the shopper is, and the rest neither."
    )
    nps = manager.asked("/nps")["nps"]
    low, high = nps["interval95"]
    yield f"Net promoter score {nps['score']:+.0f} ({low:+.0f} to {high:+.0f} with 95 %)."
    rivals = {f"with_{name}": value for name, value in RIVALS.items()}
    apart = manager.asked("/comparison", **rivals)["difference"]
    low, high = apart["interval95"]
    yield f"Against the competitor: {apart['delta']:+.1f} points ({low:+.1f} to {high:+.1f})."
    driven = manager.asked("/drivers", outcome="sales", by="visit")
    if driven["r2"] is not None:
        low, high = driven["r2_interval95"]
        yield (
            f"Sales of {driven['n']} store months go with the visits' score: R² {driven['r2']:.2f} "
            f"({low:.2f} to {high:.2f})."
        )


def _head(row: dict[str, Any]) -> tuple[str, ...]:
    name = row["store"]["name"].partition(" ")[2]
    between = "–".join(map(str, row["rank_interval90"] or ()))
    mean = f"{row['adjusted_mean']:.1f} ± {row['se']:.1f}"
    return str(row["rank"] or "–"), between, name[:18], str(row["n_visits"]), mean


def _promise(row: dict[str, Any], promise_id: str) -> str:
    for promise in row["promises"]:
        if promise["promise_id"] == promise_id and promise["score"] is not None:
            return f"[{_colour(promise['gap'])}]{promise['score']:.0f} {promise['gap']:+3.0f}[/]"
    return "–"


def _colour(gap: float) -> str:
    if gap >= 0:
        return "green"
    return "yellow" if gap > _FAR else "red"
