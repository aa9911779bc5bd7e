"""Importing a brand's stores from a CSV file: all that can be imported, in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from server import clock
from server.db import atomic, is_postgres
from server.domain import csv_text, places, store_import
from server.domain.actor import Actor
from server.domain.ownership import Ownership
from server.domain.permissions import Permission
from server.domain.store_import import Mapping, Remark, StoreRow
from server.models import Region, Store
from server.services import editing, events, figures, regions
from server.services.access import require

Progress = Callable[[str, int], None]
"""Called with what is being done and how many rows of it are done."""

_BATCH = 500
"""Rows a statement: SQLite and PostgreSQL take some 32,000 values at once."""


_LONGEST_CODE = 64
_BLANK: dict[str, Any] = dict.fromkeys(Store._meta.sorted_field_names) | {
    "ownership": str(Ownership.DIRECT)
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to read the file: see `server.domain.store_import.mapping` and `csv_text.read`. With
    `dry_run` nothing is written, and the report says what would be."""

    map: Sequence[str] = ()
    default: Sequence[str] = ()
    encoding: str | None = None
    delimiter: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class StoreImport:
    """What came of a file: counts of rows, and a remark on each row refused or curtailed."""

    dry_run: bool
    encoding: str
    delimiter: str
    mapping: dict[str, str]
    ignored_columns: list[str]
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    regions_created: int = 0
    refusals: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


def run(
    actor: Actor,
    brand_id: str,
    data: bytes,
    options: Options,
    progress: Progress = lambda _what, _rows: None,
) -> StoreImport:
    """Create or change a store for each row of the CSV file in `data`, by code. Invalid if nothing
    can be made of the file; a row that cannot be imported is refused alone."""
    require(actor, brand_id, Permission.STORES_WRITE)
    file = csv_text.read(data, encoding=options.encoding, delimiter=options.delimiter)
    chosen = store_import.mapping(file.header, options.map, options.default)
    report = StoreImport(
        dry_run=options.dry_run,
        encoding=file.encoding,
        delimiter=file.delimiter,
        mapping={name: chosen.columns(name) for name in chosen.specs},
        ignored_columns=chosen.ignored(),
    )
    rows = list(_rows(file, chosen, report, progress))
    if report.rows == 0:
        raise csv_text.unusable("it has no row below its header")
    with atomic():
        regions.lock_tree(brand_id)
        plan = _Plan(brand_id, report, chosen)
        for row in rows:
            plan.add(row)
        report.regions_created = len(plan.regions.created)
        if not options.dry_run:
            plan.write(progress)
    report.refusals.sort(key=lambda remark: remark.line)
    report.warnings.sort(key=lambda remark: remark.line)
    return report


def _rows(
    file: csv_text.CsvText, chosen: Mapping, report: StoreImport, progress: Progress
) -> Iterator[StoreRow]:
    for row in store_import.rows(file, chosen):
        report.rows += 1
        if report.rows % _BATCH == 0:
            progress("read", report.rows)
        if isinstance(row, Remark):
            _refuse(report, row)
        else:
            yield row
    progress("read", report.rows)


def _refuse(report: StoreImport, remark: Remark) -> None:
    report.refused += 1
    report.refusals.append(remark)


class _Plan:
    """What is to be written, found by comparing the rows with the brand's stores."""

    def __init__(self, brand_id: str, report: StoreImport, chosen: Mapping) -> None:
        self.brand_id = brand_id
        self.report = report
        self.chosen = chosen
        self.regions = _Regions(brand_id)
        self.stores = _present_stores(brand_id)
        self.created: list[dict[str, Any]] = []
        self.updated: list[dict[str, Any]] = []

    def add(self, row: StoreRow) -> None:
        """Count the row as created, updated, unchanged or refused."""
        try:
            if row.region is not None:
                row.values["region_id"] = self.regions.id_of(row.region)
        except store_import.Refused as refusal:
            name, reason = refusal.args
            _refuse(self.report, self.remark(row, name, reason))
            return
        self.report.warnings += row.warnings
        present = self.stores.get(row.values["code"])
        if present is None:
            self.create(row)
        else:
            self.update(row, present)

    def create(self, row: StoreRow) -> None:
        """A store of every column, for one statement takes many rows of the same columns."""
        now = clock.now()
        store = _BLANK | row.values
        store |= {"id": clock.new_id(), "brand_id": self.brand_id, "version": 1}
        store |= {"created_at": now, "updated_at": now}
        self.created.append(_placed_in_time(store))
        self.report.created += 1

    def update(self, row: StoreRow, present: dict[str, Any]) -> None:
        """Only what the file speaks of changes; an archived store stays archived."""
        if present["archived_at"] is not None:
            reason = "is archived, and stays so"
            self.report.warnings.append(self.remark(row, "code", reason))
        store = _placed_in_time(present | row.values)
        if store == present:
            self.report.unchanged += 1
            return
        store |= {"version": present["version"] + 1, "updated_at": clock.now()}
        self.updated.append(store)
        self.report.updated += 1

    def remark(self, row: StoreRow, name: str, reason: str) -> Remark:
        """A remark on the row's field."""
        return Remark(row.line, name, self.chosen.columns(name), reason)

    def write(self, progress: Progress) -> None:
        """Write regions, new stores, changed stores, and an event for each of the last."""
        editing.insert_all(Region, self.regions.created)
        written = 0
        for batch in _batches(self.created):
            editing.insert_all(Store, batch)
            progress("write", written := written + len(batch))
        for batch in _batches(self.updated):
            editing.overwrite_all(Store, batch)
            events.emit_many("store.changed", [store["id"] for store in batch], self.brand_id)
            progress("write", written := written + len(batch))
        figures.changed(self.brand_id)


class _Regions:
    """The brand's tree, and the regions that the file adds to it."""

    def __init__(self, brand_id: str) -> None:
        self.brand_id = brand_id
        self.created: list[dict[str, Any]] = []
        self.ids: dict[tuple[str, ...], str | None] = {(): None}
        self.paths: dict[str | None, str] = {None: ""}
        self.by_code: dict[str, Region] = {}
        self.by_name: dict[tuple[str | None, str], Region] = {}
        for region in Region.select().where(Region.brand_id == brand_id):
            self.paths[region.id] = region.path
            if region.code is not None:
                self.by_code[region.code] = region
            if region.archived_at is None:
                self.by_name[region.parent_id, region.name] = region

    def id_of(self, names: tuple[str, ...]) -> str | None:
        """The region of these names from the root down: by code (the names joined by slashes),
        by name under its parent, or a new one. Refused if archived."""
        if names not in self.ids:
            parent_id = self.id_of(names[:-1])
            code = "/".join(names)
            present = self.by_code.get(code) or self.by_name.get((parent_id, names[-1]))
            if present is not None and present.archived_at is not None:
                raise store_import.Refused("region", f"the region {code!r} is archived")
            self.ids[names] = present.id if present else self.planted(parent_id, names[-1], code)
        return self.ids[names]

    def planted(self, parent_id: str | None, name: str, code: str) -> str:
        """The id of a region to be created. A code that would be too long is left out."""
        now, region_id = clock.now(), clock.new_id()
        self.paths[region_id] = regions.path_under(self.paths[parent_id], region_id)
        region: dict[str, Any] = {"id": region_id, "brand_id": self.brand_id, "version": 1}
        region |= {"name": name, "code": code if len(code) <= _LONGEST_CODE else None}
        region |= {"parent_id": parent_id, "path": self.paths[region_id]}
        region |= {"created_at": now, "updated_at": now}
        self.created.append(region)
        return region_id


def _present_stores(brand_id: str) -> dict[str, dict[str, Any]]:
    """The brand's stores by code, held against other writers until the transaction ends."""
    query = Store.select().where(Store.brand_id == brand_id)
    if is_postgres():
        query = query.for_update()
    stores: Any = query.dicts()
    return {store["code"]: store for store in stores}


def _placed_in_time(store: dict[str, Any]) -> dict[str, Any]:
    """A store without time zone gets its country's, if that has only one."""
    if store["timezone"] is None:
        store["timezone"] = places.only_timezone(store["country"])
    return store


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
