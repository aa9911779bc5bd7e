"""Tables as CSV (RFC 4180), safe and legible in a spreadsheet."""

import csv
import io
from typing import Any

import flask

from server.domain.spreadsheets import as_text
from server.services.tables import Table

MEDIA_TYPE = "text/csv"
_BOM = "\ufeff"

DOCUMENTED: dict[str, Any] = {
    "description": "A table with a header line, in UTF-8 with a byte order mark.",
    "content": {
        MEDIA_TYPE: {
            "schema": {"type": "string"},
            "example": "code,name,city\r\nMI-01,Milano Brera,Milano\r\n",
        }
    },
}
"""The OpenAPI response of an operation that answers so."""


def answer(name: str, table: Table) -> flask.Response:
    """The table, to be saved as `name`. Text that a spreadsheet might run stays text; None is an
    empty cell. The byte order mark is for Excel, which takes a CSV file without one for the local
    8-bit encoding and spoils every accent."""
    text = io.StringIO(_BOM, newline="")
    text.seek(len(_BOM))
    # All text quoted: a spreadsheet that splits at semicolons must not find a formula after one.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([as_text(cell) for cell in table.header])
    writer.writerows([_cell(cell) for cell in row] for row in table.rows)
    return flask.Response(
        text.getvalue(),
        content_type=f"{MEDIA_TYPE}; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else as_text(value)
