"""Create, find, change and archive rows of `Editable` tables: optimistic, by version."""

from typing import Any, TypeVar

import peewee

from server import clock
from server.db import atomic
from server.errors import Duplicate, NotFound, PreconditionFailed
from server.models.base import Editable, Versioned

ANY_VERSION = 0
"""As `if_match`: whichever version there is. The first is 1."""

Thing = TypeVar("Thing", bound=Versioned)
Row = TypeVar("Row", bound=Editable)


def create(table: type[Row], brand_id: str, **values: Any) -> Row:
    """A new row of the brand, version 1. Duplicate where a unique key is taken."""
    now = clock.now()
    values = {"id": clock.new_id(), "created_at": now, "updated_at": now} | values
    row: Row = table(brand_id=brand_id, **values)
    _write(lambda: row.save(force_insert=True), table)
    return row


def find(table: type[Row], brand_id: str, row_id: str, *conditions: Any) -> Row:
    """The brand's row of that id, within `conditions`. NotFound."""
    row: Row | None = table.get_or_none(table.id == row_id, table.brand_id == brand_id, *conditions)
    if row is None:
        raise NotFound(f"There is no {noun(table)} {row_id!r}, or it is not yours to see.")
    return row


def change(row: Thing, if_match: int, changes: dict[str, Any]) -> Thing:
    """Write only the changed columns, provided that `if_match` is still the version."""
    table = type(row)
    if_match = if_match or row.version
    values = changes | {"version": row.version + 1, "updated_at": clock.now()}
    statement = table.update(values).where(table.id == row.id, table.version == if_match)
    if _write(statement.execute, table) == 0:
        raise PreconditionFailed(
            f"This {noun(table)} is at version {row.version}, and If-Match names {if_match}: "
            "read it again, and repeat the change if it still makes sense."
        )
    for name, value in values.items():
        setattr(row, name, value)
    return row


def archive(row: Row, if_match: int) -> Row:
    """Hide the row from new work; old figures keep it. Archiving twice changes nothing more."""
    return row if row.archived_at else change(row, if_match, {"archived_at": clock.now()})


def insert_all(table: type[Row], rows: list[dict[str, Any]]) -> None:
    """New rows of all columns, in one statement. Duplicate where a unique key is taken."""
    if rows:
        _write(table.insert_many(rows).execute, table)


def overwrite_all(table: type[Row], rows: list[dict[str, Any]]) -> None:
    """Present rows, each with all its columns as they shall be, in one statement. Whoever calls
    holds them against other writers, and raises their versions."""
    columns = [field for field in table._meta.sorted_fields if not field.primary_key]
    statement = table.insert_many(rows).on_conflict(conflict_target=[table.id], preserve=columns)
    _write(statement.execute, table)


def noun(table: type[Versioned]) -> str:
    """What people call a row of the table: `ChecklistVersion` is a "checklist version"."""
    return str(table._meta.table_name).replace("_", " ")


def _write(statement: Any, table: type[Versioned]) -> Any:
    try:
        with atomic():
            return statement()
    except peewee.IntegrityError as error:
        raise Duplicate(
            f"Another {noun(table)} of this brand bears the same key: choose another, or change "
            "that one."
        ) from error
