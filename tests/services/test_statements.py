"""Statements that are sent together, and texts that are kept."""

import peewee
import pytest

from server import db
from server.models import Region
from tests import factories

pytestmark = pytest.mark.usefixtures("database")


def test_what_is_wrong_with_one_of_many_is_raised_and_nothing_is_written() -> None:
    brand = factories.brand()
    row = {**db.columns(factories.region(brand.id)), "id": "twice", "parent_id": None}
    before = Region.select().count()

    def twice() -> None:
        with db.atomic(), db.together():
            db.insert(Region, [row])
            db.insert(Region, [row])

    with pytest.raises(peewee.IntegrityError):
        twice()
    assert Region.select().count() == before


def test_rows_are_read_by_id_however_many() -> None:
    brand = factories.brand()
    row = db.columns(factories.region(brand.id))
    ids = [f"r{number:04}" for number in range(1001)]
    for part in db.chunks([{**row, "id": one, "parent_id": None, "code": one} for one in ids]):
        db.insert(Region, part)
    assert list(db.by_id(Region, [*ids, "none"])) == ids
    assert db.by_id(Region, ids[:1])[ids[0]].brand_id == brand.id
    assert db.by_id(Region, []) == {}
