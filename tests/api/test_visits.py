"""/v1/brands/{brand}/visits and …/stores/{store}/visits: visits as a whole"""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server import clock
from server.domain.actor import Role
from server.models import Assignment, Brand, Membership, Store, VisitScore
from server.services import assignments, checklists, visits
from tests import factories
from tests.cast import Cast, Person
from tests.clock import HandClock
from tests.partwork import Programme

READING, LISTING = 6, 6
"""Queries that a visit costs, however many parts have come, and a store's visits, however many."""


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch, database: str) -> HandClock:
    return HandClock(monkeypatch)


@pytest.fixture
def programme(client: FlaskClient, cast: Cast, hands: HandClock) -> Programme:
    return Programme(client, cast)


def read(programme: Programme, assignment_id: str | None = None) -> Any:
    path = f"{programme.url}/visits/{assignment_id or programme.first}"
    answered = programme.client.get(path, headers=programme.cast.bob.headers)
    assert answered.status_code == 200, answered.text
    return answered.json


def states(programme: Programme) -> list[str]:
    return [part["state"] for part in read(programme)["parts"]]


def pass_days(days: int) -> None:
    """Windows move instead of the clock: nobody's login ends by it."""
    for row in Assignment.select():
        row.opens_at -= timedelta(days=days)
        row.closes_at -= timedelta(days=days)
        row.save()


def cold() -> None:
    """Forget the versions that the process keeps."""
    checklists._published.clear()
    checklists.document.cache_clear()
    checklists.phone_document.cache_clear()


def told(programme: Programme, person: Person, **query: str) -> Any:
    path = f"{programme.url}/stores/{programme.store.id}/visits"
    answered = programme.client.get(path, query_string=query, headers=person.headers)
    assert answered.status_code == 200, answered.text
    return answered.json["items"]


def test_a_visit_is_read_with_each_part_as_far_as_it_is(
    programme: Programme, hands: HandClock
) -> None:
    assert states(programme) == ["due", "coming", "coming"]
    first = programme.submit(programme.first, bought=True)
    assert states(programme) == ["submitted", "coming", "coming"]
    programme.say(first, "return")
    assert states(programme)[0] == "returned"
    hands.forward(seconds=5)
    programme.submit(programme.first, bought=True)
    programme.say(first, "approval", 2)
    pass_days(4)
    assert states(programme) == ["approved", "due", "coming"]
    pass_days(7)
    assert states(programme) == ["approved", "late", "coming"]
    assert assignments.expire() == 1
    assert states(programme) == ["approved", "missing", "coming"]
    helped = programme.submit(programme.part(programme.help).id, helped=False)
    programme.say(helped, "rejection")
    assert states(programme) == ["approved", "missing", "rejected"]


def test_it_says_when_each_part_is_due_what_came_and_what_it_scored(programme: Programme) -> None:
    first = programme.done(programme.first, bought=True)
    use = programme.part(programme.use)
    used = programme.done(use.id, works=False, fits=False)
    visit = read(programme)
    assert (visit["assignment_id"], visit["store_id"]) == (programme.first, programme.store.id)
    assert (visit["score"], visit["coverage"], visit["incomplete"]) == (33.333, 0.75, True)
    asked, using, helping = visit["parts"]
    assert [part["sections"][0]["key"] for part in visit["parts"]] == ["buy", "use", "help"]
    assert (asked["report_id"], asked["revision"], asked["score"]) == (first, 1, 100.0)
    assert (using["report_id"], using["revision"], using["score"]) == (used, 1, 0.0)
    assert using["checklist_id"] == programme.use["id"]
    assert using["due_at"] == use.closes_at.isoformat()
    assert (using["late"], helping["report_id"], helping["score"]) == (False, None, None)
    assert read(programme, use.id) == visit, "whichever part is asked for"


def test_a_return_with_a_deadline_is_due_by_it(programme: Programme) -> None:
    first = programme.submit(programme.first, bought=True)
    due = (clock.now() + timedelta(days=2)).replace(microsecond=0).isoformat()
    path = f"{programme.url}/reports/{first}/revisions/1/return"
    body = {"message": "?", "due_at": due}
    said = programme.client.post(path, json=body, headers=programme.cast.bob.headers)
    assert said.status_code == 201, said.text
    assert read(programme)["parts"][0]["due_at"] == due


def test_what_is_not_asked_is_not_missing(programme: Programme) -> None:
    programme.done(programme.first, bought=False)
    assert states(programme) == ["approved", "unasked", "coming"]
    visit = read(programme)
    assert [part["assignment_id"] is None for part in visit["parts"]] == [False, True, False]


def test_a_part_that_came_late_says_so(programme: Programme) -> None:
    programme.done(programme.first, bought=True)
    part = programme.part(programme.use).id
    pass_days(11)
    assert assignments.expire() == 1
    used = programme.submit(part, works=True, fits=True)
    using = read(programme)["parts"][1]
    assert (using["state"], using["late"], using["score"]) == ("submitted", True, 100.0)
    programme.say(used, "approval")
    assert read(programme)["parts"][1]["state"] == "approved"


@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_parts_of_a_first_part_that_came_late_come_once_it_is_approved(
    programme: Programme, ending: str
) -> None:
    if ending == "expired":
        pass_days(31)
        assert assignments.expire() == 1
    else:
        path = f"{programme.url}/assignments/{programme.first}/cancellation"
        assert programme.client.post(path, headers=programme.hands).status_code == 200
        assert states(programme) == ["missing"] * 3
    first = programme.submit(programme.first, bought=True)
    assert Assignment.get_by_id(programme.first).status == ending
    assert read(programme)["parts"][0]["late"]
    assert states(programme) == ["submitted", "coming", "coming"]
    programme.say(first, "approval")
    visit = read(programme)
    assert [part["state"] for part in visit["parts"]] == ["approved", "coming", "coming"]
    assert all(part["assignment_id"] for part in visit["parts"])


def test_what_a_late_first_part_does_not_call_for_is_unasked(programme: Programme) -> None:
    path = f"{programme.url}/assignments/{programme.first}/cancellation"
    assert programme.client.post(path, headers=programme.hands).status_code == 200
    first = programme.submit(programme.first, bought=False)
    assert states(programme) == ["submitted", "unasked", "coming"]
    programme.say(first, "rejection")
    assert states(programme) == ["rejected", "missing", "missing"]


def test_a_part_that_a_shopper_who_left_will_not_be_given_is_missing(programme: Programme) -> None:
    Membership.update(suspended=True).where(
        Membership.account_id == programme.cast.sonia.account_id
    ).execute()
    first = programme.submit(programme.first, bought=True)
    assert states(programme) == ["submitted", "coming", "coming"]
    programme.say(first, "approval")
    assert states(programme) == ["approved", "missing", "missing"]


def test_a_part_that_was_given_again_is_shown_once(programme: Programme) -> None:
    programme.done(programme.first, bought=True)
    gone = programme.part(programme.use).id
    path = f"{programme.url}/assignments/{gone}/cancellation"
    assert programme.client.post(path, headers=programme.hands).status_code == 200
    assert states(programme)[1] == "missing"
    item = {
        "store_id": programme.store.id,
        "shopper_id": programme.cast.sonia.account_id,
        "part_of": programme.first,
        "checklist_version_id": programme.use["id"],
    }
    body = {"wave_id": programme.wave.id, "items": [item], "accepted": True}
    path = f"{programme.url}/assignments"
    made = programme.client.post(path, json=body, headers=programme.hands).json["items"][0]
    visit = read(programme)
    assert [part["number"] for part in visit["parts"]] == [0, 1, 2]
    assert visit["parts"][1]["assignment_id"] == made["id"]


def test_a_visit_that_is_over_asks_for_nothing(programme: Programme) -> None:
    programme.say(programme.submit(programme.first, bought=True), "rejection")
    assert states(programme) == ["rejected", "missing", "missing"]
    visit = read(programme)
    assert (visit["score"], visit["month"], visit["incomplete"]) == (None, None, None)


def test_a_visit_of_one_part_is_one(programme: Programme, cast: Cast) -> None:
    wave = factories.wave(cast.brand.id, factories.checklist_version(cast.brand.id).id)
    made = factories.assignment(wave, cast.sonia.account_id)
    visit = read(programme, made.id)
    assert [(part["number"], part["state"]) for part in visit["parts"]] == [(0, "due")]


def test_nobody_reads_their_own_visit_or_another_brand_s(
    client: FlaskClient, programme: Programme, cast: Cast
) -> None:
    programme.done(programme.first, bought=True)
    Membership.create(
        id=clock.new_id(), brand_id=cast.brand.id, account_id=cast.sonia.account_id,
        role=str(Role.REVIEWER), created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    asked = [programme.first, programme.part(programme.use).id, "not-there"]
    details = set()
    for assignment_id in asked:
        path = f"{programme.url}/visits/{assignment_id}"
        refused = client.get(path, headers=cast.sonia.headers)
        assert refused.status_code == 404
        details.add(refused.json["detail"].replace(assignment_id, ""))
    assert len(details) == 1
    elsewhere = f"/v1/brands/{cast.other_brand.id}/visits/{programme.first}"
    assert client.get(elsewhere, headers=cast.charlie.headers).status_code == 404


def test_reading_costs_the_same_whatever_has_come(programme: Programme) -> None:
    bob = programme.cast.bob.actor

    def queries(assignment_id: str) -> int:
        cold()
        with count_queries() as counted:
            visits.read(bob, programme.cast.brand.id, assignment_id)
        return int(counted.count)

    before = queries(programme.first)
    programme.done(programme.first, bought=True)
    programme.done(programme.part(programme.use).id, works=False, fits=True)
    programme.done(programme.part(programme.help).id, helped=True)
    assert before <= queries(programme.first) <= READING


def test_a_store_is_told_of_what_counts_without_shopper_day_or_id(
    programme: Programme, cast: Cast
) -> None:
    stefano = cast.person("stefano", Role.STORE_MANAGER, store_id=programme.store.id)
    first = programme.submit(programme.first, bought=True)
    assert told(programme, stefano) == [], "nobody has approved it"
    programme.say(first, "approval")
    used = programme.submit(programme.part(programme.use).id, works=False, fits=False)
    (visit,) = told(programme, stefano)
    assert [part[0]["key"] for part in visit["parts"]] == ["buy"]
    programme.say(used, "approval")
    (visit,) = told(programme, stefano)
    month = VisitScore.get(VisitScore.counted).month
    assert visit == {
        "month": month,
        "week": None,
        "score": 33.333,
        "coverage": 0.75,
        "incomplete": True,
        "parts": [[{"key": key, "title": {"it": "Testo", "en": "Text"}}] for key in ("buy", "use")],
    }
    assert told(programme, stefano, month=month) == [visit]
    assert told(programme, stefano, month="2001-01") == []
    programme.say(first, "withdrawal")
    assert told(programme, stefano) == []


def test_a_store_is_told_the_week_where_the_brand_says_so(programme: Programme, cast: Cast) -> None:
    stefano = cast.person("stefano", Role.STORE_MANAGER, store_id=programme.store.id)
    programme.done(programme.first, bought=True)
    Brand.update(times_shown="week").where(Brand.id == cast.brand.id).execute()
    year, week, _ = clock.now().isocalendar()
    assert told(programme, stefano)[0]["week"] == f"{year}-W{week:02}"


def test_a_store_s_visits_are_in_no_order_that_tells_and_cost_the_same(
    programme: Programme, cast: Cast
) -> None:
    stefano = cast.person("stefano", Role.STORE_MANAGER, store_id=programme.store.id)

    def queries() -> int:
        cold()
        with count_queries() as counted:
            visits.of_store(stefano.actor, cast.brand.id, programme.store.id)
        return int(counted.count)

    programme.done(programme.first, bought=True)
    before = queries()
    for bought in (False, True, False):
        programme.first = programme.offered()
        programme.done(programme.first, bought=bought)
    assert [one["score"] for one in told(programme, stefano)] == [0.0, 0.0, 100.0, 100.0]
    assert before == queries() <= LISTING


def test_no_other_store_s_visits_are_told(programme: Programme, cast: Cast) -> None:
    other: Store = factories.store(cast.brand.id, "OTHER")
    stefano = cast.person("stefano", Role.STORE_MANAGER, store_id=other.id)
    path = f"{programme.url}/stores/{programme.store.id}/visits"
    assert programme.client.get(path, headers=stefano.headers).status_code == 404
    refused = programme.client.get(
        f"{programme.url}/visits/{programme.first}", headers=stefano.headers
    )
    assert refused.status_code == 403
