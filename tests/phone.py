"""A shopper's phone in tests: rows as an app sends them, pulls and pushes over HTTP."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.cast import Person

AT = 1_790_000_000_000
"""Some phone's clock, milliseconds UTC."""

NUMBERS = itertools.count(1)
"""X-Push-No of all pushes of tests: it rises with every one."""

Rows = dict[str, list[dict[str, Any]]]


def report(assignment_id: str, *, attempt: int = 1, **columns: Any) -> dict[str, Any]:
    """A report's row, a draft unless `submitted_at` is given."""
    return {
        "id": f"{assignment_id}.{attempt}",
        "assignment_id": assignment_id,
        "attempt": attempt,
        "checklist_id": None,
        "revision": None,
        "started_at": AT,
        "ended_at": None,
        "latitude": None,
        "longitude": None,
        "accuracy_m": None,
        "summary": None,
        "answer_count": None,
        "photo_count": None,
        "submitted_at": None,
        "updated_at": AT,
        "_status": "created",
        "_changed": "",
    } | columns


def answer(assignment_id: str, key: str, value: Any, **columns: Any) -> dict[str, Any]:
    """An answer's row; `value` is written as JSON text."""
    return {
        "id": f"{assignment_id}.1.{key}",
        "report_id": f"{assignment_id}.1",
        "item_key": key,
        "value": orjson.dumps(value).decode(),
        "note": None,
        "answered_at": AT,
        "updated_at": AT,
        "_status": "created",
        "_changed": "",
    } | columns


def photo(photo_id: str, assignment_id: str, key: str = "shelf", **columns: Any) -> dict[str, Any]:
    """A photo's row."""
    return {
        "id": photo_id,
        "report_id": f"{assignment_id}.1",
        "item_key": key,
        "sha256": "ab" * 32,
        "bytes": 1000,
        "content_type": "image/jpeg",
        "taken_at": AT,
        "latitude": None,
        "longitude": None,
        "state": "declared",
    } | columns


def visit(assignment_id: str, **columns: Any) -> Rows:
    """A whole submitted visit with the answers that `tests.factories.ITEMS` requires."""
    counts = {"answer_count": 2, "photo_count": 0, "submitted_at": AT + 1000}
    return {
        "reports": [report(assignment_id, **(counts | columns))],
        "answers": [answer(assignment_id, "greeting", True), answer(assignment_id, "wait", 4)],
    }


@dataclass(slots=True)
class Phone:
    """One local database of a person. It keeps the cursor of its last pull."""

    client: FlaskClient
    person: Person
    cursor: int | None = None
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def pull(self, **query: Any) -> dict[str, Any]:
        """The changes of a pull, applied to `rows`."""
        sent = {"last_pulled_at": "null" if self.cursor is None else self.cursor, **query}
        answer = self.client.get("/v1/sync", query_string=sent, headers=self.person.headers)
        assert answer.status_code == 200, answer.text
        self.cursor = answer.json["timestamp"]
        for table, changes in answer.json["changes"].items():
            assert changes["created"] == []
            held = self.rows.setdefault(table, {})
            held.update({row["id"]: row for row in changes["updated"]})
            for row_id in changes["deleted"]:
                held.pop(row_id, None)
        return answer.json["changes"]

    def send(self, body: bytes | str, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to a push of any body, without a Content-Type, as WatermelonDB's manual."""
        query = {} if self.cursor is None else {"last_pulled_at": self.cursor}
        return self.client.post(
            "/v1/sync",
            query_string=query,
            data=body,
            headers=self.person.headers | (headers or {}),
        )

    def push(
        self, rows: Rows, deleted: dict[str, list[str]] | None = None, **headers: str
    ) -> dict[str, list[str]]:
        """The rejected ids of a push that is taken in."""
        tables = {*rows, *(deleted or {})}
        body = {
            table: {
                "created": rows.get(table, []),
                "updated": [],
                "deleted": (deleted or {}).get(table, []),
            }
            for table in tables
        }
        answer = self.send(orjson.dumps(body), {"X-Push-No": str(next(NUMBERS))} | headers)
        assert answer.status_code == 200, answer.text
        rejected: dict[str, list[str]] = answer.json["experimentalRejectedIds"]
        return rejected

    def notices(self) -> set[tuple[str, str]]:
        """(record, code) of all notices after a pull."""
        self.pull()
        return {(row["record"], row["code"]) for row in self.rows["notices"].values()}
