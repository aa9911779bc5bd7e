"""`promessa brand`: the tenants."""

from typing import Any

import click

from schemas.brands import BrandChangeSchema
from server.cli.options import opened
from server.config import ConfigError
from server.db import atomic
from server.domain.actor import Role
from server.models import Brand
from server.services import accounts, brands, members


@click.group("brand")
def brand() -> None:
    """Brands, each a world of its own."""


@brand.command("create")
@click.argument("name")
@click.option("--admin", required=True, help="E-mail of the account that will administer it.")
@click.option(
    "--locale",
    "locales",
    multiple=True,
    default=("en",),
    show_default=True,
    help="A language of its checklists; repeat it for more. The first is the fallback.",
)
@click.option("--auto-approve", is_flag=True, help="Complete reports count without a reviewer.")
def create_brand(name: str, admin: str, locales: tuple[str, ...], auto_approve: bool) -> None:
    """Make a brand called NAME. Its administrator must have an account (`promessa user create`)."""
    if wrong := BrandChangeSchema().validate({"name": name, "locales": list(locales)}):
        raise ConfigError([f"{what}: {_first(said)}" for what, said in wrong.items()])
    with opened(), atomic():
        account = accounts.find(admin)
        made = brands.create(name, list(locales), auto_approve=auto_approve)
        members.grant(made.id, account.id, Role.ADMIN)
    click.echo(f"{made.id}\t{made.name}\tadministrator {account.email}")


@brand.command("list")
def list_brands() -> None:
    """List all brands."""
    with opened():
        for each in Brand.select().order_by(Brand.id):
            click.echo(f"{each.id}\t{each.name}\t{', '.join(each.locales)}")


def _first(said: Any) -> str:
    """The first of marshmallow's messages, which may be nested."""
    while not isinstance(said, str):
        said = next(iter(said.values() if isinstance(said, dict) else said))
    return said
