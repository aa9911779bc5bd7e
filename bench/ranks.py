"""How long it takes to rank stores, as they grow, and how much memory.

    python -m bench.ranks [--most STORES]

From estimates to every published field of a rank. On one core: BLAS is held to one thread.
"""

import argparse
import os
import resource
import time

# Before numpy is loaded, which reads them once.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from server.domain.estimates import Estimates  # noqa: E402
from server.domain.mixed_model import Variances  # noqa: E402
from server.domain.ranks import rank  # noqa: E402

SIZES = (100, 200, 500, 1_000, 10_000, 100_000)
LIMIT = 10_000, 10.0

console = Console(width=110)


def main() -> None:
    """Each size in turn; exit 1 if 10,000 stores take 10 s or more."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=SIZES[-1], help="stores of the largest ranking")
    most = parser.parse_args().most
    table = Table(title="Ranks from estimates, one core")
    for column in ("stores", "seconds of CPU", "peak MB of the process"):
        table.add_column(column, justify="right")
    slow = False
    for k in (size for size in SIZES if size <= most):
        told = estimates(k)
        started = time.process_time()
        rank(told)
        seconds = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        table.add_row(f"{k:,}", f"{seconds:.2f}", f"{peak:,}")
        slow |= k == LIMIT[0] and seconds >= LIMIT[1]
    console.print(table)
    raise SystemExit(1 if slow else 0)


def estimates(k: int, seed: int = 1) -> Estimates:
    """Of `k` stores with 1 to 12 visits: variances 25 and 81, no severity."""
    random = np.random.default_rng(seed)
    n = random.integers(1, 13, k).astype(float)
    raw = random.normal(70, np.sqrt(25 + 81 / n))
    kept = 25 / (25 + 81 / n)
    adjusted, pev = 70 + kept * (raw - 70), 25 * (1 - kept)
    nobody = np.zeros(0)
    return Estimates(
        store=np.arange(k), n_visits=n.astype(int), n_eff=n, n_shoppers=n.astype(int), raw_mean=raw,
        adjusted_mean=adjusted, level_se=np.sqrt(pev), se=np.sqrt(pev), pev=pev, unshrunk_mean=raw,
        unshrunk_se=np.sqrt(81 / n), reliability=kept, block=np.ones(k, dtype=int),
        own_mean=raw, concentration=1 / n, largest_share=1 / n,
        shopper=nobody.astype(int), shopper_severity=nobody, shopper_pev=nobody, mu=70.0,
        variances=Variances(25.0, 0.0, 81.0),
    )  # fmt: skip


if __name__ == "__main__":
    main()
