"""The rows of the sync protocol: its tables and columns, and reading what a phone pushed.

A body that is not the protocol's shape is a MalformedRequest. Everything else is read: a column
of a wrong type is kept as far as that goes, and comes with a complaint that becomes a notice.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from server.domain import mending
from server.domain.checklist import KEY_PATTERN
from server.errors import MalformedRequest

LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

_LARGEST_COUNT = 2**31 - 1
_ROW_ID = re.compile(r"[A-Za-z0-9_.:-]{1,160}")
_REPORT_ID = re.compile(r"([A-Za-z0-9_-]{1,64})\.([1-9][0-9]{0,3})")
_ANSWER_ID = re.compile(rf"((?:[A-Za-z0-9_-]{{1,64}})\.(?:[1-9][0-9]{{0,3}}))\.({KEY_PATTERN})")
_MOST_SHOWN = 200

WRONG_TYPE = "wrong-type"
TEXT_MENDED = "text-mended"

Read = tuple[Any, str | None]
"""A column's value as it is kept, and the code of a complaint."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something about a column that its shopper should hear of; `shown` is what was sent."""

    column: str
    code: str
    shown: str


@dataclass(frozen=True, slots=True)
class Row:
    """A pushed row: `values` of its known columns that were sent, without id and updated_at."""

    id: str
    values: dict[str, Any]
    updated_at: int | None
    complaints: tuple[Complaint, ...] = ()


@dataclass(slots=True)
class Changes:
    """What was pushed of one table; created and updated are the same to an upsert."""

    rows: list[Row] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def _text(value: Any) -> Read:
    if isinstance(value, str):
        plain, mended = mending.text(value)
        return plain, TEXT_MENDED if mended else None
    return _shown(value), WRONG_TYPE


def _upto(most: int) -> Callable[[Any], Read]:
    def short(value: Any) -> Read:
        plain, complaint = _text(value)
        return (plain, complaint) if len(plain) <= most else (None, WRONG_TYPE)

    return short


def _json(value: Any) -> Read:
    if isinstance(value, str):
        plain, mended = mending.json_text(value)
        return plain, TEXT_MENDED if mended else None
    return _shown(value), WRONG_TYPE


def _number(value: Any) -> Read:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), None
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        number = math.nan
    return number if math.isfinite(number) else None, WRONG_TYPE


def _within(most: int) -> Callable[[Any], Read]:
    def whole(value: Any) -> Read:
        number, complaint = _number(value)
        if number is None or not 0 <= number <= most:
            return None, WRONG_TYPE
        return int(number), complaint

    return whole


_moment = _within(LATEST_MS)
_id = _upto(160)
_count = _within(_LARGEST_COUNT)

PUSHED: Mapping[str, Mapping[str, Callable[[Any], Read]]] = {
    "assignment_responses": {"response": _text, "reason": _text, "responded_at": _moment},
    "reports": {
        "checklist_id": _id,
        "revision": _count,
        "started_at": _moment,
        "ended_at": _moment,
        "latitude": _number,
        "longitude": _number,
        "accuracy_m": _number,
        "summary": _text,
        "answer_count": _count,
        "photo_count": _count,
        "submitted_at": _moment,
    },
    "answers": {"value": _json, "note": _text, "answered_at": _moment},
    "photos": {
        "report_id": _id,
        "item_key": _id,
        "sha256": _upto(64),
        "bytes": _count,
        "content_type": _text,
        "taken_at": _moment,
        "latitude": _number,
        "longitude": _number,
    },
    "touchpoint_proposals": {
        "assignment_id": _id,
        "title": _text,
        "description": _text,
        "stage": _text,
        "channel": _text,
        "proposed_at": _moment,
    },
    "messages": {"report_id": _id, "text": _text, "sent_at": _moment},
}
"""The tables and columns that phones write. Ids, and what follows from them, are not listed."""

SERVED = ("assignments", "stores", "checklists", "promises", "personas", "reviews", "notices")
"""The tables that the server writes."""

TABLES = (*SERVED, *PUSHED)


def read(body: Any) -> dict[str, Changes]:
    """The changes of each table that phones write. Tables of the server's and unknown ones are
    ignored, and so are unknown columns. MalformedRequest."""
    if not isinstance(body, dict):
        raise _shapeless("The body", "an object of tables")
    return {table: _changes(table, body.get(table)) for table in PUSHED}


def report_parts(report_id: str) -> tuple[str, int] | None:
    """(assignment id, attempt) of a report's derived id; None if it is not one."""
    match = _REPORT_ID.fullmatch(report_id)
    return (match[1], int(match[2])) if match else None


def answer_parts(answer_id: str) -> tuple[str, str] | None:
    """(report id, item key) of an answer's derived id; None if it is not one."""
    match = _ANSWER_ID.fullmatch(answer_id)
    return (match[1], match[2]) if match else None


def good_id(row_id: str) -> bool:
    """Whether a phone may choose this as a row's id."""
    return _ROW_ID.fullmatch(row_id) is not None


def _changes(table: str, sent: Any) -> Changes:
    if sent is None:
        return Changes()
    if not isinstance(sent, dict):
        raise _shapeless(f"{table!r}", "an object of created, updated and deleted")
    rows = _listed(table, sent, "created") + _listed(table, sent, "updated")
    deleted = _listed(table, sent, "deleted")
    if not all(isinstance(row_id, str) for row_id in deleted):
        raise _shapeless(f"{table!r}.deleted", "a list of ids")
    return Changes([_row(table, row) for row in rows], deleted)


def _listed(table: str, sent: dict[str, Any], kind: str) -> list[Any]:
    rows = sent.get(kind)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise _shapeless(f"{table!r}.{kind}", "a list")
    return rows


def _row(table: str, sent: Any) -> Row:
    if not isinstance(sent, dict) or not isinstance(sent.get("id"), str):
        raise _shapeless(f"Every row of {table!r}", "an object with a text as its id")
    values: dict[str, Any] = {}
    complaints: list[Complaint] = []
    for column, reader in PUSHED[table].items():
        if column not in sent:
            continue
        value, complaint = (None, None) if sent[column] is None else reader(sent[column])
        values[column] = value
        if complaint:
            complaints.append(Complaint(column, complaint, _shown(sent[column])[:_MOST_SHOWN]))
    return Row(sent["id"], values, _moment(sent.get("updated_at"))[0], tuple(complaints))


def _shown(value: Any) -> str:
    try:
        return mending.text(orjson.dumps(value).decode())[0]
    except orjson.JSONEncodeError:
        return "…"  # nested deeper than can be written


def _shapeless(what: str, expected: str) -> MalformedRequest:
    return MalformedRequest(f"{what} must be {expected}, as docs/sync.md says.")
