"""Cursor pagination, by id: ids rise with time, so a page never shifts under its reader."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from server.errors import Invalid

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; `next_cursor` is None at the end."""

    items: list[Any]
    next_cursor: str | None


def page(query: Any, key: Any, *, limit: int, cursor: str | None) -> Page:
    """The `limit` rows of the peewee `query` after `cursor`, in the order of the column `key`."""
    if cursor is not None:
        query = query.where(key > _id(cursor))
    rows = list(query.order_by(key).limit(limit + 1))
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], encode(str(getattr(rows[limit - 1], key.name))))


def encode(last: str) -> str:
    """The cursor of the page after `last`."""
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """What `encode` was given. Invalid where the cursor is not one of ours."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        if "\x00" in text or encode(text) != cursor:
            raise ValueError
    except (binascii.Error, ValueError) as error:
        raise not_ours() from error
    return text


def _id(cursor: str) -> str:
    text = decode(cursor)
    if not _ID.fullmatch(text):
        raise not_ours()
    return text


def not_ours() -> Invalid:
    """The problem of a cursor that no answer ever gave."""
    wrong = {"pointer": "cursor", "detail": "Not a next_cursor of a former answer."}
    return Invalid("The cursor is not one of ours.", errors=[wrong])
