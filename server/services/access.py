"""The doors: every service asks here what the actor may see or do.

Another brand, region or store is a NotFound, never told apart from one that does not exist; a
right that the role lacks within one's own brand is a Forbidden.
"""

from typing import Any

from server.domain.actor import Actor, Grant, Role
from server.domain.permissions import BOUNDED, Permission, allowing
from server.errors import Forbidden, NotFound
from server.models import Region, Store


def require(actor: Actor, brand_id: str, permission: Permission) -> tuple[Grant, ...]:
    """The actor's grants in the brand that give `permission`. NotFound, Forbidden."""
    grants = actor.grants_in(brand_id)
    if not grants:
        raise NotFound(f"There is no brand {brand_id!r}, or it is not yours to see.")
    allowed = allowing(grants, permission)
    if not allowed:
        roles = ", ".join(sorted(grant.role for grant in grants))
        raise Forbidden(f"This needs the right {permission}, which your role ({roles}) lacks.")
    return allowed


def bounded(grants: tuple[Grant, ...]) -> bool:
    """Whether all of `grants` are bounded to a region or a store."""
    return all(grant.role in BOUNDED for grant in grants)


def stores_seen(grants: tuple[Grant, ...]) -> Any:
    """A peewee condition on `Store`: the stores that `grants` (of one brand) let see."""
    condition = Store.brand_id == grants[0].brand_id
    if not bounded(grants):
        return condition
    regions = [grant.region_id for grant in grants if grant.role == Role.REGIONAL_MANAGER]
    stores = [grant.store_id for grant in grants if grant.role == Role.STORE_MANAGER]
    return condition & (Store.region_id.in_(_subtrees(regions)) | Store.id.in_(stores))


def regions_seen(grants: tuple[Grant, ...]) -> Any:
    """A peewee condition on `Region`: a regional manager's subtrees, else the whole brand. A
    store manager sees no region but their store's."""
    condition = Region.brand_id == grants[0].brand_id
    if not bounded(grants):
        return condition
    regions = [grant.region_id for grant in grants if grant.role == Role.REGIONAL_MANAGER]
    stores = [grant.store_id for grant in grants if grant.role == Role.STORE_MANAGER]
    of_stores = Store.select(Store.region_id).where(Store.id.in_(stores))
    return condition & (Region.id.in_(_subtrees(regions)) | Region.id.in_(of_stores))


def _subtrees(region_ids: list[str | None]) -> Any:
    """A subquery of the ids of the given regions and all below them."""
    root = Region.alias()
    return (
        Region.select(Region.id)
        .join(root, on=Region.path.startswith(root.path))
        .where(root.id.in_([region for region in region_ids if region is not None]))
    )
