"""/v1/sync: the WatermelonDB protocol, for shoppers' phones (docs/sync.md).

Bodies are written and read with orjson alone: the rows are many, and a push is to be refused only
when it is not the protocol's shape at all. Any Content-Type is read, as the fetch code of
WatermelonDB's manual names none.
"""

import gzip
import re
from typing import Any

import flask
import orjson

from schemas.sync import (
    SyncPullQuerySchema,
    SyncPullSchema,
    SyncPushedSchema,
    SyncPushSchema,
    SyncQuerySchema,
)
from server import errors
from server.api import body
from server.api.blueprint import Blueprint
from server.domain import cursors, mending, wire
from server.domain.actor import Actor
from server.errors import ClientTooOld, MalformedRequest
from server.services import pulls, pushes

OLDEST_SCHEMA = 1
"""The oldest schema version of an app that is still served."""

_NUMBER = re.compile("[0-9]{1,15}")
_WORTH_ZIPPING = 1400
_ZIP_LEVEL = 5

blp = Blueprint(
    "sync",
    __name__,
    url_prefix="/v1/sync",
    description="What shoppers' phones pull and push; WatermelonDB's protocol.",
)

_NOTHING: dict[str, Any] = {"created": [], "updated": [], "deleted": []}
_PULLED = {
    "changes": dict.fromkeys(wire.TABLES, _NOTHING)
    | {
        "notices": {
            "created": [],
            "updated": [
                {
                    "id": "4f8a1e0c5d0b5b0e9a7c3d5e6f708192",
                    "record": "reports/0198c0ffee.1",
                    "code": "missing-answers",
                    "message": "Revision 1 was accepted without required answers: greeting.",
                    "created_at": 1790000000000,
                }
            ],
            "deleted": [],
        }
    },
    "timestamp": 1099511627783,
}
_PUSHED = {
    "reports": {
        "created": [
            {
                "id": "0198c0ffee.1",
                "started_at": 1790000000000,
                "answer_count": 1,
                "photo_count": 0,
                "submitted_at": 1790000900000,
                "updated_at": 1790000900000,
            }
        ],
        "updated": [],
        "deleted": [],
    },
    "answers": {
        "created": [{"id": "0198c0ffee.1.greeting", "value": "true", "updated_at": 1790000100000}],
        "updated": [],
        "deleted": [],
    },
}
_PUSH_NO = {
    "name": "X-Push-No",
    "in": "header",
    "schema": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
    "description": "Rises with every push of a device, a retry too; only the very same bytes, sent "
    "again, may bear the same number. What is no such number is a 400.",
}


@blp.operation(
    "GET",
    "",
    query=SyncPullQuerySchema,
    returns=SyncPullSchema,
    raises=(errors.Forbidden, errors.ClientTooOld),
    example=_PULLED,
)
def pull_changes(actor: Actor, query: dict[str, Any]) -> Any:
    """Pull what changed since the last pull.

    Every table is there, and rows are always `updated`. A cursor that the server does not know, or
    that is ahead of it, gets everything and a `resend` notice.
    """
    _require_current(query)
    pulled = pulls.pull(actor, cursor=_cursor(query), whole=query["migration"] or ())
    changes = {
        table: {
            "created": [],
            "updated": pulled.updated.get(table, []),
            "deleted": pulled.deleted.get(table, []),
        }
        for table in wire.TABLES
    }
    return _answer(orjson.dumps({"changes": changes, "timestamp": pulled.cursor.number()}))


@blp.operation(
    "POST",
    "",
    query=SyncQuerySchema,
    returns=SyncPushedSchema,
    raises=(
        errors.Forbidden,
        errors.MalformedRequest,
        errors.TooLarge,
        errors.UnsupportedMediaType,
        errors.PullFirst,
        errors.ClientTooOld,
    ),
    example={"experimentalRejectedIds": {}},
    doc={
        # What is said here replaces what `query` says, so both are.
        "parameters": [_PUSH_NO, {"in": "query", "schema": SyncQuerySchema}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": SyncPushSchema, "example": _PUSHED}},
        },
    },
)
def push_changes(actor: Actor, query: dict[str, Any]) -> Any:
    """Push what the phone recorded; all of it or nothing is taken in.

    Whatever is wrong with the meaning of a row is kept and noticed. Rejected are only rows that are
    not this shopper's. The same push twice is one.
    """
    _require_current(query)
    try:
        sent = mending.loads(body.whole())
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(f"The body is not JSON: {error}.") from error
    rejected = pushes.push(actor, wire.read(sent), cursor=_cursor(query), number=_push_no())
    answer = orjson.dumps({"experimentalRejectedIds": rejected}).decode()
    return _answer(mending.said(answer).encode())


def _require_current(query: dict[str, Any]) -> None:
    version = query["schema_version"]
    if version is not None and version < OLDEST_SCHEMA:
        raise ClientTooOld(
            f"Schema version {version} is no longer served; the oldest is {OLDEST_SCHEMA}."
        )


def _cursor(query: dict[str, Any]) -> cursors.Cursor | None:
    number = query["last_pulled_at"]
    return None if number is None else cursors.parse(number)


def _push_no() -> int | None:
    """None where there is none. MalformedRequest for anything else than a number: taken for none,
    it would let a late duplicate pass for new work."""
    text = flask.request.headers.get("X-Push-No")
    if text is None:
        return None
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise MalformedRequest(
            "X-Push-No must be a whole number of 1 to 15 digits that rises with every push, or be "
            f"left out, not {text[:40]!r}. Nothing was taken in: send the same again so."
        )
    return int(text)


def _answer(data: bytes) -> flask.Response:
    response = flask.Response(data, mimetype="application/json")
    response.vary.add("Accept-Encoding")
    if len(data) >= _WORTH_ZIPPING and flask.request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(data, _ZIP_LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response
