"""Notices: what a phone should tell its shopper, or mend. They travel with the next pull."""

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from server import clock
from server.db import chunks
from server.domain.erasing import is_pseudonym
from server.models import Notice

_NAMESPACE = uuid.UUID("6f0d8f0e-2f0c-5d8c-9d5e-0c8a3f6f1b7a")


class Word(NamedTuple):
    """One notice to be: `record` names a wire row ("answers/…"), `code` is for the app,
    `message` for the shopper."""

    record: str
    code: str
    message: str


def notify(shopper_id: str, record: str, code: str, message: str) -> tuple[str, str]:
    """Leave one notice in the present transaction; the wire row to touch. The same notice twice
    is one."""
    return notify_many(shopper_id, [Word(record, code, message)])[0]


def notify_many(shopper_id: str, words: Iterable[Word]) -> list[tuple[str, str]]:
    """Leave notices, in one statement; the wire rows to touch. A notice that was left before goes
    to the phone again as the same row. For an erased shopper none is left."""
    now = clock.now()
    rows = {
        _id(shopper_id, word): {
            "id": _id(shopper_id, word),
            "shopper_id": shopper_id,
            "created_at": now,
            **word._asdict(),
        }
        for word in words
    }
    for part in chunks([] if is_pseudonym(shopper_id) else list(rows.values())):
        Notice.insert_many(part).on_conflict_ignore().execute()
    return [("notices", notice_id) for notice_id in rows]


def withdraw(shopper_id: str, record: str, code: str) -> list[tuple[str, str]]:
    """Take back, in the present transaction, what is over; the wire rows that are gone."""
    over = (Notice.shopper_id == shopper_id) & (Notice.record == record) & (Notice.code == code)
    ids = [notice.id for notice in Notice.select(Notice.id).where(over)]
    if ids:
        Notice.delete().where(Notice.id.in_(ids)).execute()
    return [("notices", notice_id) for notice_id in ids]


def _id(shopper_id: str, word: Word) -> str:
    return uuid.uuid5(_NAMESPACE, "\x1f".join((shopper_id, *word))).hex
