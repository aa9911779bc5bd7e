"""Who may do what: every route × everybody, held against one table (tests/api/access.txt)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from server import db
from server.api import openapi
from server.domain.actor import Role
from server.models import Store
from server.services import tokens
from tests.api.conformance import METHODS, Good, Request
from tests.api.populated import populate
from tests.api.test_authentication import PUBLIC
from tests.cast import Cast
from tests.tables import read_table

TABLE = Path(__file__).with_name("access.txt")
EVERYBODY = (
    "admin",
    "manager",
    "reviewer",
    "region",
    "store",
    "elsewhere",
    "shopper",
    "integrator",
    "stranger",
    "nobody",
)
"""`region` and `store` manage what the requests name, `elsewhere` manages another store of the
brand; `stranger` is another brand's admin."""

_QUERY = {"since": "1"}
"""What a query must have."""


@pytest.fixture
def good(app: flask.Flask, cast: Cast) -> Good:
    with app.app_context():
        made = Good(openapi.document(), cast, app.test_client())
    populate(app.test_client(), made, cast)
    return made


@pytest.fixture
def headers(good: Good, cast: Cast) -> dict[str, dict[str, str]]:
    """What each of everybody logs in with."""
    ids = good.ids
    other = Store.select().where(Store.brand_id == cast.brand.id, Store.id != ids["store_id"])
    people = {
        "admin": cast.alice,
        "manager": cast.marta,
        "reviewer": cast.bob,
        "region": cast.person("rita", Role.REGIONAL_MANAGER, region_id=ids["region_id"]),
        "store": cast.person("stefano", Role.STORE_MANAGER, store_id=ids["store_id"]),
        "elsewhere": cast.person("eva", Role.STORE_MANAGER, store_id=other.first().id),
        "shopper": cast.sonia,
        "stranger": cast.charlie,
    }
    token = tokens.issue_access(client_id=ids["client_id"])
    found = {name: person.headers for name, person in people.items()}
    return found | {"integrator": {"Authorization": f"Bearer {token}"}, "nobody": {}}


def answers(app: flask.Flask, good: Good, headers: dict[str, dict[str, str]]) -> Iterator[Any]:
    """Each operation's name, and the status that each of everybody gets. Nothing is kept."""
    client = app.test_client()
    for request in good.requests():
        yield request.name, {name: _status(client, request, headers[name]) for name in EVERYBODY}


def _status(client: Any, request: Request, headers: dict[str, str]) -> str:
    query = [(name, _QUERY[name]) for name in request.queried if name in _QUERY]
    asked = request.but(headers={"Authorization": None}, query=query).but(headers=headers)
    with db.database.atomic() as point:
        status = asked.send(client).status_code
        point.rollback()
    return str(status)


def line_of(row: dict[str, str]) -> str:
    return " ".join(row[name].ljust(10) for name in EVERYBODY).rstrip()


# Who is let in is no matter of the database; the doors' conditions have tests of their own on both.
@pytest.mark.parametrize("bound_database", ["sqlite"], indirect=True)
def test_everybody_gets_what_the_table_says(
    app: flask.Flask, good: Good, headers: dict[str, dict[str, str]]
) -> None:
    told, found = read_table(TABLE), dict(answers(app, good, headers))
    new = [name.ljust(28) + line_of(row) for name, row in found.items() if name not in told]
    assert new == [], "lines for the table, once somebody has thought about them"
    assert told.keys() - found.keys() == set()
    wrong = [
        f"{operation} as {name}: {status}, not {told[operation][name]}"
        for operation, row in found.items()
        for name, status in row.items()
        if status != told[operation][name]
    ]
    assert wrong == []


def test_every_route_is_in_the_table(app: flask.Flask) -> None:
    """Routes that openapi.yaml does not have, too."""
    asking = {
        rule.endpoint.rpartition(".")[2]
        for rule in app.url_map.iter_rules()
        if rule.rule not in PUBLIC
    }
    assert asking - read_table(TABLE).keys() == set()


def test_the_table_has_a_word_for_everybody() -> None:
    for operation, row in read_table(TABLE).items():
        assert tuple(row) == EVERYBODY, operation
        assert all(re.fullmatch(r"[2-5]\d\d", status) for status in row.values()), operation


def test_strangers_and_nobody_get_nothing_of_a_brand(app: flask.Flask) -> None:
    """Of the table itself: another brand's admin is never told that a thing is there."""
    with app.app_context():
        paths = openapi.document()["paths"]
    for path, item in paths.items():
        if "{brand_id}" in path:
            for operation in (item[method] for method in item.keys() & METHODS):
                row = read_table(TABLE)[operation["operationId"]]
                assert (row["stranger"], row["nobody"]) == ("404", "401"), path
