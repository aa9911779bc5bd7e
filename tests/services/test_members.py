"""Members: two administrators in haste."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from server import db
from server.domain.actor import Actor, Grant, Role
from server.errors import Conflict, NotFound
from server.models import Membership
from server.services import members
from tests import factories


@pytest.fixture
def brand_of_two(committing: str) -> list[Membership]:
    """A committed brand's two administrators."""
    with db.connected(), db.atomic():
        brand = factories.brand()
        accounts = [factories.account(name) for name in ("ada", "bea")]
        return [factories.membership(each.id, brand.id, Role.ADMIN) for each in accounts]


def test_two_administrators_do_not_remove_each_other(brand_of_two: list[Membership]) -> None:
    line = Barrier(2)

    def remove(mine: Membership, other: Membership) -> bool:
        grant = Grant(mine.brand_id, Role.ADMIN)
        actor = Actor(mine.account_id, "phone-1", None, (grant,))
        with db.connected():
            line.wait(timeout=30)
            try:
                members.archive(actor, mine.brand_id, other.id, other.version)
            except (Conflict, NotFound):
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        removed = list(pool.map(remove, brand_of_two, reversed(brand_of_two)))
    assert sorted(removed) == [False, True]
