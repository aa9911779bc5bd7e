"""Play a month of the demo through real HTTP: shoppers go offline, record visits and photos, and
come back over a bad line; some days after a visit they answer its later part. Then wait until every
visit is scored."""

import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import requests
from rich.progress import Progress

from server import clock
from server.cli.demo.seed import Demo
from server.cli.demo.visits import Visitor, photo, quality
from server.cli.phone import Line, Phone, Row
from server.domain import checklist
from server.domain.checklist import Document, ItemType
from server.errors import Conflict

VISITS_EACH = 4
"""Visits to every store, each by another shopper."""

RIVALS = {"ownership": "competitor"}
_DAYS = 30
_BATCH = 3
_PHONES_AT_ONCE = 4
_SCORING_SECONDS = 300


@dataclass(slots=True)
class Played:
    """What happened: visits recorded, later parts of them, photos taken, and what the lines did to
    them; `whole` is the assignment of a visit whose later part came, None where there is none."""

    reports: int = 0
    parts: int = 0
    whole: str | None = None
    photos: int = 0
    sent: int = 0
    lost: int = 0
    doubled: int = 0


def play(demo: Demo, base_url: str, progress: Progress, *, seed: int = 7) -> Played:
    """The whole month; every visit is scored and counted once at the end, RuntimeError otherwise.
    Conflict where the brand no longer approves by itself."""
    manager = Manager(demo, base_url)
    if not manager.brand()["auto_approve"]:
        raise Conflict(
            "The demo's brand no longer approves by itself, so its visits would wait for a "
            "reviewer: set the brand's auto_approve again."
        )
    before, waiting = manager.counted(), manager.incomplete()
    # A second month is another one, and can be told again just the same.
    seed += before
    manager.plan_month(random.Random(seed))
    phones = [_phone(demo, account, base_url, seed) for account in _shoppers(demo)]
    task = progress.add_task("shoppers visit", total=VISITS_EACH * len(manager.stores()))
    played = Played()
    with ThreadPoolExecutor(_PHONES_AT_ONCE) as pool:
        months = [pool.submit(_month_of, phone, seed, progress, task) for phone in phones]
        for month in months:
            visited, photos = month.result()
            played.reports += len(visited)
            played.photos += photos
        later = [
            pool.submit(_later_of, phone, month.result()[0], seed)
            for phone, month in zip(phones, months, strict=True)
        ]
        _count_parts(played, [each.result() for each in later])
    for phone in phones:
        played.sent += phone.line.sent
        played.lost += phone.line.lost
        played.doubled += phone.line.doubled
    _wait_for_figures(manager, before + played.reports, progress)
    if played.parts:
        _wait_for_parts(manager, waiting + played.reports - played.parts)
    return played


def _count_parts(played: Played, whole: list[list[str]]) -> None:
    for firsts in whole:
        played.parts += len(firsts)
        played.whole = played.whole or next(iter(firsts), None)


class Manager:
    """The programme manager at a desk, on a good line."""

    def __init__(self, demo: Demo, base_url: str) -> None:
        self.demo = demo
        self.root = f"{base_url}/v1/brands/{demo['brand']}"
        self.session = requests.Session()
        account = next(a for a in demo["accounts"] if a["role"] == "programme_manager")
        form = {
            "grant_type": "password",
            "username": account["email"],
            "password": account["password"],
            "device_id": account["device_id"],
            "device_name": "Desk",
        }
        token = self._checked(self.session.post(f"{base_url}/v1/auth/token", data=form))
        self.session.headers["Authorization"] = f"Bearer {token['access_token']}"

    def brand(self) -> Row:
        """The demo's brand."""
        brand: Row = self._checked(self.session.get(self.root))
        return brand

    def stores(self) -> list[Row]:
        """All stores of the brand."""
        return self._all("/stores")

    def ranking(self) -> list[Row]:
        """The brand's ranking."""
        return self._all("/rankings")

    def promises(self) -> list[Row]:
        """The brand's promises."""
        return self._all("/promises")

    def counted(self) -> int:
        """How many visits count, the competitors' too."""
        heads = (self.asked("/rankings", limit=1, **of) for of in ({}, RIVALS))
        return sum(int(head["n_visits"]) for head in heads)

    def incomplete(self) -> int:
        """How many visits that count still wait for a part, the competitors' too."""
        return sum(int(self.asked("/figures", **of)["incomplete_visits"]) for of in ({}, RIVALS))

    def asked(self, path: str, **query: Any) -> Row:
        """What the brand is answered below its address."""
        answer: Row = self._checked(self.session.get(self.root + path, params=query))
        return answer

    def plan_month(self, dice: random.Random) -> None:
        """A wave that opened a month ago, every store to be visited by different shoppers."""
        now = clock.now()
        wave = {
            "name": f"Il mese fino al {now:%d/%m/%Y %H:%M}",
            "checklist_version_id": self.demo["checklist_version"],
            "opens_at": (now - timedelta(days=_DAYS)).isoformat(),
            "closes_at": (now + timedelta(days=7)).isoformat(),
        }
        wave_id = self._post("/waves", wave)["id"]
        shoppers = [account["account_id"] for account in _shoppers(self.demo)]
        items = [
            {"store_id": store["id"], "shopper_id": shopper}
            for store in self.stores()
            for shopper in dice.sample(shoppers, VISITS_EACH)
        ]
        self._post("/assignments", {"wave_id": wave_id, "items": items})

    def _all(self, path: str) -> list[Row]:
        rows: list[Row] = []
        cursor: str | None = None
        while True:
            page = self._checked(self.session.get(self.root + path, params={"cursor": cursor}))
            rows += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def _post(self, path: str, body: Row) -> Any:
        return self._checked(self.session.post(self.root + path, json=body))

    def _checked(self, response: requests.Response) -> Any:
        response.raise_for_status()
        return response.json()


def _shoppers(demo: Demo) -> list[dict[str, str]]:
    return [account for account in demo["accounts"] if account["role"] == "shopper"]


def _phone(demo: Demo, account: dict[str, str], base_url: str, seed: int) -> Phone:
    dice = random.Random(f"{seed} {account['email']} line")
    line = Line(base_url, lost_requests=0.06, lost_answers=0.1, duplicated=0.1, dice=dice)
    device = f"{account['device_id']}-month"
    return Phone(line, account["email"], account["password"], device)


def _month_of(phone: Phone, seed: int, progress: Progress, task: Any) -> tuple[list[str], int]:
    """One shopper's month: pull, then visits offline, a sync after every few of them; what was
    visited, and how many photos were taken."""
    phone.patiently(phone.log_in)
    phone.sync()
    dice, severity = _temper(phone, seed)
    mine = [row for row in phone.rows["assignments"].values() if _is_due(row)]
    days = sorted(dice.uniform(0, _DAYS - 1) for _ in mine)
    photos = 0
    for number, (assignment, day) in enumerate(zip(mine, days, strict=True), 1):
        began = clock.now() - timedelta(days=_DAYS - day)
        photos += _visit(phone, assignment, began, _visitor(phone, assignment, severity, dice))
        if number % _BATCH == 0 or number == len(mine):
            phone.sync()
        progress.advance(task)
    return [assignment["id"] for assignment in mine], photos


def _later_of(phone: Phone, visited: list[str], seed: int) -> list[str]:
    """Answer the later parts that are open by now, of the visits that have any; the first parts'
    assignments."""
    firsts = {key for key in visited if _has_later(phone, phone.rows["assignments"][key])}
    parts = _wait_on_phone(phone, firsts)
    now, (_, severity) = clock.now(), _temper(phone, seed)
    dice = random.Random(f"{seed} {phone.email} later")
    opened = [part for part in parts if part["opens_at"] < clock.to_ms(now)]
    for part in opened:
        opens_at = clock.from_ms(part["opens_at"])
        began = opens_at + dice.random() * min(now - opens_at, timedelta(days=2))
        _visit(phone, part, began, _visitor(phone, part, severity, dice))
    phone.sync()
    return [part["part_of"] for part in opened]


def _has_later(phone: Phone, assignment: Row) -> bool:
    document = orjson.loads(phone.rows["checklists"][assignment["checklist_id"]]["document"])
    return bool(document.get("later"))


def _wait_on_phone(phone: Phone, firsts: set[str]) -> list[Row]:
    """The later parts of these visits, a part each, once all of them have come."""
    deadline = time.monotonic() + _SCORING_SECONDS
    while time.monotonic() < deadline:
        parts = [row for row in phone.rows["assignments"].values() if row["part_of"] in firsts]
        if len(parts) == len(firsts):
            return parts
        time.sleep(0.3)
        phone.patiently(phone.pull)
    raise RuntimeError(f"after {_SCORING_SECONDS} s later parts of visits are missing")


def _temper(phone: Phone, seed: int) -> tuple[random.Random, float]:
    """The dice of a shopper's visits, and how severe they are."""
    dice = random.Random(f"{seed} {phone.email} visits")
    return dice, dice.gauss(0, 0.08)


def _is_due(assignment: Row) -> bool:
    """The month's own assignments: those that opened long ago and wait."""
    if assignment["part_of"] is not None:
        return False
    long_ago = clock.to_ms(clock.now() - timedelta(days=_DAYS - 1))
    return assignment["status"] in ("offered", "accepted") and assignment["opens_at"] < long_ago


def _visitor(phone: Phone, assignment: Row, severity: float, dice: random.Random) -> Visitor:
    code = phone.rows["stores"][assignment["store_id"]]["code"]
    return Visitor(quality(code), severity, dice)


def _visit(phone: Phone, assignment: Row, began: datetime, visitor: Visitor) -> int:
    """Record one visit offline; how many photos were taken."""
    document = _document(phone, assignment["checklist_id"])
    report_id = f"{assignment['id']}.{assignment['attempt']}"
    ended = began + timedelta(minutes=visitor.dice.randint(20, 55))
    if assignment["part_of"] is None:  # a later part is accepted with its visit
        said = {"id": assignment["id"], "response": "accepted", "responded_at": clock.to_ms(began)}
        phone.record("assignment_responses", said)
    answers = visitor.answers(document)
    pace = (ended - began) / len(answers)
    for at, (key, value) in enumerate(answers.items(), start=1):
        phone.record("answers", _answer(report_id, key, value, clock.to_ms(began + at * pace)))
    photos = list(_photos(phone, report_id, document, ended, visitor.dice))
    report = {
        "id": report_id,
        "assignment_id": assignment["id"],
        "attempt": assignment["attempt"],
        "checklist_id": assignment["checklist_id"],
        "started_at": clock.to_ms(began),
        "ended_at": clock.to_ms(ended),
        "summary": None,
        "answer_count": len(answers),
        "photo_count": len(photos),
        "submitted_at": clock.to_ms(ended),
        "updated_at": clock.to_ms(ended),
    }
    phone.record("reports", report)
    return len(photos)


def _document(phone: Phone, checklist_id: str) -> Document:
    """What is asked, without what tells of what comes later."""
    shown = orjson.loads(phone.rows["checklists"][checklist_id]["document"])
    shown.pop("later", None)
    return checklist.parse(shown)


def _answer(report_id: str, key: str, value: Any, at: int) -> Row:
    return {
        "id": f"{report_id}.{key}",
        "report_id": report_id,
        "item_key": key,
        "value": orjson.dumps(value).decode(),
        "note": None,
        "answered_at": at,
        "updated_at": at,
    }


def _photos(
    phone: Phone, report_id: str, document: Document, at: datetime, dice: random.Random
) -> Iterator[str]:
    for item in document.items():
        if item.type != ItemType.PHOTO:
            continue
        for _ in range(dice.randint(item.photos_min, 2)):
            photo_id = str(uuid.uuid4())
            row = {
                "id": photo_id,
                "report_id": report_id,
                "item_key": item.key,
                "content_type": "image/jpeg",
                "taken_at": clock.to_ms(at),
            }
            phone.photograph(row, photo(item.key, dice))
            yield photo_id


def _wait_for_figures(manager: Manager, expected: int, progress: Progress) -> None:
    task = progress.add_task("jobs score", total=expected)
    deadline = time.monotonic() + _SCORING_SECONDS
    while time.monotonic() < deadline:
        counted = manager.counted()
        progress.update(task, completed=counted)
        if counted > expected:
            raise RuntimeError(f"{counted} visits count, and only {expected} were made")
        if counted == expected:
            return
        time.sleep(0.3)
    raise RuntimeError(f"after {_SCORING_SECONDS} s only {counted} of {expected} visits count")


def _wait_for_parts(manager: Manager, expected: int) -> None:
    deadline = time.monotonic() + _SCORING_SECONDS
    while (waiting := manager.incomplete()) != expected:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{waiting} visits wait for a part, and {expected} should")
        time.sleep(0.3)
