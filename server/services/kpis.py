"""What is done with KPIs: key figures that a brand defines for itself, as data."""

from dataclasses import replace
from typing import Any

from server.db import atomic
from server.domain import league
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.errors import Invalid
from server.models import Kpi, KpiVersion
from server.services import editing, measures, publishing, selections
from server.services.access import require
from server.services.paging import Page, page
from server.services.selections import Filters

_DEFINITION = ("name", "measure", "target", "bands")


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's KPIs, oldest first."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    query = Kpi.select().where(Kpi.brand_id == brand_id)
    if not archived:
        query = query.where(Kpi.archived_at.is_null())
    return page(query, Kpi.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, kpi_id: str) -> Kpi:
    """One KPI."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    return editing.find(Kpi, brand_id, kpi_id)


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Kpi:
    """Define a KPI. Invalid where bands overlap, or nothing is scored by its measure."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    _check(values["bands"])
    measures.check(brand_id, values["measure"])
    with atomic():
        return _remembered(editing.create(Kpi, brand_id, **values))


def change(actor: Actor, brand_id: str, kpi_id: str, if_match: int, changes: dict[str, Any]) -> Kpi:
    """Define it anew; what it was is kept as its former version."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    _check(changes.get("bands", []))
    if "measure" in changes:
        measures.check(brand_id, changes["measure"])
    with atomic():
        kpi = editing.find(Kpi, brand_id, kpi_id)
        return _remembered(editing.change(kpi, if_match, changes))


def archive(actor: Actor, brand_id: str, kpi_id: str, if_match: int) -> Kpi:
    """Archive a KPI."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        return editing.archive(editing.find(Kpi, brand_id, kpi_id), if_match)


def versions(actor: Actor, brand_id: str, kpi_id: str) -> list[KpiVersion]:
    """All that a KPI was, the first first."""
    read(actor, brand_id, kpi_id)
    rows = KpiVersion.select().where(KpiVersion.kpi_id == kpi_id)
    return list(rows.order_by(KpiVersion.version))


def reached(actor: Actor, brand_id: str, kpi_id: str, filters: Filters) -> dict[str, Any]:
    """Where a selection stands by a KPI: its mean in the ranking by the KPI's measure, held against
    the target and the bands of the present definition."""
    kpi = read(actor, brand_id, kpi_id)
    asked = replace(filters, measure=kpi.measure)
    head = publishing.of(selections.select(actor, brand_id, asked)).head
    mean = head["mean"]
    return {
        "kpi_id": kpi.id,
        "kpi_version": kpi.version,
        "name": kpi.name,
        "measure": kpi.measure,
        "target": kpi.target,
        "value": mean,
        "se": head["mean_se"],
        "interval95": None if not head["mean_se"] else league.interval(mean, head["mean_se"]),
        "gap": None if mean is None else round(mean - kpi.target, 3),
        "band": None if mean is None else _band(kpi.bands, mean),
        "n_stores": head["n_stores"],
        "n_visits": head["n_visits"],
    }


def _remembered(kpi: Kpi) -> Kpi:
    definition = {name: getattr(kpi, name) for name in _DEFINITION}
    KpiVersion.create(kpi_id=kpi.id, version=kpi.version, since=kpi.updated_at, **definition)
    return kpi


def _band(bands: list[dict[str, Any]], value: float) -> str | None:
    for band in bands:
        low, high = band.get("from"), band.get("to")
        if (low is None or value >= low) and (high is None or value < high):
            return str(band["label"])
    return None


def _check(bands: list[dict[str, Any]]) -> None:
    """Bands must not be empty and not overlap."""
    reach = -1.0
    for index in sorted(range(len(bands)), key=lambda one: bands[one].get("from") or 0.0):
        low, high = bands[index].get("from"), bands[index].get("to")
        start, end = (0.0 if low is None else low), (100.1 if high is None else high)
        if start >= end or start < reach:
            wrong = {"pointer": f"/bands/{index}", "detail": "Is empty, or overlaps another."}
            raise Invalid("Bands must not overlap.", errors=[wrong])
        reach = end
