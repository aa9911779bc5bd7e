"""The server of the machine: the real services in the test's transaction, what must hold of their
tables after every step, and its backup."""

import copy
from typing import Any

from server.domain import wire
from server.domain.actor import Role
from server.domain.cursors import Cursor, parse
from server.domain.states import PhotoState
from server.errors import PullFirst
from server.models import (
    Assignment,
    Event,
    Notice,
    Photo,
    Report,
    Review,
    Revision,
    SyncChange,
    SyncFeed,
    VisitScore,
)
from server.services import feeds, pulls, pushes, restoring, tokens
from tests import factories, visits
from tests.cast import Cast
from tests.machine.watermelon import COLUMNS, Phone

BACKED_UP = (
    Assignment,
    Report,
    Revision,
    Review,
    Photo,
    Notice,
    SyncFeed,
    SyncChange,
    Event,
    VisitScore,
)
DERIVED = {
    "assignment_id",
    "attempt",
    "checklist_id",
    "revision",
    "report_id",
    "updated_at",
    "state",
}
DERIVED |= {"item_key"}  # an answer's follows from its id; a photo's shows in its row
Cells = dict[tuple[str, str, str], list[list[Any]]]
"""(table, row, column) → its history, the current value last."""


class Request:
    """A push on the line: `attempt` counts all pushes of all phones."""

    def __init__(self, phone: Phone, attempt: int) -> None:
        self.phone = phone.name
        self.attempt = attempt
        self.changes = phone.fetch()
        self.cursor = phone.cursor
        self.number = phone.number if phone.numbered else None
        self.arrived = False

    def cells(self) -> dict[tuple[str, str, str], Any]:
        """What it says of cells that phones own."""
        return {
            (table, row["id"], name): row[name]
            for table, change in self.changes.items()
            for row in change["updated"]
            for name in COLUMNS[table]
            if name not in DERIVED
        }


class Backend:
    """Sonia's feed, with one visit that she is to make. `promised` is what the server answered
    200 for, and therefore keeps."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.made = visits.assignment(self.cast.brand.id, self.cast.sonia.account_id)
        self.report_id = f"{self.made.id}.1"
        self.actors: dict[str, Any] = {}
        self.promised: dict[tuple[str, str, str, Any], None] = {}
        self.attempts: dict[tuple[str, str, str, str], int] = {}
        self.frozen: dict[str, Any] = {}
        self.handed_out = Cursor(0, 0)
        self.saved: Any = None

    def actor(self, name: str) -> Any:
        """A device of Sonia's."""
        if name not in self.actors:
            shopper_id = self.cast.sonia.account_id
            factories.device(shopper_id, name)
            token = tokens.issue_access(account_id=shopper_id, device_id=name)
            self.actors[name] = tokens.actor_of(token)
        return self.actors[name]

    def pull(self, name: str, cursor: int | None) -> tuple[dict[str, Any], int]:
        """What a phone gets, and its cursor."""
        pulled = pulls.pull(self.actor(name), cursor=None if cursor is None else parse(cursor))
        self.handed_out = max(self.handed_out, pulled.cursor, key=lambda one: one.seq)
        return {
            table: {
                "updated": copy.deepcopy(pulled.updated.get(table, [])),
                "deleted": pulled.deleted.get(table, []),
            }
            for table in wire.TABLES
        }, pulled.cursor.number()

    def push(self, request: Request) -> int | None:
        """Take a request in, and check what it did; None for a 200, else the number that the 409
        names (0 if none)."""
        before, locked, end = self.cells(), self.locked(), self.end()
        try:
            rejected = pushes.push(
                self.actor(request.phone),
                wire.read(copy.deepcopy(request.changes)),
                cursor=self.cursor_of(request),
                number=request.number,
            )
        except PullFirst as refused:
            assert (self.cells(), self.end()) == (before, end), "a push is all or nothing"
            return int(refused.extra.get("push_no", 0))
        request.arrived = True
        assert rejected == {}, "only rows of others are rejected"
        cursor = self.cursor_of(request)
        assert cursor is None or cursor.epoch == end.epoch, "a cursor of another epoch is refused"
        self.check_writes(request, before, locked)
        for cell, value in request.cells().items():
            self.promised[*cell, value] = None
        self.check()
        return None

    def cursor_of(self, request: Request) -> Cursor | None:
        """The cursor of a request."""
        return None if request.cursor is None else parse(request.cursor)

    def check_writes(self, request: Request, before: Cells, locked: bool) -> None:
        """What one push may write: nothing that is locked, nothing that it was overtaken by, and
        nothing of another phone's without saying so."""
        end, after = self.end(), self.cells()
        base = cursor.seq if (cursor := self.cursor_of(request)) else 0
        for cell, history in after.items():
            former = before.get(cell, [])
            new = history[len(former) :]
            assert history[: len(former)] == former, f"history changed: {cell}"
            if not new:
                continue
            assert all(one[1] == end.seq for one in new)
            assert end.seq > self.handed_out.seq or end.epoch != self.handed_out.epoch, cell
            assert not (locked and cell[0] != "photos"), f"written though locked: {cell}"
            known = self.attempts.get((request.phone, *cell), 0)
            assert request.attempt >= known, f"an overtaken push wrote {cell}"
            self.attempts[request.phone, *cell] = request.attempt
            if former and former[-1][1] > base and former[-1][2] not in (request.phone, ""):
                told = self.told("conflict").get(f"{cell[0]}/{cell[1]}", "")
                assert cell[2] in told, f"a silent conflict: {cell}"

    def told(self, code: str) -> dict[str, str]:
        """The messages of all notices of a code, by record."""
        texts: dict[str, str] = {}
        for notice in Notice.select().where(Notice.code == code):
            texts[notice.record] = texts.get(notice.record, "") + notice.message
        return texts

    def cells(self) -> Cells:
        """Every cell with its history."""
        found: Cells = {}
        for report in Report.select():
            rows = {("reports", report.id): report.document["fields"]} | {
                ("answers", f"{report.id}.{key}"): cells
                for key, cells in report.document["answers"].items()
            }
            for (table, row_id), cells in rows.items():
                for name, cell in cells.items():
                    found[table, row_id, name] = [*(cell[4] if len(cell) > 4 else []), cell[:4]]
        for photo in Photo.select():
            for name, cell in photo.document["fields"].items():
                found["photos", photo.id, name] = [*(cell[4] if len(cell) > 4 else []), cell[:4]]
        return found

    def locked(self) -> bool:
        """Whether the report is locked."""
        report = Report.get_or_none(Report.id == self.report_id)
        return report is not None and report.locked_revision is not None

    def end(self) -> Cursor:
        """The end of the feed."""
        found = feeds.position(self.cast.sonia.account_id)
        assert found is not None
        return found

    def check(self) -> None:
        """What holds at any time."""
        cells, late, beside = self.cells(), self.late(), self.beside()
        known = {(*cell, one[0]) for cell, history in cells.items() for one in history}
        for promise in self.promised:
            assert promise[3] is None or promise in known or promise in late, f"lost: {promise}"
        for cell, history in cells.items():
            edits = [(one[0], one[2], one[3]) for one in history if one[3] is not None]
            edits += beside.get(cell, [])
            assert len(edits) == len(set(edits)), f"applied twice: {cell}"
            seqs = [one[1] for one in history]
            assert seqs == sorted(seqs), cell
        self.check_revisions()
        self.check_scores()

    def late(self) -> set[tuple[str, str, str, Any]]:
        """The late edits, as (table, row, column, value); each has its notice."""
        found, told = set(), self.told("late-edit")
        for report in Report.select():
            for one in report.document.get("late", ()):
                row_id = f"{report.id}.{one['key']}" if one["key"] else report.id
                cell = ("answers" if one["key"] else "reports", row_id, one["name"])
                assert cell[2] in told.get(f"{cell[0]}/{row_id}", ""), f"a silent late edit: {cell}"
                found.add((*cell, one["value"]))
        for photo in Photo.select():
            for one in photo.document.get("late", ()):
                found.add(("photos", photo.id, one["name"], one["value"]))
        return found

    def beside(self) -> dict[tuple[str, str, str], list[Any]]:
        """The late edits of reports and answers by cell, as (value, device, time)."""
        found: dict[tuple[str, str, str], list[Any]] = {}
        for report in Report.select():
            for one in report.document.get("late", ()):
                row_id = f"{report.id}.{one['key']}" if one["key"] else report.id
                cell = ("answers" if one["key"] else "reports", row_id, one["name"])
                edit = (one["value"], one["device"], one["updated_at"])
                found.setdefault(cell, []).append(edit)
        return found

    def check_revisions(self) -> None:
        """Frozen revisions never change, and hold all that was declared; late ones say so."""
        closed = Assignment.get_by_id(self.made.id).status == "cancelled"
        for revision in Revision.select():
            content, fields = revision.document, revision.document["fields"]
            if revision.id not in self.frozen:
                self.frozen[revision.id] = content
                assert fields["submitted_at"] is not None
                assert len(content["answers"]) >= (fields["answer_count"] or 0)
                photos = sum(len(ids) for ids in content["photos"].values())
                assert photos >= (fields["photo_count"] or 0)
                assert revision.late or not closed, "late work is marked"
            assert content == self.frozen[revision.id], "a frozen revision changed"
            named = [one for ids in content["photos"].values() for one in ids]
            kept = Photo.select().where(Photo.id.in_(named), Photo.deleted_at.is_null())
            assert kept.count() == len(named), "a frozen photo is gone"
        report = Report.get_or_none(Report.id == self.report_id)
        if report is not None and report.revision and report.locked_revision is None:
            outcomes = {one.outcome for one in Review.select()}
            assert "returned" in outcomes, "only a return unlocks"

    def check_scores(self) -> None:
        """A scored report has all its photos, or a reviewer's word."""
        for score in VisitScore.select():
            revision = Revision.get_by_id(score.revision_id)
            named = [one for ids in revision.document["photos"].values() for one in ids]
            stored = Photo.select().where(Photo.id.in_(named), Photo.state == PhotoState.STORED)
            assert stored.count() == len(named) or revision.status == "approved"

    def reviewer(self) -> Any:
        """Who decides."""
        return self.cast.person("bob", Role.REVIEWER).actor

    def back_up(self) -> None:
        """Keep a copy of the tables, and of what was promised until now."""
        rows = {table: list(table.select().dicts()) for table in BACKED_UP}
        book = (dict(self.promised), dict(self.attempts), dict(self.frozen))
        self.saved = (rows, book)

    def restore(self) -> None:
        """Put the backup back, and begin a new epoch."""
        rows, (promised, attempts, frozen) = self.saved
        handed_out = {feed.shopper_id: feed.epoch for feed in SyncFeed.select()}
        for table in BACKED_UP:
            table.delete().execute()
            if rows[table]:
                table.insert_many(rows[table]).execute()
        self.promised, self.attempts, self.frozen = dict(promised), dict(attempts), dict(frozen)
        restoring.begin_epoch(handed_out)
        self.handed_out = Cursor(0, 0)
