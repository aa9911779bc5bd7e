"""Rows for tests, straight through the models: only what the test at hand does not test."""

from datetime import timedelta
from typing import Any

from server import clock
from server.domain.actor import Role
from server.domain.states import PhotoState
from server.models import (
    Account,
    Assignment,
    Brand,
    Checklist,
    ChecklistVersion,
    Device,
    Membership,
    Persona,
    Photo,
    Promise,
    Region,
    Store,
    Touchpoint,
    Wave,
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


def persona(brand_id: str, **values: Any) -> Persona:
    """A persona of the brand."""
    defaults = {"name": "In a hurry", "behaviour": "Looks at the clock."}
    return editing.create(Persona, brand_id, **(defaults | values))


def touchpoint(brand_id: str, **values: Any) -> Touchpoint:
    """A touchpoint of the brand."""
    defaults = {"name": "The welcome", "stage": "buy", "channel": "store", "lifecycle": "strategic"}
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


def draft(touchpoint_id: str, promise_id: str) -> dict[str, Any]:
    """A checklist in Italian and English of two scored items that can be published."""
    both = {"it": "Testo", "en": "Text"}
    placed = {
        "prompt": both,
        "touchpoint": touchpoint_id,
        "promises": [{"promise": promise_id, "weight": 1}],
    }
    items = [
        {
            "key": "greeted",
            "type": "yes_no",
            "required": True,
            "anchors": {"yes": both, "no": both},
            **placed,
        },
        {
            "key": "smile",
            "type": "scale",
            "min": 1,
            "max": 5,
            "step": 1,
            "anchors": {"1": both, "5": both},
            **placed,
        },
    ]
    return {"title": both, "sections": [{"key": "welcome", "title": both, "items": items}]}


def checklist_version(brand_id: str, document: dict[str, Any] | None = None) -> ChecklistVersion:
    """A published version of `document`, by default of `draft` on a new touchpoint and promise."""
    document = document or draft(touchpoint(brand_id).id, promise(brand_id).id)
    row = editing.create(Checklist, brand_id, title="Visit", draft=document, published_number=1)
    return editing.create(
        ChecklistVersion,
        brand_id,
        checklist_id=row.id,
        number=1,
        title=row.title,
        locales=["it", "en"],
        document=document,
        published_at=clock.now(),
    )


def wave(brand_id: str, version_id: str | None = None, **values: Any) -> Wave:
    """A wave of thirty days from now."""
    now = clock.now()
    defaults = {
        "name": "Autumn",
        "checklist_version_id": version_id or checklist_version(brand_id).id,
        "opens_at": now,
        "closes_at": now + timedelta(days=30),
    }
    return editing.create(Wave, brand_id, **(defaults | values))


def assignment(wave: Wave, shopper_id: str, store_id: str | None = None, **values: Any) -> Any:
    """An accepted assignment of the wave, by default to a new store."""
    defaults = {
        "store_id": store_id or store(wave.brand_id, code=clock.new_id()).id,
        "checklist_version_id": wave.checklist_version_id,
        "status": "accepted",
        "opens_at": wave.opens_at,
        "closes_at": wave.closes_at,
    }
    return editing.create(
        Assignment, wave.brand_id, wave_id=wave.id, shopper_id=shopper_id, **(defaults | values)
    )
