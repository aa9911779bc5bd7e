"""A programme whose visits come in parts, a shopper's phone that makes them, and what they come
to."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from jobs import drain, registry
from server import clock
from server.models import Assignment, ScoreSum, Store, VisitScore, Wave
from server.services import checklists, sums
from tests import factories
from tests.cast import Cast
from tests.phone import Phone, answer, report

TEXTS = {"it": "Testo", "en": "Text"}
BOUGHT = {"item": "bought", "op": "is", "value": True}
AFTER_3 = {"days": 3, "due_days": 7}
AFTER_30 = {"days": 30, "due_days": 10}
DAY_MS = 86_400_000
INCOMPLETE = {"coverage": 250, "thin": 1, "incomplete": 1}
COMPLETE = {"coverage": 1000, "thin": 0, "incomplete": 0}


class Programme:
    """A published checklist: what is asked at once, how it is used after three days if it was
    bought, and how help was after thirty; with a wave, and Sonia's phone."""

    def __init__(self, client: FlaskClient, cast: Cast) -> None:
        self.client, self.cast = client, cast
        self.hands = cast.alice.headers
        self.url = f"/v1/brands/{cast.brand.id}"
        placed = {
            "prompt": TEXTS,
            "touchpoint": factories.touchpoint(cast.brand.id).id,
            "promises": [{"promise": factories.promise(cast.brand.id).id}],
            "anchors": {"yes": TEXTS, "no": TEXTS},
            "type": "yes_no",
            "required": True,
        }
        asked = [{"key": key} | placed for key in ("bought", "works", "fits", "helped")]
        asked.append({"key": "words", "type": "text", "prompt": TEXTS})
        draft = {
            "title": TEXTS,
            "sections": [
                _section("buy", [asked[0], asked[4]]),
                _section("use", asked[1:3], delay=AFTER_3, when=[BOUGHT]),
                _section("help", asked[3:4], delay=AFTER_30),
            ],
        }
        self.version = self._published(draft)
        self.use, self.help = self.version["parts"]
        now = clock.now()
        window = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=30)}
        self.wave: Wave = factories.wave(cast.brand.id, self.version["id"], **window)
        self.store: Store = factories.store(cast.brand.id)
        self.phone = Phone(client, cast.sonia)
        self.first = self.offered()

    def _published(self, draft: dict[str, Any]) -> Any:
        path = f"{self.url}/checklists"
        body = {"title": "Visit", "draft": draft}
        made = self.client.post(path, json=body, headers=self.hands).json
        if_match = self.hands | {"If-Match": '"1"'}
        answer = self.client.post(f"{path}/{made['id']}/versions", headers=if_match)
        assert answer.status_code == 201, answer.json
        again = self.client.get(f"{path}/{made['id']}/versions/1", headers=self.hands)
        assert again.json == answer.json
        listed = self.client.get(f"{path}/{made['id']}/versions", headers=self.hands)
        assert [one["id"] for one in listed.json["items"]] == [answer.json["id"]]
        return answer.json

    def offered(self) -> str:
        """Sonia's accepted assignment of a first part, by its id."""
        item = {"store_id": self.store.id, "shopper_id": self.cast.sonia.account_id, "fee": 2500}
        items = [item | {"currency": "EUR", "scenario": "A gift."}]
        body = {"wave_id": self.wave.id, "items": items, "accepted": True}
        made = self.client.post(f"{self.url}/assignments", json=body, headers=self.hands)
        assert made.status_code == 201, made.json
        return str(made.json["items"][0]["id"])

    def submit(self, assignment_id: str, summary: str | None = None, **answers: Any) -> str:
        """Push the next revision of a whole report, and what follows from it; the report's id."""
        self.phone.pull()
        now = clock.to_ms(clock.now())
        columns = {"answer_count": len(answers), "submitted_at": now, "updated_at": now}
        head = report(assignment_id, started_at=now - 1000, summary=summary, **columns)
        answered = [
            answer(assignment_id, key, value, updated_at=now) for key, value in answers.items()
        ]
        assert self.phone.push({"reports": [head], "answers": answered}) == {}
        handle()
        self.phone.pull()
        return f"{assignment_id}.1"

    def say(self, report_id: str, verb: str, number: int = 1) -> None:
        """A reviewer's word, and what follows from it."""
        path = f"{self.url}/reports/{report_id}/revisions/{number}/{verb}"
        said = self.client.post(path, json={"message": "So."}, headers=self.cast.bob.headers)
        assert said.status_code == 201, said.json
        handle()

    def done(self, assignment_id: str, **answers: Any) -> str:
        """Submit, and approve."""
        report_id = self.submit(assignment_id, **answers)
        self.say(report_id, "approval")
        return report_id

    def part(self, version: Any) -> Assignment:
        """The assignment of a later part."""
        made: Assignment = Assignment.get(
            Assignment.part_of == self.first, Assignment.checklist_version_id == version["id"]
        )
        return made

    def figures(self) -> Any:
        """The store's page of figures."""
        path = f"{self.url}/stores/{self.store.id}/figures"
        return self.client.get(path, headers=self.hands).json


def _section(key: str, items: list[Any], **values: Any) -> dict[str, Any]:
    return {"key": key, "title": TEXTS, "items": items} | values


def handle() -> None:
    """Handle all events, and what follows from them, but for the rankings."""
    kinds = [kind for kind in registry.HANDLERS if not kind.startswith("figures.")]
    while sum(drain.drain(kind) for kind in kinds):
        pass


def parts_of(first: str) -> dict[str, str]:
    """Statuses of the later parts, by the key of their first section."""
    rows = Assignment.select().where(Assignment.part_of == first)
    return {
        checklists.version(row.checklist_version_id).document["sections"][0]["key"]: row.status
        for row in rows
    }


def counted() -> list[tuple[str, int, dict[str, int], list[str] | None]]:
    """The visits that count, in points, by which measures and of which later parts; the sums are
    those of the ledger."""
    rows = VisitScore.select().where(VisitScore.counted)
    for row in rows:
        assert list(sums.verify(row.brand_id)) == []
    return [(row.report_id, row.measures["visit"] // 1000, row.tallies, row.joined) for row in rows]


def visits() -> tuple[int, int]:
    """n and Σy of the cube, of all visits."""
    told = [row.sums[""] for row in ScoreSum.select().where(ScoreSum.dimension == "visit")]
    return sum(one[0] for one in told), sum(one[1] for one in told)
