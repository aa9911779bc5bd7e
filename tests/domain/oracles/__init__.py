"""Published data sets whose answers are published too (docs/scoring.md names the papers)."""

import csv
from pathlib import Path


def read(name: str) -> list[dict[str, str]]:
    """The rows of `name`.csv."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
