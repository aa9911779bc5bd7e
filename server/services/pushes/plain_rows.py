"""Pushed rows that are database rows too: merged by the same steps as a report's cells."""

from typing import Any

from server.db import Table
from server.domain import merging
from server.domain.merging import Outcome
from server.domain.wire import Row
from server.services.pushes.work import Work


def merge(
    work: Work, row: Row, into: Any, names: tuple[str, ...], *, locked: int | None = None
) -> Outcome:
    """Merge the columns `names` of a pushed row into a database row and its document. PullFirst."""
    if into.document is None:
        into.document = merging.of_values({name: _sent(into, name) for name in names})
    values = {name: row.values[name] for name in names if name in row.values}
    outcome = merging.merge(into.document, merging.REPORT, values, work.edit(row), locked=locked)
    for name in outcome.changed:
        setattr(into, name, into._meta.fields[name].python_value(values[name]))
    if outcome.changed:
        into.updated_at = work.now
    return outcome


def _sent(row: Table, column: str) -> Any:
    return row._meta.fields[column].db_value(getattr(row, column))
