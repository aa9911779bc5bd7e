"""Messages between a report's shopper and the brand's reviewers. They reach phones by pull; a phone
answers by push, or whoever is online by POST. A message never changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server import clock
from server.db import atomic, chunks
from server.domain.actor import Actor
from server.domain.erasing import ERASED
from server.domain.permissions import Permission, allowing
from server.domain.states import Author
from server.errors import Duplicate
from server.models import Erasure, Message, Notice, Report
from server.services import feeds, notices, submissions
from server.services.access import require
from server.services.paging import Page, page
from server.services.reports import not_found, refuse_erased

NEW = "message"
"""The code of the notice by which an app that knows no messages shows one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message as one side is told it."""

    id: str
    report_id: str
    author: str
    author_id: str | None
    text: str
    sent_at: datetime | None
    created_at: datetime


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, author: str | None = None
) -> Page:
    """A page of the brand's messages, oldest first, for its reviewers."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    others = Message.shopper_id != (actor.account_id or "")  # one's own name no reviewer
    query = Message.select().where(Message.brand_id == brand_id, others)
    if author is not None:
        query = query.where(Message.author == author)
    return page(query, Message.arrival, limit=limit, cursor=cursor)


def of_report(
    actor: Actor, brand_id: str, report_id: str, *, limit: int, cursor: str | None
) -> Page:
    """A page of a report's messages, for its shopper and for reviewers."""
    _, side = _side(actor, brand_id, report_id)
    query = Message.select().where(Message.report_id == report_id)
    found = page(query, Message.arrival, limit=limit, cursor=cursor)
    return Page([_told(each, side) for each in found.items], found.next_cursor)


def send(actor: Actor, brand_id: str, report_id: str, message_id: str | None, text: str) -> Told:
    """Write to the other side. The same again is the same message; Duplicate where the id is that
    of another."""
    shopper_id, side = _side(actor, brand_id, report_id)
    with atomic():
        seqs = {one: each.seq for one, each in feeds.lock([shopper_id]).items()}
        refuse_erased(_shopper_of(brand_id, report_id))
        known = Message.get_or_none(Message.id == message_id) if message_id else None
        if known is not None:
            return _told(_same(known, report_id, actor, text), side)
        message = Message.create(
            id=message_id or clock.new_id(),
            arrival=clock.new_id(),
            brand_id=brand_id,
            report_id=report_id,
            shopper_id=shopper_id,
            author=str(side),
            author_id=actor.name,
            text=text,
            created_at=clock.now(),
        )
        submissions.said_more([report_id])
        rows = [("messages", message.id)]
        if side == Author.REVIEWER:
            record = f"messages/{message.id}"
            rows.append(notices.notify(shopper_id, record, NEW, text))
        feeds.record(seqs, {shopper_id: rows})
        return _told(message, side)


def silence(report_ids: list[str], *, words: bool, moments: bool) -> None:
    """Within a transaction, take words, or moments, from these reports' messages."""
    of_these = Message.report_id.in_(report_ids)
    if words:
        Message.update(text=ERASED).where(of_these).execute()
        _silence_notices(of_these)
    if moments:
        Message.update(sent_at=None).where(of_these).execute()


def _silence_notices(of_these: Any) -> None:
    """The notices by which apps that know no messages show these hold the same words."""
    reviewers = of_these & (Message.author == str(Author.REVIEWER))
    rows: Any = Message.select(Message.id, Message.shopper_id).where(reviewers).tuples()
    for part in chunks(list(rows)):
        Notice.update(message=ERASED).where(
            Notice.shopper_id.in_({shopper_id for _, shopper_id in part}),
            Notice.record.in_([f"messages/{message_id}" for message_id, _ in part]),
            Notice.code == NEW,
        ).execute()


def erase(report_ids: list[str], erasure: Erasure) -> list[str]:
    """Within a transaction, overwrite the messages about an erased shopper's reports; their ids."""
    of_these = Message.report_id.in_(report_ids)
    ids = [message.id for message in Message.select(Message.id).where(of_these)]
    silence(report_ids, words=True, moments=True)
    Message.update(shopper_id=erasure.pseudonym).where(of_these).execute()
    by_them = of_these & (Message.author_id == erasure.account_id)
    Message.update(author_id=erasure.pseudonym).where(by_them).execute()
    return ids


def _side(actor: Actor, brand_id: str, report_id: str) -> tuple[str, Author]:
    """The report's shopper, and which side of it the actor is on; who shopped for it
    is its shopper, whatever else they are. Another shopper's report is a NotFound."""
    grants = actor.grants_in(brand_id)
    shops = allowing(grants, Permission.SYNC)
    reviews = allowing(grants, Permission.REPORTS_REVIEW)
    if not shops:
        require(actor, brand_id, Permission.REPORTS_REVIEW)
    shopper_id = _shopper_of(brand_id, report_id)
    if shops and shopper_id == actor.account_id:
        return shopper_id, Author.SHOPPER
    if not reviews:
        raise not_found(report_id)
    return shopper_id, Author.REVIEWER


def _shopper_of(brand_id: str, report_id: str) -> str:
    """Whose the report is, or will be: a message may come before its report. NotFound."""
    of_it = (Message.report_id == report_id) & (Message.brand_id == brand_id)
    report = Report.get_or_none(Report.id == report_id, Report.brand_id == brand_id)
    found = report or Message.get_or_none(of_it)
    if found is None:
        raise not_found(report_id)
    shopper_id: str = found.shopper_id
    return shopper_id


def _same(known: Message, report_id: str, actor: Actor, text: str) -> Message:
    if (known.report_id, known.author_id, known.text) == (report_id, actor.name, text):
        return known
    raise Duplicate("Another message bears this id: give the new one an id of its own.")


def _told(message: Any, side: Author) -> Told:
    named = side == Author.REVIEWER or message.author == Author.SHOPPER
    return Told(
        message.id,
        message.report_id,
        message.author,
        message.author_id if named else None,
        message.text,
        message.sent_at,
        message.created_at,
    )
