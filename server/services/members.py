"""Members: who is what in a brand. A membership is one role of one account; a person with two
roles has two."""

from collections.abc import Callable
from typing import Any

from server.db import atomic, is_postgres
from server.domain.actor import Actor, Role
from server.domain.permissions import Permission
from server.errors import Conflict, Duplicate, Invalid, NotFound
from server.models import Account, Brand, Membership, Region, Store
from server.services import accounts, editing, traits
from server.services.access import require
from server.services.paging import Page, page

BOUND_OF = {Role.REGIONAL_MANAGER: "region_id", Role.STORE_MANAGER: "store_id"}
"""The bound that a role must have, and no other role may."""

_TABLE_OF = {"region_id": Region, "store_id": Store}


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's members with their accounts' `email` and `name`, oldest first."""
    require(actor, brand_id, Permission.MEMBERS_READ)
    query = _members(Membership.brand_id == brand_id)
    if not archived:
        query = query.where(Membership.archived_at.is_null())
    return page(query, Membership.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, membership_id: str) -> Any:
    """One membership with its account's `email` and `name`."""
    require(actor, brand_id, Permission.MEMBERS_READ)
    return _find(brand_id, membership_id)


def create(
    actor: Actor,
    brand_id: str,
    *,
    email: str,
    role: str,
    name: str | None = None,
    password: str | None = None,
    locale: str = "en",
    **bounds: Any,
) -> Any:
    """Give a new account, with that name and password, a role; or a further one, without them, to
    who is or was in a brand that the actor administers. Other accounts are Duplicate: their name is
    not this brand's to read, nor their password to set. An archived membership of the same role is
    taken up again. Invalid, Duplicate."""
    require(actor, brand_id, Permission.MEMBERS_WRITE)
    given = {"name": name, "password": password}
    password_hash = accounts.hash_of(password) if password else ""
    with atomic():
        bounds = checked(brand_id, Role(role), bounds)
        if account_id := _known(actor, email):
            _refuse(given, lambda value: value is not None, "Stays as it is: leave it out.")
        else:
            _refuse(given, lambda value: value is None, "A new account needs it.")
            account, new = accounts.obtain(email, name or "", password_hash, locale=locale)
            if not new:
                raise Duplicate(
                    "This e-mail has an account that your brand does not know: whoever runs this "
                    "server can let that person in."
                )
            account_id = account.id
        return _find(brand_id, grant(brand_id, account_id, Role(role), **bounds).id)


def _known(actor: Actor, email: str) -> str | None:
    """The id of the account, if it has a membership in a brand that the actor administers."""
    member = (
        Membership.select(Membership.account_id)
        .join(Account, on=(Account.id == Membership.account_id))
        .where(
            Account.email == accounts.address_of(email),
            Membership.brand_id.in_(actor.administers()),
        )
        .first()
    )
    return member.account_id if member else None


def _refuse(given: dict[str, Any], wrong: Callable[[Any], bool], why: str) -> None:
    errors = [{"pointer": f"/{key}", "detail": why} for key, value in given.items() if wrong(value)]
    if errors:
        raise Invalid("Mend the fields named in `errors`.", errors=errors)


def grant(brand_id: str, account_id: str, role: Role, **bounds: Any) -> Membership:
    """Give an account a role, in the caller's transaction. Duplicate if it has it already."""
    former = Membership.get_or_none(
        Membership.brand_id == brand_id,
        Membership.account_id == account_id,
        Membership.role == role,
    )
    if former is None:
        return editing.create(Membership, brand_id, account_id=account_id, role=str(role), **bounds)
    if former.archived_at is None:
        raise Duplicate(f"This person is a {role} of the brand already: change that membership.")
    fresh = {"archived_at": None, "suspended": False, "region_id": None, "store_id": None}
    return editing.change(former, former.version, fresh | bounds)


def change(
    actor: Actor, brand_id: str, membership_id: str, if_match: int, changes: dict[str, Any]
) -> Any:
    """Change a role's bound, or suspend it or lift that. Conflict for the last administrator."""
    require(actor, brand_id, Permission.MEMBERS_WRITE)
    with atomic():
        _lock(brand_id)
        member = _find(brand_id, membership_id)
        bounds = {key: changes.get(key, getattr(member, key)) for key in _TABLE_OF}
        checked(brand_id, Role(member.role), bounds)
        if changes.get("suspended"):
            _leave_an_admin(member)
        return editing.change(member, if_match, changes)


def archive(actor: Actor, brand_id: str, membership_id: str, if_match: int) -> Any:
    """Take a role away, at once. Conflict for the last administrator."""
    require(actor, brand_id, Permission.MEMBERS_WRITE)
    with atomic():
        _lock(brand_id)
        member = _find(brand_id, membership_id)
        _leave_an_admin(member)
        if member.role == Role.SHOPPER:
            traits.forget(brand_id, member.account_id)
        return editing.archive(member, if_match)


def archive_all(brand_id: str, account_id: str) -> None:
    """Take all roles of an account in the brand away, in the caller's transaction; what they said
    of themselves is the erasure's to count. Conflict for the last administrator."""
    _lock(brand_id)
    mine = (Membership.brand_id == brand_id) & (Membership.account_id == account_id)
    for member in Membership.select().where(mine, Membership.archived_at.is_null()):
        _leave_an_admin(member)
        editing.archive(member, member.version)


def suspend(account_id: str, *, suspended: bool) -> int:
    """Suspend or lift all of an account's roles, for the operator; how many changed."""
    with atomic():
        rows = Membership.select().where(
            Membership.account_id == account_id,
            Membership.archived_at.is_null(),
            Membership.suspended != suspended,
        )
        return len([editing.change(row, row.version, {"suspended": suspended}) for row in rows])


def _members(condition: Any) -> Any:
    """Memberships that bear their account's e-mail and name, in one query."""
    return (
        Membership.select(Membership, Account.email, Account.name)
        .join(Account, on=(Account.id == Membership.account_id))
        .where(condition)
        .objects()
    )


def _find(brand_id: str, membership_id: str) -> Any:
    found = _members((Membership.id == membership_id) & (Membership.brand_id == brand_id)).first()
    if found is None:
        raise NotFound(f"There is no member {membership_id!r}, or it is not yours to see.")
    return found


def checked(brand_id: str, role: Role, bounds: dict[str, Any]) -> dict[str, Any]:
    """`bounds` if they are what the role needs, and the brand's own. Invalid."""
    needed = BOUND_OF.get(role)
    wrong = [
        {"pointer": f"/{key}", "detail": detail}
        for key in _TABLE_OF
        if (detail := _wrong_bound(brand_id, role, key, bounds.get(key), key == needed))
    ]
    if wrong:
        raise Invalid(f"The bound does not fit the role {role}.", errors=wrong)
    return bounds


def _wrong_bound(
    brand_id: str, role: Role, key: str, value: str | None, needed: bool
) -> str | None:
    if not needed:
        return f"The role {role} has no such bound." if value is not None else None
    if value is None:
        return f"The role {role} needs it."
    table = _TABLE_OF[key]
    own = (table.id == value) & (table.brand_id == brand_id) & table.archived_at.is_null()
    return None if table.select().where(own).exists() else "There is none of this id in the brand."


def _leave_an_admin(member: Membership) -> None:
    """A brand keeps somebody who can let others in."""
    if member.role != Role.ADMIN or member.archived_at is not None or member.suspended:
        return
    others = Membership.select().where(
        Membership.brand_id == member.brand_id,
        Membership.role == Role.ADMIN,
        Membership.id != member.id,
        Membership.archived_at.is_null(),
        ~Membership.suspended,
    )
    if not others.exists():
        raise Conflict("This is the brand's last administrator: appoint another first.")


def _lock(brand_id: str) -> None:
    """Two administrators who remove each other do so one after the other. SQLite has one writer."""
    if is_postgres():
        Brand.select(Brand.id).where(Brand.id == brand_id).for_update().execute()
