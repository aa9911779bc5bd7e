"""What may happen, in any order."""

import copy
import sys
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from server import db
from server.domain.states import PhotoState
from server.errors import Conflict
from server.models import Photo, Report, Revision
from server.services import assignments, feeds, reviews, scores, submissions
from tests.machine.backend import Backend, Request
from tests.machine.choices import CELLS, FATES, PHONES, PHOTOS, WORDS
from tests.machine.comparing import different, plain
from tests.machine.watermelon import COLUMNS, Phone

ROUNDS = 12


class SyncMachine(RuleBasedStateMachine):
    """Two phones of one shopper, a line that loses, repeats and delays, people and backups."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = db.database.savepoint()
        self.transaction.__enter__()
        self.server = Backend()
        self.phones: dict[str, Phone] = {}
        self.backups: dict[str, Phone] = {}
        self.ready: set[str] = set()
        self.pending: dict[str, Request] = {}
        self.requests: list[Request] = []
        self.owed: set[tuple[str, str, str, Any]] = set()
        self.clock = self.attempt = 0
        self.restored = False
        self.last: tuple[str, tuple[str, str]] | None = None

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.settle()
        finally:
            self.transaction.rollback()
            self.transaction.__exit__(None, None, None)

    @initialize(numbered=st.sampled_from(((True, True), (True, False))))
    def begin(self, numbered: tuple[bool, bool]) -> None:
        for name, sends in zip(("phone", "tablet"), numbered, strict=True):
            self.phones[name] = Phone(name, sends)
            self.pull(name)

    # The shopper

    @rule(name=PHONES, cell=CELLS, word=WORDS, fate=FATES)
    def fill_in(self, name: str, cell: tuple[str, str], word: str, fate: str) -> None:
        """Answer an item or a field of the report, and sync or not."""
        self.last = (name, cell)
        key, column = cell
        report_id = self.server.report_id
        if key:
            table, row_id = "answers", f"{report_id}.{key}"
            fixed = {"report_id": report_id, "item_key": key}
        else:
            table, row_id, fixed = "reports", report_id, self.report_fixed()
        value = self.word(name, table, row_id, column, word)
        self.write(name, table, row_id, {column: value}, fixed)
        self.sync_with(name, fate)

    @precondition(lambda self: self.last)
    @rule(word=WORDS, fate=FATES)
    def fill_in_again(self, word: str, fate: str) -> None:
        self.fill_in(*self.last, word, fate)

    @precondition(lambda self: self.last)
    @rule(word=WORDS, fate=FATES)
    def fill_in_elsewhere(self, word: str, fate: str) -> None:
        name, cell = self.last
        self.fill_in("tablet" if name == "phone" else "phone", cell, word, fate)

    @rule(name=PHONES, fate=FATES)
    def submit(self, name: str, fate: str) -> None:
        rows = self.phones[name].rows
        done = {
            "submitted_at": self.tick(),
            "answer_count": len(rows["answers"]),
            "photo_count": sum(row["_status"] != "deleted" for row in rows["photos"].values()),
        }
        self.write(name, "reports", self.server.report_id, done, self.report_fixed())
        self.sync_with(name, fate)

    @rule(name=PHONES, photo=PHOTOS, key=st.sampled_from(("shelf", "shelf", "door", "")))
    def photograph(self, name: str, photo: str, key: str) -> None:
        """Take a photo of an item, or delete it."""
        fixed = {"report_id": self.server.report_id, "sha256": "ab" * 32, "state": "declared"}
        if key:
            self.write(name, "photos", photo, {"item_key": key}, fixed)
        elif photo in self.phones[name].rows["photos"]:
            self.phones[name].delete("photos", photo)

    # The line

    @rule(name=PHONES, fate=FATES)
    def sync_with(self, name: str, fate: str) -> None:
        """One synchronize(), and what becomes of its push."""
        if fate == "offline":
            return
        self.restart_app(name)
        self.pull(name)
        self.ready.discard(name)
        request = self.request(name)
        if fate != "request lost" and self.send(request) and fate == "answered":
            self.phones[name].mark_synced(self.pending.pop(name).changes)
        self.pending.pop(name, None)

    @rule(name=PHONES, lost=st.booleans())
    def start_sync(self, name: str, lost: bool) -> None:
        if name not in self.pending:
            self.pull(name, lost=lost)

    @precondition(lambda self: self.ready - self.pending.keys())
    @rule(data=st.data(), fate=st.sampled_from(("arrives", "arrives", "lost")))
    def push(self, data: st.DataObject, fate: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.ready - self.pending.keys())))
        self.ready.discard(name)
        request = self.request(name)
        if fate == "arrives":
            self.send(request)

    @precondition(lambda self: self.pending)
    @rule(data=st.data(), lost=st.booleans())
    def receive(self, data: st.DataObject, lost: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.pending)))
        request = self.pending.pop(name)
        if not lost:
            self.phones[name].mark_synced(request.changes)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), new=st.booleans())
    def late_zombie(self, data: st.DataObject, new: bool) -> None:
        """A request arrives late: one that was believed lost, or one that came before."""
        missing = [one for one in self.requests if not one.arrived]
        self.server.push(data.draw(st.sampled_from(missing if new and missing else self.requests)))

    @rule(name=PHONES)
    def restart_app(self, name: str) -> None:
        self.pending.pop(name, None)
        self.ready.discard(name)

    @rule(name=PHONES, restore=st.booleans())
    def back_up_phone(self, name: str, restore: bool) -> None:
        """Back a phone up, or put it back from its backup."""
        if not restore:
            self.backups[name] = copy.deepcopy(self.phones[name])
        elif name in self.backups:
            self.restart_app(name)
            self.phones[name] = copy.deepcopy(self.backups[name])
            # Numbers come again: what never arrived under one must not arrive under it now.
            self.requests = [one for one in self.requests if one.phone != name or one.arrived]
            self.owed &= self.held()

    # People

    @rule(outcome=st.sampled_from(("return_", "return_", "approve", "reassign")))
    def decide(self, outcome: str) -> None:
        brand_id, made = self.server.cast.brand.id, self.server.made
        report = Report.get_or_none(Report.id == self.server.report_id)
        with suppress(Conflict):
            if outcome == "reassign":
                marta, other = self.server.cast.marta.actor, self.server.cast.sergio.account_id
                assignments.reassign(marta, brand_id, made.id, shopper_id=other)
            elif report is not None and report.revision:
                revision = Revision.get(Revision.number == report.revision)
                named = {"missing": submissions.unverified(revision)}
                review, words = getattr(reviews, outcome), named if outcome == "approve" else {}
                review(self.server.reviewer(), brand_id, report.id, report.revision, **words)
                assert self.server.locked() == (outcome == "approve"), "a return unlocks"
        self.server.check()

    @rule(photo=PHOTOS)
    def bytes_arrive(self, photo: str) -> None:
        """A photo is stored, and the jobs run."""
        changed = Photo.update(state=str(PhotoState.STORED)).where(Photo.id == photo).execute()
        if changed:
            feeds.touch({self.server.cast.sonia.account_id: [("photos", photo)]})
            scores.score_for_photo(photo)
        for revision in list(Revision.select()):
            scores.score(revision.id)
        self.server.check()

    @rule(restore=st.booleans())
    def back_up_server(self, restore: bool) -> None:
        """Back the server up, or restore the backup."""
        if not restore:
            self.server.back_up()
        elif self.server.saved:
            self.pending.clear()
            self.server.restore()
            self.restored = True
            self.owed = self.held()

    @rule()
    def settle(self) -> None:
        """All phones sync over a good line until nothing is left to say; then all are the same."""
        self.pending.clear()
        for _ in range(ROUNDS):
            quiet = [self.sync(name) for name in self.phones]
            if all(quiet):
                break
        else:
            raise AssertionError("the phones never come to rest")
        self.compare()
        known = {
            (*cell, one[0]) for cell, history in self.server.cells().items() for one in history
        }
        lost = self.owed - known - self.server.late()
        assert not lost, f"not given back: {lost}"
        self.owed.clear()
        self.server.check()

    # How

    def late_copy(self, name: str) -> None:
        for request in [one for one in self.requests if one.phone == name]:
            self.server.push(request)

    def receive_all(self) -> None:
        for name, request in self.pending.items():
            self.phones[name].mark_synced(request.changes)
        self.pending.clear()

    def compare(self) -> None:
        fresh = Phone("fresh")
        fresh.apply(*self.server.pull("phone", None))
        for phone in self.phones.values():
            assert phone.unsent() == {}, "something is unsent"
            differing = different(plain(phone), plain(fresh), forgotten=self.restored)
            assert not differing, f"{phone.name} differs from the server: {differing}"

    def sync(self, name: str) -> bool:
        """One synchronize(); whether it moved nothing."""
        phone = self.phones[name]
        before = copy.deepcopy((phone.rows, phone.served))
        self.pull(name)
        self.ready.discard(name)
        if any(change["updated"] or change["deleted"] for change in phone.fetch().values()):
            request = self.request(name)
            if self.send(request):
                phone.mark_synced(self.pending.pop(name).changes)
            return False
        return (phone.rows, phone.served) == before

    def pull(self, name: str, *, lost: bool = False) -> None:
        phone = self.phones[name]
        changes, cursor = self.server.pull(name, phone.cursor)
        if lost:
            return
        assert changes["reports"]["deleted"] == changes["answers"]["deleted"] == []
        unsent = phone.unsent()
        phone.apply(changes, cursor)
        left = phone.unsent()
        gone = set(changes["photos"]["deleted"])
        for cell, value in unsent.items():
            assert cell[1] in gone or left.get(cell, ...) == value, f"a pull destroyed {cell}"
        self.ready.add(name)

    def request(self, name: str) -> Request:
        phone = self.phones[name]
        self.attempt += 1
        phone.number += 1
        request = Request(phone, self.attempt)
        self.requests = [*self.requests[-8:], request]
        return request

    def send(self, request: Request) -> bool:
        refused = self.server.push(request)
        if refused is None:
            self.pending[request.phone] = request
            return True
        phone = self.phones[request.phone]
        phone.number = max(phone.number, refused)
        return False

    def write(
        self, name: str, table: str, row_id: str, values: dict[str, Any], fixed: dict[str, Any]
    ) -> None:
        phone = self.phones[name]
        row = phone.rows[table].get(row_id)
        for column in values:
            if row is not None:
                self.owed.discard((table, row_id, column, row[column]))
        begun = {} if row is not None else fixed
        timed = {"updated_at": self.tick()} if "updated_at" in COLUMNS[table] else {}
        phone.write(table, row_id, **begun, **values, **timed)

    def word(self, name: str, table: str, row_id: str, column: str, word: str) -> Any:
        if word == "null":
            return None
        if word == "old":  # back to what the cell was before
            history = self.server.cells().get((table, row_id, column), [])
            return history[-2][0] if len(history) > 1 else "first"
        return f'"{name} {self.tick()}"'

    def report_fixed(self) -> dict[str, Any]:
        return {"assignment_id": self.server.made.id, "attempt": 1}

    def tick(self) -> int:
        self.clock += 1
        return 1_790_000_000_000 + self.clock

    def held(self) -> set[tuple[str, str, str, Any]]:
        """What the phones hold of cells that phones own, and that are not null."""
        owned = ("summary", "submitted_at", "answer_count", "photo_count", "value", "note")
        return {
            (table, row["id"], name, row[name])
            for phone in self.phones.values()
            for table, rows in phone.rows.items()
            for row in rows.values()
            for name in owned
            if row.get(name) is not None
        }
