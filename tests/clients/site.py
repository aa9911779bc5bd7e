"""A brand on a server of its own processes, with shoppers and their phones."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from server import db
from server.cli import migrations
from server.cli.phone import PHONE_TABLES
from server.domain.actor import Actor, Grant, Role
from server.models import Account, Assignment, Brand
from server.services import pulls
from tests import factories, visits
from tests.backends.api import ApiServer
from tests.backends.process import free_port
from tests.clients.line import Line
from tests.clients.phone import RealPhone, Row
from tests.conftest import DATABASES

both = pytest.mark.parametrize("kind", DATABASES, indirect=True)
"""For tests that run on each database; the others run on SQLite."""


@dataclass
class Shopper:
    """A shopper of the site; phones log in with `email`."""

    account: Account

    @property
    def email(self) -> str:
        """What they log in with; the password is `factories.PASSWORD`."""
        return str(self.account.email)


@dataclass
class Site:
    """A server on the database at `url`, behind `line`; our process writes to the same database."""

    url: str
    folder: Path
    settings: dict[str, str]
    phones: list[RealPhone] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = itertools.count(1)
        port = free_port()
        public = {"DATABASE_URL": self.url, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        self.server = ApiServer(public | self.settings)
        self.line = Line(port, self.server.port)
        with self.bound(make=True):
            self.brand: Brand = factories.brand(f"Brand {self.server.port}")
            self.checklist = visits.checklist_version(self.brand.id).id
            self.wave = visits.wave(self.brand.id, self.checklist).id
        self.server.start()

    @contextmanager
    def bound(self, *, make: bool = False) -> Iterator[None]:
        """Our models on this site's database; `make` creates its tables."""
        before = db.database.obj
        own = db.initialize(self.url)
        try:
            with db.connected():
                if make:
                    migrations.migrate()
                yield
        finally:
            own.close_all()
            db.database.initialize(before)

    def shopper(self) -> Shopper:
        """A new shopper of the brand."""
        account = factories.login(f"shopper-{next(self._names)}")
        factories.membership(account.id, self.brand.id, Role.SHOPPER)
        return Shopper(account)

    def assignment(self, shopper: Shopper, **values: Any) -> Assignment:
        """An accepted assignment of the shopper."""
        named = {"checklist_version_id": self.checklist, "wave_id": self.wave}
        return visits.assignment(self.brand.id, shopper.account.id, **(named | values))

    def phone(self, shopper: Shopper, *, version: int = 2) -> RealPhone:
        """A new phone, on which the shopper has logged in."""
        name = f"phone-{next(self._names)}"
        phone = RealPhone(self.folder / f"{name}.json", self.line.url, version)
        self.phones.append(phone)
        login = {"email": shopper.email, "password": factories.PASSWORD, "device": name}
        phone.do("logIn", **login)
        return phone

    def truth(self, shopper: Shopper) -> dict[str, dict[str, Row]]:
        """What the server would send to a new phone of the shopper: table → id → row."""
        grants = (Grant(self.brand.id, Role.SHOPPER),)
        actor = Actor(account_id=shopper.account.id, device_id=None, client_id=None, grants=grants)
        updated = pulls.pull(actor, cursor=None).updated
        return {table: {row["id"]: row for row in rows} for table, rows in updated.items()}

    def assert_equal(self, phone: RealPhone, shopper: Shopper) -> None:
        """The phone has nothing unsent, and in each of its own tables what the server has."""
        assert not phone.unsent
        truth = self.truth(shopper)
        for table in PHONE_TABLES:
            held, sent = phone.rows(table), truth.get(table, {})
            assert held.keys() == sent.keys(), f"{table}: {held.keys()} {sent.keys()}"
            for row_id, row in held.items():
                there = sent[row_id]
                other = {
                    name: (value, there[name])
                    for name, value in row.items()
                    if name in there and value != there[name]
                }
                assert other == {}, f"{table}/{row_id} here, there: {other}"

    def close_phones(self) -> None:
        """End the apps of this test."""
        while self.phones:
            self.phones.pop().close()

    def close(self) -> None:
        """End the server and the line."""
        self.close_phones()
        self.line.close()
        self.server.close()
