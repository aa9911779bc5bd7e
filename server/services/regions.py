"""What is done with regions, a tree per brand: `path` holds the ids from the root down."""

from typing import Any

import peewee

from server import clock
from server.db import atomic
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.errors import Conflict, Invalid, NotFound
from server.models import Brand, Region, Store
from server.services import editing, figures
from server.services.access import regions_seen, require
from server.services.paging import Page, page

_LONGEST_PATH = Region.path.max_length


def listed(
    actor: Actor,
    brand_id: str,
    *,
    limit: int,
    cursor: str | None,
    archived: bool = False,
    within: str | None = None,
) -> Page:
    """A page of the regions that the actor sees, oldest first; `within` a region's subtree."""
    seen = regions_seen(require(actor, brand_id, Permission.STORES_READ))
    query = Region.select().where(seen)
    if not archived:
        query = query.where(Region.archived_at.is_null())
    if within is not None:
        query = query.where(below(editing.find(Region, brand_id, within, seen)))
    return page(query, Region.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, region_id: str) -> Region:
    """One region. NotFound outside the actor's."""
    grants = require(actor, brand_id, Permission.STORES_READ)
    return editing.find(Region, brand_id, region_id, regions_seen(grants))


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Region:
    """Make a region under `parent_id`, or a root. Invalid parent, Duplicate code."""
    require(actor, brand_id, Permission.STORES_WRITE)
    with atomic():
        lock_tree(brand_id)
        parent = _parent(brand_id, values.get("parent_id"))
        return planted(brand_id, parent, **values)


def change(
    actor: Actor, brand_id: str, region_id: str, if_match: int, changes: dict[str, Any]
) -> Region:
    """Rename a region, or move it with all that is below it. Conflict if under itself."""
    require(actor, brand_id, Permission.STORES_WRITE)
    with atomic():
        lock_tree(brand_id)
        region = editing.find(Region, brand_id, region_id)
        old_path, moves = region.path, changes.get("parent_id", region.parent_id)
        if moves == region.parent_id:
            return editing.change(region, if_match, changes)
        parent = _parent(brand_id, moves)
        _refuse_cycle(region, parent)
        region = editing.change(region, if_match, changes)
        figures.changed(brand_id)
        _move(old_path, path_under(parent.path if parent else "", region.id))
        return region


def archive(actor: Actor, brand_id: str, region_id: str, if_match: int) -> Region:
    """Archive a region that holds nothing live. Conflict counts what it still holds."""
    require(actor, brand_id, Permission.STORES_WRITE)
    with atomic():
        lock_tree(brand_id)
        region = editing.find(Region, brand_id, region_id)
        _refuse_inhabited(region)
        return editing.archive(region, if_match)


def lock_tree(brand_id: str) -> None:
    """Let nobody else change the brand's tree until the transaction ends: two moves at once could
    each be sound and together make a circle. The brand's row is the lock on both databases.
    NotFound where there is none."""
    if not Brand.update(version=Brand.version).where(Brand.id == brand_id).execute():
        raise NotFound(f"There is no brand {brand_id!r}.")


def planted(brand_id: str, parent: Region | None, **values: Any) -> Region:
    """A new region under `parent`. Invalid where the tree would be too deep."""
    region_id = clock.new_id()
    return editing.create(
        Region,
        brand_id,
        **values | {"id": region_id, "parent_id": parent and parent.id},
        path=path_under(parent.path if parent else "", region_id),
    )


def path_under(parent_path: str, region_id: str) -> str:
    """The path of a region below the one of `parent_path` ("" for a root). Invalid if too deep."""
    path = f"{parent_path}{region_id}/"
    _refuse_depth(len(path))
    return path


def below(region: Region) -> Any:
    """A peewee condition on `Region`: the region and all below it."""
    return Region.path.startswith(region.path)


def _parent(brand_id: str, parent_id: str | None) -> Region | None:
    if parent_id is None:
        return None
    parent = Region.get_or_none(Region.id == parent_id, Region.brand_id == brand_id)
    if parent is None or parent.archived_at is not None:
        wrong = {"pointer": "/parent_id", "detail": "Not a live region of this brand."}
        raise Invalid("There is no such region to put this one under.", errors=[wrong])
    return parent


def _refuse_depth(length: int) -> None:
    if length > _LONGEST_PATH:
        wrong = {"pointer": "/parent_id", "detail": "Too deep in the tree."}
        raise Invalid("The tree of regions would be too deep: put it higher up.", errors=[wrong])


def _refuse_cycle(region: Region, parent: Region | None) -> None:
    if parent is not None and parent.path.startswith(region.path):
        raise Conflict(
            f"{parent.name!r} is below {region.name!r}: a region cannot be put under itself."
        )


def _move(old: str, new: str) -> None:
    """Put the subtree of path `old` at `new`, in one statement."""
    subtree = Region.path.startswith(old)
    longest = Region.select(peewee.fn.MAX(peewee.fn.LENGTH(Region.path))).where(subtree).scalar()
    _refuse_depth(longest - len(old) + len(new))
    rest = peewee.fn.SUBSTR(Region.path, len(old) + 1)
    Region.update(path=peewee.Value(new).concat(rest)).where(subtree).execute()


def _refuse_inhabited(region: Region) -> None:
    stores = Store.select().where(Store.region_id == region.id, Store.archived_at.is_null()).count()
    children = (
        Region.select().where(Region.parent_id == region.id, Region.archived_at.is_null()).count()
    )
    if stores or children:
        raise Conflict(
            f"{region.name!r} still holds {stores} live stores and {children} live regions: "
            "move or archive them first.",
            stores=stores,
            regions=children,
        )
