"""Photos of 200 KB into the folder, against the same bytes written with fsync; and one of 200 MB.

    python -m bench.photo_upload [--database sqlite|postgres|both] [--clients 1,8,32]

Each photo's row is there already, as after a push. The floor writes as many files of the same
bytes, each and its name durable, at the same concurrency. Product and floor take turns. The 200 MB
go to a server that allows them, and the highest resident memory of its processes is compared with
before.
"""

import argparse
import base64
import hashlib
import random
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.load import Client, Load, Measured, Request
from bench.served import Served, serving
from bench.sync_push import Field, planned
from server.db import connected
from tests import factories
from tests.cast import Person

SIZE = 200_000
LARGE = 200_000_000
PHOTOS = 256
"""How many a round sends."""

console = Console(width=120)


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    numbers = [int(part) for part in options.clients.split(",")]
    load = Load()
    try:
        for kind in ("postgres", "sqlite") if options.database == "both" else (options.database,):
            with serving(kind, MAX_PHOTO_MB="250") as served:
                _bench(kind, served, load, numbers, options.rounds)
    finally:
        load.close()


def _bench(kind: str, served: Served, load: Load, numbers: list[int], rounds: int) -> None:
    with connected():
        work = planned(max(numbers))
    table = Table(title=f"{kind}: photos of 200 KB")
    for column in (
        *("phones", "photos/s", "floor/s", "of floor", "p50 ms", "p95 ms", "floor p95"),
        *("API ms/photo", "database"),
    ):
        table.add_column(column, justify="right")
    for clients in numbers:
        table.add_row(*_row(served, load, work, clients, rounds))
    console.print(table)
    before, after = _large(served, load, work)
    console.print(
        f"200 MB in one upload: at most {before:.0f} MB resident before, {after:.0f} after"
    )


def _row(served: Served, load: Load, work: Field, clients: int, rounds: int) -> list[str]:
    product, floor, cpu = Measured(), Measured(), [0.0, 0.0]
    folder = served.folder / "floor"
    folder.mkdir(exist_ok=True)
    for _ in range(rounds):
        some = work.shoppers[:clients]
        with connected():
            tasks = [[photo(work, one, SIZE) for _ in range(PHOTOS // clients)] for one in some]
        before = served.cpu()
        product.add(load.run([Client(served.url, each) for each in tasks]))
        after = served.cpu()
        cpu = [cpu[0] + after[0] - before[0], cpu[1] + after[1] - before[1]]
        bodies = [[task.body for task in each] for each in tasks]
        floor.add(load.run([Client(str(folder), each) for each in bodies]))
    rate, straight = product.rate(1), floor.rate(1)
    used = [f"{1000 * seconds / len(product.each):.2f}" for seconds in cpu]
    return [
        *(str(clients), f"{rate:.0f}", f"{straight:.0f}", f"{100 * rate / straight:.0f} %"),
        *(f"{product.quantile(part):.0f}" for part in (0.5, 0.95)),
        f"{floor.quantile(0.95):.0f}",
        *(used if served.server else (used[0], "in it")),
    ]


def photo(work: Field, shopper: Person, size: int) -> Request:
    """A declared photo of new bytes, and the request that sends them."""
    data = b"\xff\xd8\xff\xe0" + random.randbytes(size - 4)
    digest = hashlib.sha256(data)
    name = digest.hexdigest()[:32]
    factories.photo(name, work.wave.brand_id, shopper.account_id, sha256=digest.hexdigest())
    encoded = base64.b64encode(digest.digest()).decode()
    headers = shopper.headers | {"Repr-Digest": f"sha-256=:{encoded}:"}
    return Request("PUT", f"/v1/photos/{name}/content", data, headers)


def _large(served: Served, load: Load, work: Field) -> tuple[float, float]:
    (shopper, *_) = work.shoppers
    with connected():
        request = photo(work, shopper, LARGE)
    before = _highest(served)
    load.run([Client(served.url, [request])])
    return before, _highest(served)


def _highest(served: Served) -> float:
    """The highest resident megabytes that any of the API's processes ever had."""
    pids = [process.pid for process in served.api.children()]
    status = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return max(int(text.split("VmHWM:")[1].split()[0]) / 1024 for text in status)


if __name__ == "__main__":
    main()
