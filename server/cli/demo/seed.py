"""Fill an embedded folder with the demo programme, once; and tell who can log in.

The programme is programme.yaml's. Passwords are made for each folder and kept in its demo.json,
readable by its owner alone: demo accounts exist on embedded defaults only.
"""

import json
import os
import random
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from server import clock, config, db
from server.cli.demo.visits import quality
from server.domain.actor import Actor, Grant, Role
from server.domain.months import before
from server.domain.ownership import Ownership
from server.domain.states import AssignmentStatus
from server.errors import Conflict
from server.models import Assignment, Brand, Membership, Promise, Region, Store, Touchpoint, Wave
from server.services import (
    accounts,
    assignments,
    brands,
    checklists,
    members,
    outcomes,
    promises,
    regions,
    stores,
    touchpoints,
    waves,
)

OPEN_EACH = 2
"""How many open assignments every shopper of the demo has at least."""

_WINDOW = timedelta(days=30)
_PROGRAMME = Path(__file__).with_name("programme.yaml")

Demo = dict[str, Any]


def seed(folder: Path) -> Demo:
    """The folder's demo: {brand, accounts: [{email, password, role, device_id}]}, made on first
    use. Every shopper has open assignments afterwards. Conflict outside embedded defaults."""
    if not config.settings().embedded:
        raise Conflict("The demo lives on embedded defaults only: unset DATABASE_URL for it.")
    path = folder / "demo.json"
    with db.atomic():
        demo = _kept(path)
        if demo is None:
            demo = _Seeding().run()
            # Before the commit: a crash in between leaves a file whose brand is nowhere, and the
            # next start seeds anew. After it, nobody would know the passwords.
            _keep(path, demo)
        _offer(demo)
    return demo


def owner(demo: Demo) -> Actor:
    """The programme's manager, for what the demo does through the services."""
    return _actor(demo["brand"], demo["manager"])


def _actor(brand_id: str, account_id: str) -> Actor:
    grant = Grant(brand_id, Role.ADMIN)
    return Actor(account_id=account_id, device_id=None, client_id=None, grants=(grant,))


def _kept(path: Path) -> Demo | None:
    """The demo that the file tells of, where the database holds it too."""
    if not path.exists():
        return None
    demo: Demo = json.loads(path.read_text())
    return demo if Brand.get_or_none(Brand.id == demo["brand"]) else None


def _keep(path: Path, demo: Demo) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(demo, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class _Seeding:
    """One seeding: what is made, by its key in programme.yaml."""

    def __init__(self) -> None:
        self.plan: Any = yaml.safe_load(_PROGRAMME.read_text(encoding="utf-8"))
        self.brand = brands.create(**self.plan["brand"])
        self.promises: dict[str, Promise] = {}
        self.touchpoints: dict[str, Touchpoint] = {}
        self.regions: dict[str, Region] = {}
        self.stores: dict[str, Store] = {}
        self.accounts: list[dict[str, str]] = []
        self.actor = _actor(self.brand.id, "")

    def run(self) -> Demo:
        """Make everything; the folder's demo."""
        for key, values in self.plan["promises"].items():
            self.promises[key] = promises.create(self.actor, self.brand.id, values)
        for key, values in self.plan["touchpoints"].items():
            self.touchpoints[key] = touchpoints.create(self.actor, self.brand.id, values)
        for key, values in self.plan["regions"].items():
            self._region(key, dict(values))
        for code, place in self.plan["stores"].items():
            self._store(code, place)
        for key, person in self.plan["people"].items():
            self._person(key, *person)
        self._sales()
        return {
            "brand": self.brand.id,
            "manager": self._account_id("pietro"),
            "checklist_version": self._checklist(),
            "accounts": self.accounts,
        }

    def _region(self, key: str, values: dict[str, Any]) -> None:
        parent = values.pop("parent", None)
        if parent:
            values["parent_id"] = self.regions[parent].id
        self.regions[key] = regions.create(self.actor, self.brand.id, values)

    def _store(self, code: str, place: list[Any]) -> None:
        name, region, city, address, postal_code, latitude, longitude, kind, ownership = place
        values = {
            "code": code,
            "name": name,
            "region_id": self.regions[region].id,
            "city": city,
            "address": address,
            "postal_code": postal_code,
            "country": "IT",
            "latitude": latitude,
            "longitude": longitude,
            "timezone": "Europe/Rome",
            "format": kind,
            "ownership": ownership,
        }
        self.stores[code] = stores.create(self.actor, self.brand.id, values)

    def _sales(self) -> None:
        """Three months of sales, higher where a store is better; a competitor's nobody knows."""
        dice, month = random.Random("sales"), f"{clock.now():%Y-%m}"
        lines = [
            f"{code},{before(month, back)},{80_000 * quality(code) + dice.gauss(0, 3_000):.0f}"
            for code, store in self.stores.items()
            for back in range(3)
            if store.ownership != Ownership.COMPETITOR
        ]
        table = "\n".join(["store,month,value", *lines])
        outcomes.imported(self.actor, self.brand.id, "sales", table.encode())

    def _person(self, key: str, name: str, role: str, bound: str | None = None) -> None:
        password = secrets.token_urlsafe(9)
        account = accounts.create(f"{key}@aurea.example", name, password, locale="it")
        bounds = {}
        if role == Role.REGIONAL_MANAGER and bound:
            bounds["region_id"] = self.regions[bound].id
        if role == Role.STORE_MANAGER and bound:
            bounds["store_id"] = self.stores[bound].id
        members.grant(self.brand.id, account.id, Role(role), **bounds)
        device = f"demo-{key}"
        known = {"email": account.email, "password": password, "role": role, "device_id": device}
        self.accounts.append(known | {"account_id": account.id})

    def _account_id(self, key: str) -> str:
        email = f"{key}@aurea.example"
        return next(each["account_id"] for each in self.accounts if each["email"] == email)

    def _checklist(self) -> str:
        document = self.plan["checklist"]
        for section in document["sections"]:
            section["items"] = [self._item(item) for item in section["items"]]
        values = {"title": document["title"]["it"], "draft": document}
        draft = checklists.create(self.actor, self.brand.id, values)
        return checklists.publish(self.actor, self.brand.id, draft.id, draft.version).id

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        links = [
            {"promise": self.promises[key].id, "weight": weight}
            for key, weight in item.get("promises", {}).items()
        ]
        place = {}
        if "touchpoint" in item:
            place = {"touchpoint": self.touchpoints[item["touchpoint"]].id}
        return item | place | {"promises": links}


def _offer(demo: Demo) -> None:
    """Give every shopper who has fewer than `OPEN_EACH` open assignments new ones."""
    brand_id, now = demo["brand"], clock.now()
    open_states = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED)
    held = dict.fromkeys(_shoppers(brand_id), 0)
    for row in Assignment.select(Assignment.shopper_id).where(
        Assignment.brand_id == brand_id,
        Assignment.status.in_(open_states),
        Assignment.closes_at > now,
        Assignment.part_of.is_null(),
    ):
        held[row.shopper_id] = held.get(row.shopper_id, 0) + 1
    lacking = [shopper for shopper, n in held.items() for _ in range(OPEN_EACH - n)]
    if not lacking:
        return
    places = [
        store.id
        for store in Store.select(Store.id).where(Store.brand_id == brand_id).order_by(Store.code)
    ]
    items = [
        {"shopper_id": shopper, "store_id": places[index % len(places)]}
        for index, shopper in enumerate(lacking)
    ]
    wave = _wave(demo)
    assignments.create(owner(demo), brand_id, wave_id=wave.id, items=items)


def _shoppers(brand_id: str) -> list[str]:
    query = Membership.select(Membership.account_id).where(
        Membership.brand_id == brand_id, Membership.role == str(Role.SHOPPER)
    )
    return sorted(row.account_id for row in query)


def _wave(demo: Demo) -> Wave:
    now = clock.now()
    values = {
        "name": f"Ronda dal {now:%d/%m/%Y}",
        "checklist_version_id": demo["checklist_version"],
        "opens_at": now,
        "closes_at": now + _WINDOW,
    }
    return waves.create(owner(demo), demo["brand"], values)
