"""Rows for tests, straight through the models: only what the test at hand does not test."""

from typing import Any

from server import clock
from server.domain.actor import Role
from server.domain.states import PhotoState
from server.models import (
    Account,
    Brand,
    Device,
    Membership,
    Photo,
    Promise,
    Region,
    Store,
    Touchpoint,
)
from server.services import accounts, editing, regions, tokens


def brand(name: str = "Aurea", **values: Any) -> Brand:
    """A brand in Italian and English."""
    now = clock.now()
    values = {"locales": ["it", "en"], "created_at": now, "updated_at": now} | values
    return Brand.create(id=clock.new_id(), name=name, **values)


PASSWORD = "correct horse battery"
"""What `login`s log in with."""


def account(name: str, password_hash: str = "!") -> Account:
    """An account that nobody can log in to by password, unless a hash is given; see `person`."""
    return Account.create(
        id=clock.new_id(),
        email=f"{name}@example.org",
        name=name.title(),
        password_hash=password_hash,
        created_at=clock.now(),
    )


def login(name: str) -> Account:
    """An account that can log in, with PASSWORD."""
    return account(name, accounts.hash_of(PASSWORD))


def membership(account_id: str, brand_id: str, role: Role, **bounds: Any) -> Membership:
    """A role of the account in the brand."""
    return editing.create(Membership, brand_id, account_id=account_id, role=str(role), **bounds)


def device(account_id: str, device_id: str = "phone-1") -> Device:
    """A device of the account."""
    now = clock.now()
    return Device.create(
        account_id=account_id, device_id=device_id, name="A phone", created_at=now, seen_at=now
    )


def person(name: str, role: Role, in_brand: Brand, **bounds: Any) -> Any:
    """A person with a role, a device and a valid access token."""
    from tests.cast import Person

    who = account(name)
    membership(who.id, in_brand.id, role, **bounds)
    token = tokens.issue_access(account_id=who.id, device_id=device(who.id).device_id)
    return Person(who.id, tokens.actor_of(token), {"Authorization": f"Bearer {token}"})


def promise(brand_id: str, **values: Any) -> Promise:
    """A promise of the brand."""
    defaults = {
        "kind": "explicit",
        "adjective": "enthusiastic",
        "statement": "We greet you gladly.",
        "target": 85.0,
        "weight": 1.0,
    }
    return editing.create(Promise, brand_id, **(defaults | values))


def touchpoint(brand_id: str, **values: Any) -> Touchpoint:
    """A touchpoint of the brand."""
    defaults = {"name": "The welcome", "stage": "buy", "channel": "store", "strategic": True}
    return editing.create(Touchpoint, brand_id, **(defaults | values))


def region(brand_id: str, name: str = "Nord", parent: Region | None = None, **values: Any) -> Any:
    """A region of the brand, under `parent`."""
    return regions.planted(brand_id, parent, name=name, **values)


def store(brand_id: str, code: str = "S1", **values: Any) -> Store:
    """A store of the brand."""
    defaults = {"name": f"Store {code}", "country": "IT", "timezone": "Europe/Rome"}
    return editing.create(Store, brand_id, code=code, **(defaults | values))


def photo(photo_id: str, brand_id: str, shopper_id: str, **values: Any) -> Photo:
    """A photo's row as a push declares it."""
    now = clock.now()
    defaults = {
        "report_id": "a.1",
        "item_key": "shelf",
        "content_type": "image/jpeg",
        "state": str(PhotoState.DECLARED),
        "created_at": now,
        "updated_at": now,
    }
    return Photo.create(
        id=photo_id, brand_id=brand_id, shopper_id=shopper_id, **(defaults | values)
    )
