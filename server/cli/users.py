"""`promessa user`: people who can log in."""

import sys

import click

from server import db
from server.cli.options import opened
from server.domain.actor import PERSONS, Role
from server.models import Account, Membership
from server.services import accounts, brands, members, refresh_tokens

_FROM_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line."
)


@click.group("user")
def user() -> None:
    """People who can log in."""


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="What people call them.")
@click.option("--locale", default="en", show_default=True, help="Their language.")
@_FROM_STDIN
def create_user(email: str, name: str, locale: str, password_stdin: bool) -> None:
    """Make an account for EMAIL. It has no role yet: brands give roles."""
    with opened():
        account = accounts.create(email, name, ask_password(password_stdin), locale=locale)
        click.echo(f"{account.email} can log in now.")


@user.command("list")
def list_users() -> None:
    """List all accounts with their roles."""
    with opened():
        roles = _roles()
        for account in Account.select().order_by(Account.email):
            has = ", ".join(roles.get(account.id, ["no role"]))
            click.echo(f"{account.email}\t{account.name}\t{has}")


@user.command("grant")
@click.argument("email")
@click.option("--brand", "brand_id", required=True, metavar="ID", help="The brand's id.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in PERSONS]))
@click.option("--region", "region_id", metavar="ID", help="A regional manager's region.")
@click.option("--store", "store_id", metavar="ID", help="A store manager's store.")
def grant_role(email: str, brand_id: str, role: str, **bounds: str | None) -> None:
    """Give EMAIL's account a role in a brand, also where it belongs to others."""
    with opened(), db.atomic():
        brands.find(brand_id)
        account = accounts.find(email)
        members.grant(
            brand_id, account.id, Role(role), **members.checked(brand_id, Role(role), bounds)
        )
        click.echo(f"{account.email} is {role} of {brand_id}.")


@user.command("suspend")
@click.argument("email")
@click.option("--lift", is_flag=True, help="Lift the suspension.")
def suspend_user(email: str, lift: bool) -> None:
    """Suspend all roles of EMAIL, or lift that. A suspended shopper can still push their work."""
    with opened():
        count = members.suspend(accounts.find(email).id, suspended=not lift)
        click.echo(f"{count} roles {'are live again' if lift else 'are suspended'}.")


@user.command("password")
@click.argument("email")
@_FROM_STDIN
def set_user_password(email: str, password_stdin: bool) -> None:
    """Set a new password for EMAIL, and log all their devices out."""
    with opened():
        account = accounts.find(email)
        password_hash = accounts.hash_of(ask_password(password_stdin))
        with db.atomic():
            accounts.set_password(account.id, password_hash)
            refresh_tokens.revoke_others(account.id, None)
        click.echo(f"{account.email} has a new password; all devices must log in again.")


def ask_password(from_stdin: bool) -> str:
    """The password, never from the command line, where other users of the machine read it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _roles() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in Membership.select().where(Membership.archived_at.is_null()):
        state = " (suspended)" if row.suspended else ""
        found.setdefault(row.account_id, []).append(f"{Role(row.role)} of {row.brand_id}{state}")
    return found
