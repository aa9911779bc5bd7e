"""Cursor pagination, by id: ids rise with time, so a page never shifts under its reader."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from server.errors import Invalid


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; `next_cursor` is None at the end."""

    items: list[Any]
    next_cursor: str | None


def page(query: Any, key: Any, *, limit: int, cursor: str | None) -> Page:
    """The `limit` rows of the peewee `query` after `cursor`, in the order of the column `key`."""
    if cursor is not None:
        query = query.where(key > decode(cursor))
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
        if "\x00" in text:
            raise ValueError
    except (binascii.Error, ValueError) as error:
        raise not_ours() from error
    return text


def not_ours() -> Invalid:
    """The problem of a cursor that no answer ever gave."""
    wrong = {"pointer": "cursor", "detail": "Not a next_cursor of a former answer."}
    return Invalid("The cursor is not one of ours.", errors=[wrong])
