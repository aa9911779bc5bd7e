"""A chain of visited stores, and what is asked of its rankings."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from server import db
from server.models import Region, Store
from server.services import scores
from tests import programme
from tests.cast import Cast, Person
from tests.programme import Programme, passed


class Chain:
    """Milan and Turin lie in the north, Rome in the south; Naples was never visited.

    Visit scores in March: Milan 100 and 50, Turin 75 twice, Rome 25 three times.
    """

    def __init__(self, cast: Cast) -> None:
        brand_id = cast.brand.id
        self.spring = Programme(cast.brand)
        self.italy = programme.region(brand_id, "Italy")
        self.north = programme.region(brand_id, "North", self.italy)
        self.piedmont = programme.region(brand_id, "Piedmont", self.north)
        self.south = programme.region(brand_id, "South", self.italy)
        self.milan = self._store("MI", self.north, format="flagship")
        self.turin = self._store("TO", self.piedmont, ownership="franchise")
        self.rome = self._store("RM", self.south)
        self.naples = self._store("NA", self.south)
        for store, results in (
            (self.milan, (4, 2)),
            (self.turin, (3, 3)),
            (self.rome, (1, 1, 1)),
        ):
            for result in results:
                self.visit(store, result)

    def _store(self, code: str, region: Region, **values: Any) -> Store:
        return programme.store(self.spring.brand.id, code, region_id=region.id, **values)

    def visit(self, store: Store, result: int, **values: Any) -> None:
        """A visit of which `result` of four items passed, and which counts."""
        scores.count(self.spring.revision(store, passed(result), **values).id)


def url(cast: Cast, name: str = "rankings") -> str:
    return f"/v1/brands/{cast.brand.id}/{name}"


def ask(client: FlaskClient, cast: Cast, person: Person, **query: Any) -> Any:
    answer = client.get(url(cast), query_string=query, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def codes(answer: Any) -> list[str]:
    return [item["store"]["code"] for item in answer["items"]]


def count_queries(call: Any) -> int:
    """How many SELECTs `call` makes."""
    made: list[str] = []
    execute = db.database.obj.execute_sql

    def counting(sql: str, *arguments: Any, **more: Any) -> Any:
        if sql.lstrip().upper().startswith("SELECT"):
            made.append(sql)
        return execute(sql, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.database.obj, "execute_sql", counting)
        call()
    return len(made)
