"""Rows of the database as rows of the sync protocol: texts, numbers and booleans only, times in
milliseconds UTC, anything nested as JSON text (docs/sync.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import peewee

from server import clock
from server.db import Table
from server.domain import merging, parts
from server.models import (
    Assignment,
    AssignmentResponse,
    ChecklistVersion,
    Message,
    Notice,
    Persona,
    Photo,
    Promise,
    Report,
    Review,
    Store,
    SyncChange,
    TouchpointProposal,
    Wave,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows of a feed: those changed after `since`. From 0, what belongs to assignments
    closed before `oldest` is left out."""

    shopper_id: str
    since: int
    oldest: datetime


def reports(for_reports: Scope, for_answers: Scope) -> dict[str, list[Row]]:
    """The rows of reports and answers, in one query: the feed names the report, and its document
    knows which of its rows changed."""
    first = min(for_reports, for_answers, key=lambda scope: scope.since)
    rows: dict[str, list[Row]] = {"reports": [], "answers": []}
    for report in _changed(Report, "reports", first, Report.assignment_id):
        document = report.document
        if merging.seq_of(document) > for_reports.since or for_reports.since == 0:
            rows["reports"].append(_report(report))
        for key in document["answers"]:
            if merging.seq_of(document, key) > for_answers.since:
                rows["answers"].append(_answer(report, key))
    return rows


def _changed(
    table: type[Table], wire_table: str, scope: Scope, assignment_id: Any = None, *joined: Any
) -> Any:
    """The feed's rows of a table. `assignment_id` is the column by which they age, if any."""
    key: Any = table.id  # type: ignore[attr-defined]
    query: Any = (
        table.select(table, *joined)
        .join(SyncChange, on=(SyncChange.row_id == key))
        .where(
            SyncChange.shopper_id == scope.shopper_id,
            SyncChange.table == wire_table,
            SyncChange.seq > scope.since,
            ~SyncChange.deleted,
        )
        .order_by(key)
    )
    if scope.since == 0 and assignment_id is not None:
        query = query.where(assignment_id.in_(_kept(scope, Assignment.id)))
    return query


def _kept(scope: Scope, column: Any) -> Any:
    """A subquery of a column of the shopper's assignments that are open or closed of late."""
    recent = Assignment.closed_at.is_null() | (Assignment.closed_at > scope.oldest)
    return Assignment.select(column).where(Assignment.shopper_id == scope.shopper_id, recent)


def _of_reports(table: type[Table], wire_table: str, scope: Scope) -> Any:
    """Rows that age with their report's assignment; those without a report yet are young."""
    rows = _changed(table, wire_table, scope)
    if scope.since:
        return rows
    old = Report.select(Report.id).where(
        Report.shopper_id == scope.shopper_id,
        Report.assignment_id.not_in(_kept(scope, Assignment.id)),
    )
    return rows.where(table.report_id.not_in(old))  # type: ignore[attr-defined]


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else clock.to_ms(moment)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _assignments(scope: Scope) -> list[Row]:
    query = _changed(Assignment, "assignments", scope, Assignment.id, Wave.name.alias("campaign"))
    query = query.join_from(
        Assignment, Wave, peewee.JOIN.LEFT_OUTER, on=(Wave.id == Assignment.wave_id)
    ).objects()
    return [
        {
            "id": row.id,
            "brand_id": row.brand_id,
            "store_id": row.store_id,
            "checklist_id": row.checklist_version_id,
            "campaign": row.campaign,
            "attempt": row.attempt,
            "part_of": row.part_of,
            "status": row.status,
            "scenario": row.scenario,
            "persona_id": row.persona_id,
            "opens_at": _ms(row.opens_at),
            "closes_at": _ms(row.closes_at),
            "fee": row.fee,
            "currency": row.currency,
        }
        for row in query
    ]


_STORE = (
    "id",
    "code",
    "name",
    "address",
    "city",
    "country",
    "latitude",
    "longitude",
    "timezone",
    "format",
    "ownership",
)


def _stores(scope: Scope) -> list[Row]:
    query = _changed(Store, "stores", scope)
    if scope.since == 0:
        query = query.where(Store.id.in_(_kept(scope, Assignment.store_id)))
    return [{name: getattr(row, name) for name in _STORE} for row in query]


def _checklists(scope: Scope) -> list[Row]:
    query = _changed(ChecklistVersion, "checklists", scope)
    if scope.since == 0:
        query = query.where(ChecklistVersion.id.in_(_kept(scope, Assignment.checklist_version_id)))
    return [
        {
            "id": row.id,
            "title": row.title,
            "version": row.number,
            "locales": _text(row.locales),
            "document": _text(parts.shown_at_once(row.document)),
            "closing_at": _ms(row.closing_at),
        }
        for row in query
    ]


def _promises(scope: Scope) -> list[Row]:
    return [
        {
            "id": row.id,
            "brand_id": row.brand_id,
            "name": row.adjective,
            "statement": row.statement,
            "kind": row.kind,
            "translations": _text(row.translations),
        }
        for row in _changed(Promise, "promises", scope)
    ]


_PERSONA = (
    "id",
    "brand_id",
    "name",
    "behaviour",
    "functional_needs",
    "relational_needs",
    "ambitions",
    "history",
    "technology",
    "paths",
)


def _personas(scope: Scope) -> list[Row]:
    query = _changed(Persona, "personas", scope)
    if scope.since == 0:
        query = query.where(Persona.id.in_(_kept(scope, Assignment.persona_id)))
    nested = ("translations", "traits")
    return [
        {name: getattr(row, name) for name in _PERSONA}
        | {name: _text(getattr(row, name)) for name in nested}
        for row in query
    ]


def _reviews(scope: Scope) -> list[Row]:
    return [
        {
            "id": row.id,
            "report_id": row.report_id,
            "revision": row.revision,
            "outcome": row.outcome,
            "message": row.message,
            "items": _text(row.items),
            "due_at": _ms(row.due_at),
            "created_at": _ms(row.created_at),
        }
        for row in _of_reports(Review, "reviews", scope)
    ]


def _notices(scope: Scope) -> list[Row]:
    query = _changed(Notice, "notices", scope)
    if scope.since == 0:
        query = query.where(Notice.created_at > scope.oldest)
    return [
        {
            "id": row.id,
            "record": row.record,
            "code": row.code,
            "message": row.message,
            "created_at": _ms(row.created_at),
        }
        for row in query
    ]


def _responses(scope: Scope) -> list[Row]:
    table = AssignmentResponse
    return [
        {
            "id": row.id,
            "response": row.response,
            "reason": row.reason,
            "responded_at": _ms(row.responded_at),
        }
        for row in _changed(table, "assignment_responses", scope, table.id)
    ]


def _report(report: Report) -> Row:
    """`revision` is the frozen one's number while the report is locked, else the next one's."""
    document = report.document
    values = merging.values_of(document)
    return {
        "id": report.id,
        "assignment_id": report.assignment_id,
        "attempt": report.attempt,
        "checklist_id": report.checklist_version_id,
        "revision": report.locked_revision or report.revision + 1,
        **{name: values.get(name) for name in _REPORT},
        "updated_at": merging.updated_at(document),
    }


_REPORT = (
    "started_at",
    "ended_at",
    "latitude",
    "longitude",
    "accuracy_m",
    "summary",
    "answer_count",
    "photo_count",
    "submitted_at",
)


def _answer(report: Report, key: str) -> Row:
    values = merging.values_of(report.document, key)
    return {
        "id": f"{report.id}.{key}",
        "report_id": report.id,
        "item_key": key,
        "value": values.get("value"),
        "note": values.get("note"),
        "answered_at": values.get("answered_at"),
        "updated_at": merging.updated_at(report.document, key),
    }


def _photos(scope: Scope) -> list[Row]:
    return [
        {
            "id": row.id,
            "report_id": row.report_id,
            "item_key": row.item_key,
            "sha256": row.sha256,
            "bytes": row.bytes,
            "content_type": row.content_type,
            "taken_at": _ms(row.taken_at),
            "latitude": row.latitude,
            "longitude": row.longitude,
            "state": row.state,
        }
        for row in _of_reports(Photo, "photos", scope)
    ]


def _proposals(scope: Scope) -> list[Row]:
    table = TouchpointProposal
    return [
        {
            "id": row.id,
            "assignment_id": row.assignment_id,
            "title": row.title,
            "description": row.description,
            "stage": row.stage,
            "channel": row.channel,
            "proposed_at": _ms(row.proposed_at),
        }
        for row in _changed(table, "touchpoint_proposals", scope, table.assignment_id)
    ]


def _messages(scope: Scope) -> list[Row]:
    return [
        {
            "id": row.id,
            "report_id": row.report_id,
            "author": row.author,
            "text": row.text,
            "sent_at": _ms(row.sent_at),
            "created_at": _ms(row.created_at),
        }
        for row in _of_reports(Message, "messages", scope)
    ]


READERS: dict[str, Callable[[Scope], list[Row]]] = {
    "assignments": _assignments,
    "stores": _stores,
    "checklists": _checklists,
    "promises": _promises,
    "personas": _personas,
    "reviews": _reviews,
    "notices": _notices,
    "assignment_responses": _responses,
    "photos": _photos,
    "touchpoint_proposals": _proposals,
    "messages": _messages,
}
"""How the rows of each table are read; `reports` reads the other two."""
