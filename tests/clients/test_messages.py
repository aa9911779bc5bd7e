"""Messages on a real phone: a reviewer's question arrives, and its answer, once."""

import pytest

from server.domain.actor import Role
from server.models import Message
from server.services import messages
from tests import factories
from tests import phone as rows
from tests.clients.phone import AppError, RealPhone
from tests.clients.site import Shopper, Site


def test_a_question_and_its_answer(site: Site, shopper: Shopper, phone: RealPhone) -> None:
    report_id = f"{site.assignment(shopper).id}.1"
    phone.sync()
    phone.record(rows.visit(report_id.removesuffix(".1")))
    phone.sync()
    reviewer = factories.person("a reviewer", Role.REVIEWER, site.brand).actor
    asked = messages.send(reviewer, site.brand.id, report_id, None, "Which till?")
    phone.sync()
    held = phone.rows("messages")[asked.id]
    assert (held["author"], held["text"], held["_status"]) == ("reviewer", "Which till?", "synced")
    said = {"id": "answer-1", "report_id": report_id, "text": "The left one.", "sent_at": rows.AT}
    phone.write("messages", said)
    site.line.lose_answer("POST", "/v1/sync")
    with pytest.raises(AppError, match="fetch failed"):
        phone.sync()
    for _ in range(2):
        phone.sync()
    told = Message.select().where(Message.report_id == report_id).order_by(Message.arrival)
    assert [(one.author, one.text) for one in told] == [
        ("reviewer", "Which till?"),
        ("shopper", "The left one."),
    ]
    assert not phone.unsent
    assert phone.rows("messages")["answer-1"]["author"] == "shopper"
