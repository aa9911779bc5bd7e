"""Which role may do what: one table, read by the services' doors and by the access tests."""

from collections.abc import Iterable
from enum import StrEnum

from server.domain.actor import Grant, Role


class Permission(StrEnum):
    """A right, named noun first."""

    BRAND_READ = "brand:read"
    BRAND_WRITE = "brand:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    CLIENTS_WRITE = "clients:write"
    PROGRAMME_READ = "programme:read"
    PROGRAMME_WRITE = "programme:write"
    STORES_READ = "stores:read"
    STORES_WRITE = "stores:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    ASSIGNMENTS_READ = "assignments:read"
    ASSIGNMENTS_WRITE = "assignments:write"
    REPORTS_READ = "reports:read"
    REPORTS_REVIEW = "reports:review"
    PHOTOS_READ = "photos:read"
    PHOTOS_SHARED = "photos:shared"
    RANKINGS_READ = "rankings:read"
    PRIVACY_WRITE = "privacy:write"
    SYNC = "sync"


_READING = {Permission.BRAND_READ, Permission.PROGRAMME_READ, Permission.STORES_READ}
_MANAGING = _READING | {
    Permission.BRAND_WRITE,
    Permission.MEMBERS_READ,
    Permission.PROGRAMME_WRITE,
    Permission.STORES_WRITE,
    Permission.STAFF_READ,
    Permission.STAFF_WRITE,
    Permission.ASSIGNMENTS_READ,
    Permission.ASSIGNMENTS_WRITE,
    Permission.REPORTS_READ,
    Permission.REPORTS_REVIEW,
    Permission.PHOTOS_READ,
    Permission.PHOTOS_SHARED,
    Permission.RANKINGS_READ,
}
_OF_STORES = _READING | {Permission.PHOTOS_SHARED, Permission.RANKINGS_READ}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # Photos are for those who work on visits; an administrator who does takes that role, too.
    Role.ADMIN: frozenset(
        _MANAGING - {Permission.PHOTOS_READ, Permission.PHOTOS_SHARED}
        | {Permission.MEMBERS_WRITE, Permission.CLIENTS_WRITE, Permission.PRIVACY_WRITE}
    ),
    Role.PROGRAMME_MANAGER: frozenset(_MANAGING),
    Role.REVIEWER: frozenset(
        _READING
        | {
            Permission.STAFF_READ,
            Permission.ASSIGNMENTS_READ,
            Permission.REPORTS_READ,
            Permission.REPORTS_REVIEW,
            Permission.PHOTOS_READ,
            Permission.PHOTOS_SHARED,
            Permission.RANKINGS_READ,
        }
    ),
    Role.REGIONAL_MANAGER: frozenset(_OF_STORES),
    Role.STORE_MANAGER: frozenset(_OF_STORES),
    Role.SHOPPER: frozenset({Permission.SYNC}),
    Role.INTEGRATOR: frozenset(
        _READING
        | {
            Permission.PROGRAMME_WRITE,
            Permission.STORES_WRITE,
            Permission.ASSIGNMENTS_READ,
            Permission.ASSIGNMENTS_WRITE,
            Permission.REPORTS_READ,
            Permission.RANKINGS_READ,
        }
    ),
}

BOUNDED = frozenset({Role.REGIONAL_MANAGER, Role.STORE_MANAGER})
"""Roles that see only their region's subtree or their store."""


def allowing(grants: Iterable[Grant], permission: Permission) -> tuple[Grant, ...]:
    """Those of `grants` that give `permission`."""
    return tuple(grant for grant in grants if permission in PERMISSIONS[grant.role])
