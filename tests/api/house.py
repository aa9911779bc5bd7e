"""Three stores of which all figures can be told, and asking for them."""

from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from server import clock
from server.models import ChecklistVersion, Store
from server.services import editing, scores
from tests import factories, programme
from tests.cast import Cast, Person
from tests.programme import Programme

APRIL = datetime(2026, 4, 10, 15, tzinfo=UTC)


class House:
    """Two stores in the north and one franchise in the south, with a checklist that has it all:
    the welcome (critical, two promises), the till, an extra, the recommend question, a text."""

    def __init__(self, cast: Cast) -> None:
        brand_id = cast.brand.id
        self.spring = Programme(cast.brand)
        self.north = programme.region(brand_id, "North")
        self.south = programme.region(brand_id, "South")
        self.stores = [
            programme.store(brand_id, "MI", region_id=self.north.id),
            programme.store(brand_id, "TO", region_id=self.north.id),
            programme.store(brand_id, "RM", region_id=self.south.id, ownership="franchise"),
        ]
        self.welcome = factories.touchpoint(brand_id, name="The welcome")
        self.till = factories.touchpoint(brand_id, name="The till", stage="help")
        self.window = factories.touchpoint(brand_id, name="The window", stage="discover")
        warm = [self.spring.promise.id]
        self.clear = factories.promise(brand_id, adjective="clear", target=70.0, depends_on=warm)
        self.spring.version = self._version(brand_id)

    def _version(self, brand_id: str) -> ChecklistVersion:
        warm, clear = self.spring.promise.id, self.clear.id
        items = [
            self._item("greeted", self.welcome, [warm, clear], weight=3, critical={"cap": 90}),
            self._item("fast", self.till, [clear], tags={"force": "control"}),
            {"key": "gift", "type": "yes_no", "prompt": {"en": "A gift?"}, "bonus": 2},
            {"key": "tell", "type": "nps", "prompt": {"en": "Recommend?"}, "weight": 0},
            {"key": "words", "type": "text", "prompt": {"en": "In your words?"}},
        ]  # fmt: skip
        copies = {
            one.id: {"name": one.name, "stage": one.stage, "channel": one.channel}
            for one in (self.welcome, self.till)
        }
        section = {"key": "all", "title": {"en": "All"}, "items": items}
        return editing.create(
            ChecklistVersion,
            brand_id,
            checklist_id=clock.new_id(),
            number=1,
            title="Visit",
            locales=["en"],
            document={
                "title": {"en": "Visit"},
                "sections": [section],
                "touchpoints": copies,
                "promises": {
                    one.id: {"target": one.target, "depends_on": one.depends_on}
                    for one in (self.spring.promise, self.clear)
                },
            },
            published_at=clock.now(),
        )

    def _item(self, key: str, touchpoint: Any, links: list[str], **values: Any) -> dict[str, Any]:
        promises = [{"promise": promise} for promise in links]
        base = {"key": key, "type": "yes_no", "prompt": {"en": f"{key}?"}}
        return base | {"touchpoint": touchpoint.id, "promises": promises} | values

    def visit(self, store: Store, answers: dict[str, Any], **values: Any) -> None:
        scores.count(self.spring.revision(store, answers, **values).id)


def visited(cast: Cast) -> House:
    """With six visits, in two months."""
    made = House(cast)
    milan, turin, rome = made.stores
    good = {"greeted": True, "fast": True, "gift": True, "tell": 10}
    slow = {"greeted": True, "fast": False, "gift": False, "tell": 7, "words": "A long queue."}
    bad = {"greeted": False, "fast": True, "gift": False, "tell": 2}
    made.visit(milan, good, shopper_id="a")
    made.visit(milan, slow, shopper_id="b", day=APRIL)
    made.visit(turin, good, shopper_id="b")
    made.visit(turin, slow, shopper_id="a")
    made.visit(rome, bad, shopper_id="a")
    made.visit(rome, bad | {"fast": False}, shopper_id="b", day=APRIL)
    return made


def get(client: FlaskClient, cast: Cast, path: str, who: Person | None = None, **query: Any) -> Any:
    url = f"/v1/brands/{cast.brand.id}/{path}"
    answer = client.get(url, query_string=query, headers=(who or cast.alice).headers)
    assert answer.status_code == 200, answer.json
    return answer.json
