"""`promessa user` and `promessa brand`"""

import click
import pytest
from click.testing import CliRunner, Result

from server.cli.brands import brand
from server.cli.users import user
from server.domain.actor import Role
from server.models import Account, Brand, Membership
from server.services import accounts, refresh_tokens
from tests import factories
from tests.cast import Cast
from tests.factories import PASSWORD


def run(command: click.Command, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(command, arguments, input=typed)


def make_ada(typed: str = f"{PASSWORD}\n") -> Result:
    options = ("--name", "Ada", "--locale", "it", "--password-stdin")
    return run(user, "create", "Ada@example.org", *options, typed=typed)


def test_the_password_comes_by_standard_input(database: str) -> None:
    made = make_ada()
    assert (made.exit_code, made.output) == (0, "ada@example.org can log in now.\n")
    assert accounts.authenticate("ada@example.org", PASSWORD).locale == "it"


def test_or_it_is_asked_for_twice_and_not_shown(database: str) -> None:
    made = run(
        user, "create", "ada@example.org", "--name", "Ada", typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert made.exit_code == 0
    assert PASSWORD not in made.output
    assert accounts.authenticate("ada@example.org", PASSWORD) is not None


@pytest.mark.parametrize("command", [c for g in (user, brand) for c in g.commands.values()])
def test_no_command_takes_a_password_as_an_argument(command: click.Command) -> None:
    taking = [p for p in command.params if "password" in str(p.name) and not p.is_flag]
    assert taking == []
    assert command.help


def test_what_is_wrong_is_said_in_a_line(database: str) -> None:
    assert make_ada().exit_code == 0
    for refused, words in (
        (make_ada(), "has an account already"),
        (make_ada(typed="short\n"), "10 to 1000 characters"),
        (run(user, "suspend", "nobody@example.org"), "Nobody has an account"),
        (run(user, "suspend", "nobody"), "not an e-mail"),
        (run(brand, "create", "Aurea", "--admin", "nobody@example.org"), "Nobody has an account"),
    ):
        assert refused.exit_code == 1
        assert words in refused.output
    assert (Account.select().count(), Brand.select().count()) == (1, 0)


def test_a_new_password_logs_every_device_out(database: str) -> None:
    make_ada()
    ada = accounts.find("ada@example.org")
    token = refresh_tokens.begin(ada.id, "phone-1").token
    changed = run(
        user, "password", "ADA@example.org", "--password-stdin", typed="another password\n"
    )
    assert changed.exit_code == 0
    assert accounts.authenticate("ada@example.org", "another password") is not None
    assert refresh_tokens.advance(token) is None


def test_a_brand_and_its_administrator(database: str) -> None:
    make_ada()
    made = run(
        brand, "create", "Aurea", "--admin", "ada@example.org", "--locale", "it", "--locale", "en"
    )
    assert made.exit_code == 0
    aurea = Brand.get()
    assert (aurea.name, aurea.locales, aurea.auto_approve) == ("Aurea", ["it", "en"], False)
    member = Membership.get()
    assert (member.brand_id, member.role) == (aurea.id, "admin")
    assert run(brand, "list").output == f"{aurea.id}\tAurea\tit, en\n"


def test_suspended_and_lifted(cast: Cast) -> None:
    account = factories.login("ada")
    factories.membership(account.id, cast.brand.id, Role.SHOPPER)
    factories.membership(account.id, cast.other_brand.id, Role.REVIEWER)
    assert run(user, "suspend", account.email).output == "2 roles are suspended.\n"
    assert run(user, "suspend", account.email).output == "0 roles are suspended.\n"
    listed = run(user, "list").output
    assert f"shopper of {cast.brand.id} (suspended)" in listed
    assert "hash" not in listed
    assert run(user, "suspend", account.email, "--lift").output == "2 roles are live again.\n"
    assert Membership.select().where(Membership.suspended).count() == 0


def test_the_operator_lets_people_of_other_brands_in(cast: Cast) -> None:
    dora = factories.account("dora")
    factories.membership(dora.id, cast.other_brand.id, Role.SHOPPER)
    given = run(user, "grant", dora.email, "--brand", cast.brand.id, "--role", "shopper")
    assert given.exit_code == 0, given.output
    roles = Membership.select().where(Membership.account_id == dora.id)
    assert {row.brand_id for row in roles} == {cast.brand.id, cast.other_brand.id}
    lacking = run(user, "grant", dora.email, "--brand", cast.brand.id, "--role", "store_manager")
    assert lacking.exit_code == 1
