"""The replay's programme, set up over REST by an administrator, and read back over REST."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

import requests

from bench.inspections import Replay
from bench.stack import Stack
from server.cli.phone import Line, Phone

EMAIL = "admin@replay.example"
PASSWORD = "a password for the replay"
_AT_ONCE = 1000


@dataclass(slots=True)
class Programme:
    """What was set up; `assignments` is the id by inspection, `shoppers` the account by name."""

    base_url: str
    brand: str
    session: requests.Session
    checklist_id: str = ""
    assignments: dict[str, str] = field(default_factory=dict)
    shoppers: dict[str, str] = field(default_factory=dict)

    def phone(self, inspector: str) -> Phone:
        """The inspector's phone, logged in, with its first pull done."""
        phone = Phone(Line(self.base_url), _email(inspector), PASSWORD, f"phone-{inspector}")
        phone.patiently(phone.log_in)
        phone.patiently(phone.pull)
        return phone

    def ranking(self) -> list[dict[str, Any]]:
        """All pages of the ranking."""
        return self.pages("/rankings")

    def counted(self) -> int:
        """How many visits the ranking counts now."""
        return int(self._get("/rankings", {"limit": 1})["n_visits"])

    def reports(self) -> list[str]:
        """The ids of all reports."""
        return [report["id"] for report in self.pages("/reports")]

    def pages(self, path: str) -> list[dict[str, Any]]:
        """All rows of a list."""
        rows: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self._get(path, {"limit": 500} | ({"cursor": cursor} if cursor else {}))
            rows += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def make(self, path: str, body: Any, **options: Any) -> Any:
        """POST, and the answer."""
        return self._checked(self.session.post(self._url(path), json=body, **options))

    def _get(self, path: str, query: dict[str, Any]) -> Any:
        for attempt in range(20):
            try:
                return self._checked(self.session.get(self._url(path), params=query))
            except (requests.ConnectionError, requests.HTTPError):
                if attempt == 19:
                    raise
                self.log_in()
        return None

    def log_in(self) -> None:
        """Get a token as the administrator; again whenever one has expired."""
        form = {
            "grant_type": "password",
            "username": EMAIL,
            "password": PASSWORD,
            "device_id": "desk",
            "device_name": "Desk",
        }
        token = self._checked(self.session.post(f"{self.base_url}/v1/auth/token", data=form))
        self.session.headers["Authorization"] = f"Bearer {token['access_token']}"

    def _url(self, path: str) -> str:
        return f"{self.base_url}/v1/brands/{self.brand}{path}"

    def _checked(self, response: requests.Response) -> Any:
        if not response.ok:
            raise requests.HTTPError(response.text[:1000], response=response)
        return response.json()


def set_up(stack: Stack, replay: Replay) -> Programme:
    """Brand by command; stores by import, all else by REST."""
    stack.command("user", "create", EMAIL, "--name", "Admin", "--password-stdin", text=PASSWORD)
    made = stack.command("brand", "create", "Replay", "--admin", EMAIL, "--auto-approve")
    programme = Programme(stack.base_url, made.split()[0], requests.Session())
    programme.log_in()
    _checklist(programme, replay)
    stores = _stores(programme, replay)
    for inspector in replay.inspectors:
        body = {
            "email": _email(inspector),
            "name": inspector,
            "password": PASSWORD,
            "role": "shopper",
        }
        programme.shoppers[inspector] = programme.make("/members", body)["account_id"]
    _assignments(programme, replay, stores)
    return programme


def _checklist(programme: Programme, replay: Replay) -> None:
    promise = {
        "kind": "explicit",
        "adjective": "safe",
        "statement": "What we serve is safe.",
        "target": 95,
    }
    promise_id = programme.make("/promises", promise)["id"]
    place = {"name": "Kitchen", "stage": "use", "channel": "store"}
    touchpoint_id = programme.make("/touchpoints", place)["id"]
    items = [
        {
            "key": key,
            "type": "yes_no",
            "prompt": {"en": text[:400]},
            "required": True,
            "anchors": {"yes": {"en": "Not cited."}, "no": {"en": "Cited."}},
            "touchpoint": touchpoint_id,
            "promises": [{"promise": promise_id, "weight": 1}],
        }
        for key, text in replay.items.items()
    ]
    section = {"key": "code", "title": {"en": "The food code"}, "items": items}
    draft = {"title": {"en": "Inspection"}, "sections": [section]}
    checklist = programme.make("/checklists", {"title": "Inspection", "draft": draft})
    path = f"/checklists/{checklist['id']}/versions"
    etag = {"If-Match": f'"{checklist["version"]}"'}
    programme.checklist_id = programme.make(path, None, headers=etag)["id"]


def _stores(programme: Programme, replay: Replay) -> dict[str, str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("code", "name", "address"))
    for outlet in replay.outlets.values():
        writer.writerow((outlet.code, outlet.name, outlet.address))
    answer = programme.session.post(
        f"{programme.base_url}/v1/brands/{programme.brand}/store-imports",
        data=text.getvalue().encode(),
        headers={"Content-Type": "text/csv"},
    )
    if answer.json().get("refused"):
        raise RuntimeError(f"outlets were refused: {answer.text[:500]}")
    return {store["code"]: store["id"] for store in programme.pages("/stores")}


def _assignments(programme: Programme, replay: Replay, stores: dict[str, str]) -> None:
    wave = {
        "name": "Replay",
        "checklist_version_id": programme.checklist_id,
        "opens_at": "2011-01-01T00:00:00+00:00",
        "closes_at": "2099-01-01T00:00:00+00:00",
    }
    wave_id = programme.make("/waves", wave)["id"]
    for first in range(0, len(replay.inspections), _AT_ONCE):
        some = replay.inspections[first : first + _AT_ONCE]
        items = [
            {
                "store_id": stores[inspection.outlet],
                "shopper_id": programme.shoppers[inspection.inspector],
            }
            for inspection in some
        ]
        body = {"wave_id": wave_id, "items": items, "accepted": True}
        made = programme.make("/assignments", body)["items"]
        for inspection, assignment in zip(some, made, strict=True):
            programme.assignments[inspection.id] = assignment["id"]


def _email(inspector: str) -> str:
    return f"{inspector.lower()}@replay.example"
