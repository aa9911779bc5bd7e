"""A push being worked on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.actor import Actor
from server.domain.cursors import Cursor
from server.domain.merging import Edit, Outcome
from server.domain.permissions import Permission, allowing
from server.domain.wire import Changes, Row
from server.models import (
    Assignment,
    AssignmentResponse,
    Message,
    Photo,
    Report,
    Revision,
    TouchpointProposal,
)
from server.services.notices import Word

_MOST_SHOWN = 200


@dataclass(slots=True)
class Work:
    """Whose push it is, what the database holds of the rows that it names, and what it leads to:
    assignments `moved` to another status, `words` for the shopper, feed rows `touched` or `gone`,
    rows `rejected` as another's, and new `revisions` and
    `changed` reports still to be written."""

    actor: Actor
    shopper_id: str
    changes: Mapping[str, Changes]
    now: datetime
    cursor: Cursor | None
    number: int | None
    seq: int = 0
    assignments: dict[str, Assignment] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    photos: dict[str, Photo] = field(default_factory=dict)
    responses: dict[str, AssignmentResponse] = field(default_factory=dict)
    proposals: dict[str, TouchpointProposal] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    changed: dict[str, Report] = field(default_factory=dict)
    moved: dict[str, list[str]] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    touched: list[tuple[str, str]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    rejected: dict[str, list[str]] = field(default_factory=dict)

    def edit(self, row: Row) -> Edit:
        """Where the values of `row` come from."""
        base = self.cursor.seq if self.cursor else 0
        return Edit(self.seq, self.actor.device_id or "", row.updated_at, base, self.number)

    def suspended(self, brand_id: str) -> bool:
        """Whether the shopper is suspended in the brand, or no longer in it."""
        grants = allowing(self.actor.grants_in(brand_id), Permission.SYNC)
        return all(grant.suspended for grant in grants)

    def reject(self, table: str, row_id: str) -> None:
        """Refuse a row that is not this shopper's."""
        self.rejected.setdefault(table, []).append(row_id)

    def say(self, table: str, row_id: str, code: str, message: str) -> None:
        """Leave the shopper a notice about a row."""
        self.words.append(Word(f"{table}/{row_id}", code, message))

    def complain(self, table: str, row: Row) -> None:
        """Leave notices of the columns that could not be kept as they were sent."""
        for one in row.complaints:
            message = f"{one.column} was kept as far as it could be read: {one.shown}"
            self.say(table, row.id, one.code, message)

    def tell(self, table: str, row_id: str, outcome: Outcome, frozen: str) -> None:
        """Leave notices of what the merge of a row kept beside or replaced; `frozen` says why late
        edits are late."""
        if outcome.late:
            columns = ", ".join(outcome.late)
            self.say(table, row_id, "late-edit", f"{frozen}; kept beside it: {columns}.")
        for column, lost in outcome.conflicts:
            shown = repr(lost)[:_MOST_SHOWN]
            message = f"Another device had written {column}: {shown}. It is kept in the history."
            self.say(table, row_id, "conflict", message)

    def move(self, assignment: Assignment, status: str) -> None:
        """Move an assignment to another status."""
        assignment.status = status
        self.moved.setdefault(str(status), []).append(assignment.id)
        self.touched.append(("assignments", assignment.id))
