"""History is kept while a visit is open and for 90 days after."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server import clock
from server.models import Assignment, Photo, Report
from server.services import histories, tokens
from tests import visits
from tests.cast import Cast
from tests.clock import HandClock
from tests.phone import AT, Phone, answer, photo


@pytest.fixture
def hands(database: str, monkeypatch: pytest.MonkeyPatch) -> HandClock:
    return HandClock(monkeypatch)


def visited(client: FlaskClient, cast: Cast) -> Assignment:
    """A visit whose answer and photo were changed once."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone, name = Phone(client, cast.sonia), clock.new_id()
    for value, key in ((1, "shelf"), (2, "greeting")):
        phone.pull()
        rows = {"answers": [answer(made.id, "wait", value, updated_at=AT + value)]}
        phone.push(rows | {"photos": [photo(name, made.id, key)]})
    return made


def close(made: Assignment) -> None:
    changes: dict[Any, Any] = {Assignment.status: "approved", Assignment.closed_at: clock.now()}
    Assignment.update(changes).where(Assignment.id == made.id).execute()


def history(made: Assignment) -> list[Any]:
    report = Report.get_by_id(f"{made.id}.1")
    return report.document["answers"]["wait"]["value"][4]


def test_history_goes_90_days_after_the_visit_closed(
    client: FlaskClient, cast: Cast, hands: HandClock
) -> None:
    closed, still_open = visited(client, cast), visited(client, cast)
    close(closed)
    hands.forward(days=89)
    assert histories.trim() == 0
    hands.forward(days=2)
    assert histories.trim() == 2
    report = Report.get_by_id(f"{closed.id}.1")
    assert report.document["trimmed"] == {"at": clock.to_ms(clock.now()), "values": 1}
    assert report.document["answers"]["wait"]["value"][0] == "2"
    assert Photo.get(Photo.report_id == report.id).document["trimmed"]["values"] == 1
    assert history(closed) == [None]
    assert [one[0] for one in history(still_open)] == ["1"]
    assert histories.trim() == 0


def test_what_comes_after_is_kept_for_90_days_again(
    client: FlaskClient, cast: Cast, hands: HandClock
) -> None:
    made = visited(client, cast)
    close(made)
    hands.forward(days=91)
    assert histories.trim() == 2
    phone = Phone(client, logged_in(cast))
    phone.pull()
    phone.push({"answers": [answer(made.id, "wait", 3, updated_at=AT + 9)]})
    assert histories.trim() == 0
    assert [one and one[0] for one in history(made)] == [None, "2"]
    hands.forward(days=91)
    assert histories.trim() == 1
    assert Report.get().document["trimmed"]["values"] == 2


def logged_in(cast: Cast) -> Any:
    """Sonia with a token that is good at this time."""
    token = tokens.issue_access(account_id=cast.sonia.account_id, device_id="phone-1")
    return replace(cast.sonia, headers={"Authorization": f"Bearer {token}"})


def test_it_is_a_fixed_number_of_queries(client: FlaskClient, cast: Cast, hands: HandClock) -> None:
    counts = []
    for visits_made in (1, 5):
        for _ in range(visits_made):
            close(visited(client, cast))
        hands.forward(days=91)
        with count_queries() as counter:
            assert histories.trim() == 2 * visits_made
        counts.append(counter.count)
        cast.sonia.headers.update(logged_in(cast).headers)
    assert counts[0] == counts[1]
