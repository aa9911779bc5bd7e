"""A shopper's phone, simulated: a local database, work recorded offline, sync over real HTTP.

It speaks the protocol of docs/sync.md as the demo and the benches need it; the tests of the
protocol itself use real clients. A `Line` loses requests and answers, and sends some twice.
"""

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import requests

_TIMEOUT = 60
_PATIENCE = 50
_BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
PHONE_TABLES = ("assignment_responses", "reports", "answers", "photos", "touchpoint_proposals")
SERVER_TABLES = (
    "assignments",
    "stores",
    "checklists",
    "promises",
    "personas",
    "reviews",
    "notices",
)

Row = dict[str, Any]


class LineLost(Exception):
    """The request or its answer did not get through; the phone can't tell which."""


@dataclass(slots=True)
class Line:
    """A network line to `base_url`; the rates are chances from 0 to 1 for each request."""

    base_url: str
    lost_requests: float = 0
    lost_answers: float = 0
    duplicated: float = 0
    dice: random.Random = field(default_factory=random.Random)
    session: requests.Session = field(default_factory=requests.Session)
    sent: int = 0
    lost: int = 0
    doubled: int = 0

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request over the line. LineLost when either way failed."""
        self.sent += 1
        if self.dice.random() < self.lost_requests:
            self.lost += 1
            raise LineLost(f"{method} {path} never arrived")
        response = self._send(method, path, options)
        if self.dice.random() < self.duplicated:
            self.doubled += 1
            response = self._send(method, path, options)
        if self.dice.random() < self.lost_answers:
            self.lost += 1
            raise LineLost(f"the answer to {method} {path} never arrived")
        return response

    def _send(self, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        try:
            return self.session.request(method, self.base_url + path, timeout=_TIMEOUT, **options)
        except _BROKEN as error:
            self.lost += 1
            raise LineLost(str(error)) from error


@dataclass(slots=True)
class Phone:
    """One device of one shopper. `rows` is its local database: table → id → row; `unsent` its rows
    not yet acknowledged; `files` the photos' bytes by photo id, until the server has them."""

    line: Line
    email: str
    password: str
    device_id: str
    rows: dict[str, dict[str, Row]] = field(
        default_factory=lambda: {table: {} for table in SERVER_TABLES + PHONE_TABLES}
    )
    unsent: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    cursor: int | None = None
    push_no: int = 0
    access_token: str = ""
    refresh_token: str = ""
    rejected: list[tuple[str, str]] = field(default_factory=list)

    def record(self, table: str, row: Row) -> None:
        """Write a row offline; it goes out with the next push."""
        known = self.rows[table].get(row["id"], {})
        self.rows[table][row["id"]] = known | row
        state = self.unsent.get((table, row["id"]))
        self.unsent[table, row["id"]] = state or ("updated" if known else "created")

    def photograph(self, photo: Row, content: bytes) -> None:
        """Take a photo offline: its row, with size and hash filled in, and its bytes."""
        digest = hashlib.sha256(content).hexdigest()
        self.record("photos", photo | {"sha256": digest, "bytes": len(content)})
        self.files[photo["id"]] = content

    def sync(self) -> None:
        """Pull, push, send photos and pull again, until nothing is unsent. Lost requests and
        answers are tried again, as often as a patient person would."""
        for step in (self.pull, self.push, self.send_photos, self.pull):
            self.patiently(step)

    def pull(self) -> None:
        """Take what changed since the last pull. Unsent rows keep the phone's columns."""
        cursor = "null" if self.cursor is None else str(self.cursor)
        answer = self._call("GET", f"/v1/sync?last_pulled_at={cursor}&schema_version=1")
        for table, changes in answer["changes"].items():
            for row in (*changes["created"], *changes["updated"]):
                if (table, row["id"]) not in self.unsent:
                    self.rows[table][row["id"]] = row
            for gone in changes["deleted"]:
                self.rows[table].pop(gone, None)
        self.cursor = answer["timestamp"]

    def push(self) -> None:
        """Send every unsent row in one push; forget that they are unsent once it is answered."""
        if not self.unsent:
            return
        going = dict(self.unsent)
        self.push_no += 1
        answer = self._call(
            "POST",
            f"/v1/sync?last_pulled_at={self.cursor}",
            data=orjson.dumps(self._changes(going)),
            headers={"Content-Type": "application/json", "X-Push-No": str(self.push_no)},
        )
        for table, ids in answer.get("experimentalRejectedIds", {}).items():
            self.rejected += [(table, row_id) for row_id in ids]
        for key in going:
            self.unsent.pop(key, None)

    def send_photos(self) -> None:
        """Send the bytes of each photo; keep a file until the server has said that it stored it."""
        for photo_id, content in list(self.files.items()):
            digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
            kind = self.rows["photos"][photo_id].get("content_type", "image/jpeg")
            self._call(
                "PUT",
                f"/v1/photos/{photo_id}/content",
                data=content,
                headers={"Content-Type": kind, "Repr-Digest": f"sha-256=:{digest}:"},
            )
            del self.files[photo_id]

    def patiently(self, step: Callable[[], None]) -> None:
        """Do one step of a sync, again and again while the line or the server fails it."""
        for attempt in range(_PATIENCE):
            try:
                step()
            except LineLost:
                if attempt == _PATIENCE - 1:
                    raise
            except requests.HTTPError as error:
                if error.response.status_code < requests.codes.server_error:
                    raise
                if attempt == _PATIENCE - 1:
                    raise
            else:
                return

    def log_in(self) -> None:
        """Password grant for this device."""
        form = {
            "grant_type": "password",
            "username": self.email,
            "password": self.password,
            "device_id": self.device_id,
            "device_name": "Simulated phone",
        }
        self._take_tokens(form)

    def _take_tokens(self, form: Row) -> None:
        response = self.line.request("POST", "/v1/auth/token", data=form)
        response.raise_for_status()
        tokens = response.json()
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def _renew(self) -> None:
        if not self.refresh_token:
            self.log_in()
        else:
            self._take_tokens({"grant_type": "refresh_token", "refresh_token": self.refresh_token})

    def _call(self, method: str, path: str, *, headers: Row | None = None, **options: Any) -> Any:
        for _ in range(2):
            token = {"Authorization": f"Bearer {self.access_token}"}
            response = self.line.request(method, path, headers=token | (headers or {}), **options)
            if response.status_code != requests.codes.unauthorized:
                break
            self._renew()
        if response.status_code == requests.codes.conflict and method == "POST":
            self.push_no = max(self.push_no, response.json().get("push_no", 0))
            self.pull()
            raise LineLost("the server asks to pull first")
        response.raise_for_status()
        return orjson.loads(response.content)

    def _changes(self, going: dict[tuple[str, str], str]) -> Row:
        changes: Row = {}
        for (table, row_id), state in going.items():
            lists = changes.setdefault(table, {"created": [], "updated": [], "deleted": []})
            row = self.rows[table][row_id]
            lists[state].append({key: row[key] for key in row if key != "state"})
        return changes
