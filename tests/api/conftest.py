"""Fixtures of several files: Sonia's phone, a visit that she is to make, and three stores with
figures."""

import pytest
from flask.testing import FlaskClient

from server.models import Assignment
from tests import visits
from tests.api.house import House, visited
from tests.cast import Cast
from tests.phone import Phone


@pytest.fixture
def phone(client: FlaskClient, cast: Cast) -> Phone:
    return Phone(client, cast.sonia)


@pytest.fixture
def made(cast: Cast) -> Assignment:
    return visits.assignment(cast.brand.id, cast.sonia.account_id)


@pytest.fixture
def house(cast: Cast) -> House:
    return visited(cast)
