"""A local database as WatermelonDB 0.28 keeps and syncs it, with the resolver of docs/sync.md."""

import copy
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Tables = dict[str, dict[str, Row]]

COLUMNS: dict[str, tuple[str, ...]] = {
    "reports": (
        "assignment_id",
        "attempt",
        "checklist_id",
        "revision",
        "started_at",
        "ended_at",
        "latitude",
        "longitude",
        "accuracy_m",
        "summary",
        "answer_count",
        "photo_count",
        "submitted_at",
        "updated_at",
    ),
    "answers": ("report_id", "item_key", "value", "note", "answered_at", "updated_at"),
    "photos": (
        "report_id",
        "item_key",
        "sha256",
        "bytes",
        "content_type",
        "taken_at",
        "latitude",
        "longitude",
        "state",
    ),
}
"""The tables that the phone writes; the server's are kept as they come."""


@dataclass(slots=True)
class Phone:
    """`rows` have `_status` (synced, created, updated, deleted) and `_changed`, a set of columns.
    `cursor` is the last timestamp, `number` the last X-Push-No."""

    name: str
    numbered: bool = True
    rows: Tables = field(default_factory=lambda: {table: {} for table in COLUMNS})
    served: Tables = field(default_factory=dict)
    cursor: int | None = None
    number: int = 0

    def write(self, table: str, row_id: str, **values: Any) -> None:
        """What the app does to a row: created if it is not there."""
        row = self.rows[table].get(row_id)
        if row is None:
            empty = dict.fromkeys(COLUMNS[table])
            self.rows[table][row_id] = {"id": row_id, **empty, **values} | {
                "_status": "created",
                "_changed": set(),
            }
        elif row["_status"] != "deleted":
            changed = {name for name, value in values.items() if row[name] != value}
            row |= values
            if row["_status"] != "created" and changed:
                row["_status"] = "updated"
                row["_changed"] = row["_changed"] | changed

    def delete(self, table: str, row_id: str) -> None:
        """markAsDeleted: the row goes once the server has heard of it."""
        self.rows[table][row_id]["_status"] = "deleted"

    def apply(self, changes: dict[str, Any], cursor: int) -> None:
        """A pull's changes, in one local transaction. A new `resend` notice is acted upon first."""
        told = {row["id"]: row for row in changes["notices"]["updated"]}
        fresh = told.keys() - self.served.get("notices", {}).keys()
        if any(told[notice]["code"] == "resend" for notice in fresh):
            self._mark_all()
        for table, change in changes.items():
            held = self.rows.get(table)
            if held is None:
                held = self.served.setdefault(table, {})
                held.update({row["id"]: row for row in change["updated"]})
            else:
                for row in change["updated"]:
                    self._update(table, row)
            for row_id in change["deleted"]:
                held.pop(row_id, None)
        self.cursor = cursor

    def fetch(self) -> dict[str, Any]:
        """The local changes to push, with sendCreatedAsUpdated."""
        changes: dict[str, Any] = {}
        for table, rows in self.rows.items():
            by_status: dict[str, list[Row]] = {"created": [], "updated": [], "deleted": []}
            for row in rows.values():
                if row["_status"] != "synced":
                    by_status[row["_status"]].append(copy.deepcopy(row))
            changes[table] = {
                "created": [],
                "updated": by_status["created"] + by_status["updated"],
                "deleted": [row["id"] for row in by_status["deleted"]],
            }
        return changes

    def mark_synced(self, pushed: dict[str, Any]) -> None:
        """After a push was answered: what has not changed since it was fetched is synced."""
        for table, change in pushed.items():
            for row in change["updated"]:
                if self.rows[table].get(row["id"]) == row:
                    self.rows[table][row["id"]] |= {"_status": "synced", "_changed": set()}
            for row_id in change["deleted"]:
                self.rows[table].pop(row_id, None)

    def unsent(self) -> dict[tuple[str, str, str], Any]:
        """The cells that the server has not heard of, as far as this phone knows."""
        return {
            (table, row["id"], name): row[name]
            for table, rows in self.rows.items()
            for row in rows.values()
            if row["_status"] in ("created", "updated")
            for name in (COLUMNS[table] if row["_status"] == "created" else row["_changed"])
            if name != "state"
        }

    def _update(self, table: str, remote: Row) -> None:
        local = self.rows[table].get(remote["id"])
        if local is None or local["_status"] == "synced":
            self.rows[table][remote["id"]] = remote | {"_status": "synced", "_changed": set()}
        elif local["_status"] == "created":
            if table == "photos":
                local["state"] = remote["state"]
        elif local["_status"] == "updated":
            kept = {name: local[name] for name in (*local["_changed"], "_status", "_changed")}
            self.rows[table][remote["id"]] = local | remote | kept

    def _mark_all(self) -> None:
        for table, rows in self.rows.items():
            for row in rows.values():
                if row["_status"] in ("synced", "updated"):
                    row["_status"] = "updated"
                    row["_changed"] = set(COLUMNS[table]) - {"state"}
