"""Who may do what: the table, said a second time by hand, so that a change is a decision."""

import pytest

from server.domain.actor import Actor, Grant, Role
from server.domain.permissions import PERMISSIONS, Permission, allowing

ALL = {*Role}
TEAM = {"admin", "programme_manager"}
EXPECTED = {
    "brand:read": ALL - {"shopper"},
    "brand:write": TEAM,
    "members:read": TEAM,
    "members:write": {"admin"},
    "clients:write": {"admin"},
    "programme:read": ALL - {"shopper"},
    "programme:write": TEAM | {"integrator"},
    "stores:read": ALL - {"shopper"},
    "stores:write": TEAM | {"integrator"},
    "assignments:read": TEAM | {"reviewer", "integrator"},
    "assignments:write": TEAM | {"integrator"},
    "reports:read": TEAM | {"reviewer", "integrator"},
    "reports:review": TEAM | {"reviewer"},
    "photos:read": {"programme_manager", "reviewer"},
    "photos:shared": {"programme_manager", "reviewer", "regional_manager", "store_manager"},
    "rankings:read": ALL - {"shopper"},
    "staff:read": TEAM | {"reviewer"},
    "staff:write": TEAM,
    "privacy:write": {"admin"},
    "sync": {"shopper"},
}


def actor(*grants: Grant) -> Actor:
    return Actor(account_id="a", device_id="d", client_id=None, grants=grants)


@pytest.mark.parametrize("permission", Permission)
def test_who_has_the_right(permission: Permission) -> None:
    having = {str(role) for role in Role if allowing([Grant("b", role)], permission)}
    assert having == EXPECTED[permission]


def test_the_table_names_every_role_and_right() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert set(EXPECTED) == set(map(str, Permission))


@pytest.mark.parametrize("role", Role)
def test_a_suspended_grant_counts_for_a_shopper_alone(role: Role) -> None:
    grant = Grant("b", role, suspended=True)
    assert actor(grant).grants_in("b") == ((grant,) if role == Role.SHOPPER else ())


def test_grants_count_in_their_own_brand() -> None:
    ours, theirs = Grant("b", Role.REVIEWER), Grant("c", Role.ADMIN)
    assert actor(ours, theirs).grants_in("b") == (ours,)
    assert actor(ours, theirs).grants_in("d") == ()


def test_grants_add_up() -> None:
    shopper, manager = Grant("b", Role.SHOPPER), Grant("b", Role.STORE_MANAGER, store_id="s")
    both = actor(shopper, manager).grants_in("b")
    assert allowing(both, Permission.SYNC) == (shopper,)
    assert allowing(both, Permission.RANKINGS_READ) == (manager,)
    assert allowing(both, Permission.PHOTOS_READ) == ()


@pytest.mark.parametrize(
    ("account", "client", "name"), [("a", None, "a"), (None, "c", "c"), (None, None, "nobody")]
)
def test_the_name_in_audit_rows(account: str | None, client: str | None, name: str) -> None:
    assert Actor(account, None, client, ()).name == name
