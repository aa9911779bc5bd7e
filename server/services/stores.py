"""What is done with stores."""

import csv
import io
from typing import Any

from peewee import JOIN

from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.spreadsheets import as_text
from server.errors import Invalid
from server.models import Region, Store
from server.services import editing, events, figures, regions
from server.services.access import regions_seen, require, stores_seen
from server.services.paging import Page, page

EXPORTED = (
    "code", "name", "region", "address", "city", "postal_code", "country", "latitude",
    "longitude", "timezone", "format", "ownership",
)  # fmt: skip
"""Columns of the export; the import reads them back."""


def listed(
    actor: Actor,
    brand_id: str,
    *,
    limit: int,
    cursor: str | None,
    archived: bool = False,
    **filters: str | None,
) -> Page:
    """A page of the stores that the actor sees, oldest first; `filters` as `matching`'s."""
    query = matching(actor, brand_id, **filters)
    if not archived:
        query = query.where(Store.archived_at.is_null())
    return page(query, Store.id, limit=limit, cursor=cursor)


def matching(actor: Actor, brand_id: str, **filters: str | None) -> Any:
    """A query of the stores that the actor sees: in a `region`'s subtree (its id; NotFound), of a
    `format`, `ownership`, `country`, with `q` in code or name. None filters nothing."""
    grants = require(actor, brand_id, Permission.STORES_READ)
    query = Store.select().where(stores_seen(grants))
    region_id, part = filters.pop("region", None), filters.pop("q", None)
    if region_id is not None:
        region = editing.find(Region, brand_id, region_id, regions_seen(grants))
        inside = Region.select(Region.id).where(regions.below(region))
        query = query.where(Store.region_id.in_(inside))
    if part is not None:
        query = query.where(Store.code.contains(part) | Store.name.contains(part))
    for column, value in filters.items():
        if value is not None:
            query = query.where(getattr(Store, column) == value)
    return query


def exported(actor: Actor, brand_id: str, **filters: str | None) -> str:
    """The live stores that `listed` would give, as CSV, with their region's name."""
    query = matching(actor, brand_id, **filters).where(Store.archived_at.is_null())
    columns = [getattr(Store, name) for name in EXPORTED if name != "region"]
    query = query.select(*columns, Region.name.alias("region"))
    query = query.join(Region, JOIN.LEFT_OUTER, on=Store.region_id == Region.id)
    out = io.StringIO(newline="")
    # All text quoted: a spreadsheet that splits at semicolons must not find a formula after one.
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(EXPORTED)
    for store in query.order_by(Store.id).dicts():
        writer.writerow(as_text(store[name]) for name in EXPORTED)
    return out.getvalue()


def read(actor: Actor, brand_id: str, store_id: str) -> Store:
    """One store. NotFound outside the actor's regions or store."""
    grants = require(actor, brand_id, Permission.STORES_READ)
    return editing.find(Store, brand_id, store_id, stores_seen(grants))


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Store:
    """Open a store. Invalid region or half a pair of coordinates, Duplicate code."""
    require(actor, brand_id, Permission.STORES_WRITE)
    with atomic():
        _check(brand_id, values, values)
        figures.changed(brand_id)
        return editing.create(Store, brand_id, **values)


def change(
    actor: Actor, brand_id: str, store_id: str, if_match: int, changes: dict[str, Any]
) -> Store:
    """Change a store; phones that hold it learn of it through a job."""
    require(actor, brand_id, Permission.STORES_WRITE)
    with atomic():
        store = editing.find(Store, brand_id, store_id)
        place = {"latitude": store.latitude, "longitude": store.longitude}
        _check(brand_id, changes, place | changes)
        store = editing.change(store, if_match, changes)
        events.emit("store.changed", store.id, brand_id)
        figures.changed(brand_id)
        return store


def archive(actor: Actor, brand_id: str, store_id: str, if_match: int) -> Store:
    """Archive a store: no new assignment sends anyone there, old figures keep it."""
    require(actor, brand_id, Permission.STORES_WRITE)
    with atomic():
        return editing.archive(editing.find(Store, brand_id, store_id), if_match)


def _check(brand_id: str, values: dict[str, Any], place: dict[str, Any]) -> None:
    wrong = []
    if values.get("region_id") is not None and not _is_live(brand_id, values["region_id"]):
        wrong.append({"pointer": "/region_id", "detail": "Not a live region of this brand."})
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if place[one] is None and place[other] is not None:
            wrong.append({"pointer": f"/{one}", "detail": f"Missing beside {other}."})
    if wrong:
        raise Invalid("Mend the fields named in `errors`.", errors=wrong)


def _is_live(brand_id: str, region_id: str) -> bool:
    return (
        Region.select()
        .where(Region.id == region_id, Region.brand_id == brand_id, Region.archived_at.is_null())
        .exists()
    )
