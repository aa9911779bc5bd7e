"""Pushed messages: what a shopper wrote to the reviewers. The first word of an id stands."""

from server import clock
from server.db import columns, insert
from server.domain import wire
from server.domain.states import Author
from server.domain.wire import Row
from server.models import Message
from server.services import submissions
from server.services.pushes.work import Work


def take(work: Work) -> None:
    """Keep the messages that are new; what differs from a known one is sent again as it stands."""
    new: dict[str, Message] = {}
    for row in work.changes["messages"].rows:
        known = work.messages.get(row.id)
        message = _new(work, row) if known is None else known
        if message is None or message.shopper_id != work.shopper_id:
            work.reject("messages", row.id)
            continue
        work.complain("messages", row)
        if known is None:
            new[row.id] = work.messages[row.id] = message
        elif (row.values.get("text") or "") in ("", known.text):
            continue
        else:
            work.say("messages", row.id, "message-kept", "A message that was sent stays as it is.")
        work.touched.append(("messages", row.id))
    for message_id in work.changes["messages"].deleted:
        if message_id in work.messages:
            work.touched.append(("messages", message_id))
    insert(Message, [columns(message) for message in new.values()])
    submissions.said_more(message.report_id for message in new.values())


def _new(work: Work, row: Row) -> Message | None:
    """None where it is about no report of this shopper."""
    report_id = row.values.get("report_id") or ""
    parts = wire.report_parts(report_id)
    assignment = work.assignments.get(parts[0]) if parts else None
    if assignment is None or not wire.good_id(row.id):
        return None
    sent_at = row.values.get("sent_at")
    return Message(
        id=row.id,
        arrival=clock.new_id(),
        brand_id=assignment.brand_id,
        report_id=report_id,
        shopper_id=work.shopper_id,
        author=str(Author.SHOPPER),
        author_id=work.shopper_id,
        text=row.values.get("text") or "",
        sent_at=None if sent_at is None else clock.from_ms(sent_at),
        created_at=work.now,
    )
