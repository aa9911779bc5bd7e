"""Answers that are files: pictures, workbooks, pages."""

from typing import Any

import flask

from server.api import csv_answers
from server.figures import pages, workbook

MEDIA_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": pages.MEDIA_TYPE,
    "xlsx": workbook.MEDIA_TYPE,
}
# An SVG says its colours in style attributes, and may be opened by itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def documented(description: str, *endings: str) -> dict[str, Any]:
    """The OpenAPI answer of an operation whose file ends in one of these ways."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {MEDIA_TYPES[one]: dict(binary) for one in endings if one != "csv"}
    if "csv" in endings:
        content |= csv_answers.DOCUMENTED["content"]
    return {"responses": {"200": {"description": description, "content": content}}}


def answer(data: bytes, name: str) -> flask.Response:
    """The file, to be shown or saved as `name`."""
    ending = name.rpartition(".")[2]
    shown = "attachment" if ending == "xlsx" else "inline"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"'}
    if ending == "svg":
        headers["Content-Security-Policy"] = _POLICY
    return flask.Response(data, content_type=MEDIA_TYPES[ending], headers=headers)
