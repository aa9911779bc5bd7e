"""Real inspections as visits: the Minneapolis file of data/audits, read as the replay needs it.

An inspection is a visit, an inspector a shopper, a code section an item that failed. The file lists
only what was cited; every other item passed. See the data's README for its traps.
"""

import csv
import gzip
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = "audits/minneapolis_inspections_2011_2013_violations.csv.gz"
KEPT_CODES = 60
OTHER = "other"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outlet:
    """A place that was inspected; `code` is its licence number, else its facility id."""

    code: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """One visit: `cited` holds the item keys that failed."""

    id: str
    outlet: str
    inspector: str
    day: date
    cited: frozenset[str]


@dataclass(frozen=True, slots=True)
class Replay:
    """The whole file: outlets by code, inspections by day, item keys with what they ask."""

    outlets: dict[str, Outlet]
    inspections: list[Inspection]
    items: dict[str, str]

    @property
    def inspectors(self) -> list[str]:
        """All inspectors, "unknown" among them."""
        return sorted({inspection.inspector for inspection in self.inspections})


def read(data: Path) -> Replay:
    """Read the file below the folder `data`."""
    with gzip.open(data / FILE, "rt", encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    kept = [code for code, _ in _by_frequency(rows)[:KEPT_CODES]]
    items = {_key(code): _text(rows, code) for code in kept}
    items[OTHER] = "Any other section of the code"
    outlets = {_outlet(row): _described(row) for row in rows}
    inspections = sorted(
        (_inspection(group, set(kept)) for group in _grouped(rows).values()),
        key=lambda inspection: (inspection.day, inspection.id),
    )
    return Replay(outlets, inspections, items)


def _by_frequency(rows: list[dict[str, str]]) -> list[tuple[str, int]]:
    """Codes by how many inspections cite them; a code cited twice in one counts once."""
    cited = {(row["InspectionID"], row["CodeSection"]) for row in rows}
    counts = Counter(code for _, code in cited)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _grouped(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(row["InspectionID"], []).append(row)
    return groups


def _inspection(group: list[dict[str, str]], kept: set[str]) -> Inspection:
    first = group[0]
    return Inspection(
        id=first["InspectionID"],
        outlet=_outlet(first),
        inspector=first["CCO"].strip() or UNKNOWN,
        day=date.fromisoformat(first["dateOfInspection"][:10]),
        cited=frozenset(
            _key(row["CodeSection"]) if row["CodeSection"] in kept else OTHER for row in group
        ),
    )


def _outlet(row: dict[str, str]) -> str:
    return row["License Number"].strip() or f"F{row['DH Facility ID'].strip()}"


def _described(row: dict[str, str]) -> Outlet:
    return Outlet(_outlet(row), row["Name of Business"].strip(), row["License Address"].strip())


def _key(code: str) -> str:
    """A code section as an item key: only letters, digits, - and _."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in code.strip())


def _text(rows: list[dict[str, str]], code: str) -> str:
    return next(row["StandardOrderText"].strip() for row in rows if row["CodeSection"] == code)
