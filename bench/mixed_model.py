"""How long the variances take to fit, as visits grow, and what R's lme4 takes for the same.

    python -m bench.mixed_model [--most VISITS]

On one core: BLAS is held to one thread. lme4 is the peer where Rscript finds it (Debian:
r-cran-lme4); where it does not, statsmodels is, on a problem that it can bear: it and the pandas
that it needs are in the development environment alone (`make .venv/.dev`). The variances must
agree, else the exit status is 1.
"""

import argparse
import csv
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from dataclasses import astuple
from pathlib import Path

# Before numpy is loaded, which reads them once.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from bench.designs import visits  # noqa: E402
from server.domain import mixed_model  # noqa: E402
from server.domain.cells import Cells  # noqa: E402
from server.domain.estimates import estimate  # noqa: E402
from server.domain.mixed_model import Variances  # noqa: E402

CURVE = (
    (1_000, 100, 50), (10_000, 500, 400), (75_000, 1_100, 3_000), (150_000, 2_200, 3_000),
    (200_000, 10_000, 3_000), (1_000_000, 100_000, 30_000),
)  # fmt: skip
"""Visits, stores, shoppers. The last is beyond the likelihood: moments and conjugate gradients."""

PEER = (75_000, 1_100, 3_000)
SMALL_PEER = (400, 20, 12)
LIMIT = 2.0
_AGREE = 1e-3
_R = """
suppressMessages(library(lme4))
v <- read.csv(commandArgs(TRUE)[1], colClasses = c("factor", "factor", "numeric"))
t <- system.time(m <- lmer(score ~ 1 + (1 | store) + (1 | shopper), v))
c <- as.data.frame(VarCorr(m))
cat(t[["elapsed"]], c$vcov[c$grp == "store"], c$vcov[c$grp == "shopper"], sigma(m)^2)
"""

console = Console(width=110)


def main() -> None:
    """The growth curve, then the peer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=CURVE[-1][0], help="visits of the largest fit")
    most = parser.parse_args().most
    in_time = _curve([size for size in CURVE if size[0] <= most])
    agreed = _peer()
    raise SystemExit(0 if in_time and agreed else 1)


def _curve(sizes: list[tuple[int, int, int]]) -> bool:
    table = Table(title="Fit and estimates, one core, seconds of CPU")
    names = ("visits", "stores", "shoppers", "fit", "evaluations", "estimates", "variances")
    for column in names:
        table.add_column(column, justify="right")
    in_time = True
    for size in sizes:
        cells = visits(*size)
        started = time.process_time()
        found = mixed_model.fit(cells)
        fitted = time.process_time()
        estimate(cells, found)
        ended = time.process_time()
        told = ", ".join(f"{one:.2f}" for one in astuple(found.variances))
        seconds = (f"{fitted - started:.2f}", str(found.evaluations), f"{ended - fitted:.2f}")
        table.add_row(*(f"{one:,}" for one in size), *seconds, told)
        in_time &= size != PEER or fitted - started < LIMIT
    console.print(table)
    if PEER not in sizes:
        return True
    verdict = "under" if in_time else "NOT under"
    what = f"{PEER[0]:,} visits, {PEER[2]:,} shoppers, {PEER[1]:,} stores"
    console.print(f"{what}: {verdict} {LIMIT} s")
    return in_time


def _peer() -> bool:
    if _has_lme4():
        return _compared("lme4", PEER, _lme4)
    console.print("Rscript finds no lme4: statsmodels is the peer, on a smaller problem.")
    return _compared("statsmodels", SMALL_PEER, _statsmodels)


def _compared(name: str, size: tuple[int, int, int], peer: object) -> bool:
    cells = visits(*size)
    started = time.perf_counter()
    ours = mixed_model.fit(cells).variances
    seconds = time.perf_counter() - started
    their_seconds, theirs = peer(cells)  # type: ignore[operator]
    agreed = all(
        abs(one - other) <= _AGREE * max(other, 1e-2)
        for one, other in zip(astuple(ours), astuple(theirs), strict=True)
    )
    console.print(
        f"{size[0]:,} visits: ours {seconds:.2f} s, {name} {their_seconds:.2f} s of wall clock; "
        f"variances {'agree' if agreed else f'DIFFER: {ours} and {theirs}'}"
    )
    return agreed


def _has_lme4() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(lme4)"], capture_output=True, check=False)
    return asked.returncode == 0


def _lme4(cells: Cells) -> tuple[float, Variances]:
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder) / "visits.csv", Path(folder) / "fit.R"
        script.write_text(_R)
        with file.open("w", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(("store", "shopper", "score"))
            writer.writerows(
                zip(cells.store.tolist(), cells.shopper.tolist(), cells.total.tolist(), strict=True)
            )
        answer = subprocess.check_output(["Rscript", str(script), str(file)], text=True)
    seconds, *variances = map(float, answer.splitlines()[-1].split())
    return seconds, Variances(*variances)


def _statsmodels(cells: Cells) -> tuple[float, Variances]:
    try:
        import pandas as pd
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ImportError as error:
        raise SystemExit(f"{error}: no peer to compare with. Run make .venv/.dev") from error

    columns = {"y": cells.total, "store": cells.store, "shopper": cells.shopper, "all": 1}
    components = {"store": "0 + C(store)", "shopper": "0 + C(shopper)"}
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MixedLM.from_formula(
            "y ~ 1", groups="all", vc_formula=components, data=pd.DataFrame(columns)
        )
        told = model.fit(reml=True)
    named = dict(zip(model.exog_vc.names, told.vcomp.tolist(), strict=True))
    seconds = time.perf_counter() - started
    return seconds, Variances(named["store"], named["shopper"], float(told.scale))


if __name__ == "__main__":
    main()
