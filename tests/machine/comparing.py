"""What a phone holds, beside what it should."""

from typing import Any

from tests.machine.watermelon import COLUMNS, Phone


def plain(phone: Phone) -> dict[str, Any]:
    """Its rows without what is local; notices have come to each phone at other times."""
    tables = {table: rows for table, rows in phone.served.items() if table != "notices"}
    tables |= phone.rows
    return {
        table: {
            row["id"]: {name: row[name] for name in row if name not in ("_status", "_changed")}
            for row in rows.values()
        }
        for table, rows in tables.items()
    }


def different(mine: Any, theirs: Any, *, forgotten: bool) -> list[Any]:
    """Table by table, the rows that are not the same. What a restored server has `forgotten` of its
    own stays on the phones."""
    return [
        (table, mine.get(table, {}).get(row_id), theirs.get(table, {}).get(row_id))
        for table in mine | theirs
        for row_id in mine.get(table, {}) | theirs.get(table, {})
        if mine.get(table, {}).get(row_id) != theirs.get(table, {}).get(row_id)
        if not (forgotten and table not in COLUMNS and row_id not in theirs.get(table, {}))
    ]
