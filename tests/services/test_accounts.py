"""Accounts: e-mails, hashes and their renewal."""

from dataclasses import replace

import pytest

from server import config
from server.config import ConfigError, PasswordCost, Settings, load
from server.errors import Duplicate, Invalid
from server.models import Account
from server.services import accounts
from tests import factories
from tests.factories import PASSWORD


def test_one_person_one_account(database: str) -> None:
    made = accounts.create("Ada@Example.org ", "Ada", PASSWORD, locale="it")
    assert (made.email, made.locale) == ("ada@example.org", "it")
    assert made.password_hash.startswith("$argon2id$")
    with pytest.raises(Duplicate):
        accounts.create("ADA@example.org", "Other", "another password")
    assert accounts.authenticate("ada@EXAMPLE.org", PASSWORD).id == made.id
    assert Account.get_by_id(made.id).name == "Ada"


@pytest.mark.parametrize("password", ["", "short", "x" * 1001])
def test_a_password_has_a_fair_length(database: str, password: str) -> None:
    with pytest.raises(Invalid):
        accounts.create("ada@example.org", "Ada", password)
    assert Account.select().count() == 0


def test_a_hash_is_renewed_when_its_cost_changes(database: str, settings: Settings) -> None:
    ada = factories.login("ada")
    config.use(replace(settings, password_cost=PasswordCost(16, 2, 1)))
    try:
        assert accounts.authenticate(ada.email, "wrong") is None
        assert Account.get_by_id(ada.id).password_hash == ada.password_hash
        assert accounts.authenticate(ada.email, PASSWORD) is not None
        assert "m=16,t=2,p=1" in Account.get_by_id(ada.id).password_hash
        assert accounts.authenticate(ada.email, PASSWORD) is not None
    finally:
        config.use(settings)


def test_an_unknown_email_costs_a_hash_too(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.login("ada")
    factories.account("bare")
    costs: list[str] = []
    real = accounts.argon2.PasswordHasher.verify

    def verify(self: object, hashed: str, password: bytes) -> bool:
        costs.append(hashed.rsplit("$", 2)[0])
        return real(self, hashed, password)

    monkeypatch.setattr(accounts.argon2.PasswordHasher, "verify", verify)
    for email in ("ada@example.org", "nobody@example.org", "no address"):
        assert accounts.authenticate(email, "wrong") is None
    assert costs == ["$argon2id$v=19$m=8,t=1,p=1"] * 3


@pytest.mark.parametrize("cost", ["", "m=8", "m=7,t=1,p=1", "m=64,t=0,p=1", "m=8,t=1,p=2", "fast"])
def test_an_impossible_cost_is_a_mistake(cost: str) -> None:
    with pytest.raises(ConfigError, match="PASSWORD_COST must read like"):
        load({"PASSWORD_COST": cost})


def test_a_weak_cost_is_for_the_embedded_mode_alone() -> None:
    with pytest.raises(ConfigError, match="PASSWORD_COST is too weak"):
        load({"PASSWORD_COST": "m=8,t=1,p=1", "DATABASE_URL": "sqlite:///x.db"})
