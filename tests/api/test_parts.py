"""Visits in parts: later sections as assignments of their own, joined in one score."""

from datetime import timedelta

import orjson
import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain.actor import Role
from server.models import Assignment, Membership, Report, RetentionRule, Revision, ScoreSum, Store
from server.services import (
    assignments,
    erasures,
    feeds,
    flagging,
    retention,
    scores,
    sums,
    visit_parts,
)
from tests import factories
from tests.api.test_assignments import offer, wrong_places
from tests.cast import Cast
from tests.clock import HandClock
from tests.partwork import (
    AFTER_3,
    AFTER_30,
    COMPLETE,
    DAY_MS,
    INCOMPLETE,
    Programme,
    counted,
    handle,
    parts_of,
    visits,
)
from tests.phone import report


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch, database: str) -> HandClock:
    return HandClock(monkeypatch)


@pytest.fixture
def programme(client: FlaskClient, cast: Cast, hands: HandClock) -> Programme:
    return Programme(client, cast)


def test_a_version_tells_its_parts(programme: Programme) -> None:
    delays = [(one["delay"], one["sections"]) for one in programme.version["parts"]]
    assert delays == [(AFTER_3, ["use"]), (AFTER_30, ["help"])]


def test_the_phone_gets_each_part_when_the_one_before_is_submitted(
    programme: Programme, hands: HandClock
) -> None:
    phone = programme.phone
    phone.pull()
    (shown,) = phone.rows["checklists"].values()
    document = orjson.loads(shown["document"])
    assert [one["key"] for one in document["sections"]] == ["buy"]
    assert [one["key"] for one in document["later"]] == ["use", "help"]
    programme.submit(programme.first, bought=True)
    rows = phone.rows["assignments"]
    part = rows[programme.part(programme.use).id]
    day = clock.to_ms(hands.moment) - 1000
    assert (part["part_of"], part["status"], part["scenario"]) == (
        programme.first, "accepted", "A gift.",
    )  # fmt: skip
    assert (part["store_id"], part["campaign"], part["attempt"], part["fee"]) == (
        programme.store.id, "Autumn", 1, None,
    )  # fmt: skip
    assert [part["opens_at"] - day, part["closes_at"] - day] == [3 * DAY_MS, 10 * DAY_MS]
    document = orjson.loads(phone.rows["checklists"][part["checklist_id"]]["document"])
    assert [one["key"] for one in document["sections"]] == ["use"]
    assert "when" not in document["sections"][0] or document["sections"][0]["when"] == []
    assert len(rows) == 3


def test_a_visit_is_one_score_of_all_its_approved_parts(programme: Programme) -> None:
    first = programme.done(programme.first, bought=True)
    assert counted() == [(first, 100, INCOMPLETE, None)]
    page = programme.figures()
    assert (page["n_visits"], page["raw_mean"], page["incomplete_visits"]) == (1, 100.0, 1)

    used = programme.submit(programme.part(programme.use).id, works=False, fits=False)
    assert visits() == (1, 100_000), "nobody has approved it"
    programme.say(used, "approval")
    ((report_id, points, tallies, joined),) = counted()
    assert (report_id, points, joined) == (first, 33, [f"{used}.r1"])
    assert (tallies["incomplete"], tallies["coverage"]) == (1, 750)

    helped = programme.done(programme.part(programme.help).id, helped=False)
    assert counted()[0][1:] == (25, COMPLETE, [f"{used}.r1", f"{helped}.r1"])
    assert visits() == (1, 25_000)
    assert programme.figures()["incomplete_visits"] == 0

    programme.say(used, "withdrawal")
    assert counted()[0][1] == 50
    programme.say(first, "withdrawal")
    assert (counted(), visits()) == ([], (0, 0))
    programme.say(used, "approval")
    assert (counted(), visits()) == ([], (0, 0)), "without its first part there is no visit"
    programme.say(first, "approval")
    assert counted()[0][1:] == (25, COMPLETE, [f"{used}.r1", f"{helped}.r1"])
    assert ScoreSum.select().where(ScoreSum.dimension.startswith("item@")).count() == 1
    before = {(row.dimension, str(row.sums)) for row in ScoreSum.select()}
    sums.rebuild(programme.cast.brand.id)
    assert {(row.dimension, str(row.sums)) for row in ScoreSum.select()} == before


def test_a_later_revision_of_either_part_takes_the_place_of_the_earlier(
    programme: Programme, hands: HandClock
) -> None:
    first = programme.done(programme.first, bought=True)
    part = programme.part(programme.use).id
    used = programme.submit(part, works=False, fits=False)
    programme.say(used, "return")
    hands.forward(seconds=5)
    programme.submit(part, works=True, fits=False)
    programme.say(used, "approval", 2)
    assert counted()[0][:2] == (first, 66)
    programme.say(first, "withdrawal")
    programme.say(first, "return")
    hands.forward(seconds=5)
    programme.submit(programme.first, bought=False)
    programme.say(first, "approval", 2)
    # What is asked of buyers alone is not scored of one who did not buy.
    assert counted()[0][:2] == (first, 0)
    assert counted()[0][3] == [f"{used}.r2"]
    assert visits() == (1, 0)


def test_a_part_that_never_came_holds_nothing_up(programme: Programme, hands: HandClock) -> None:
    first = programme.done(programme.first, bought=True)
    hands.forward(days=60)
    assert assignments.expire() == 2
    assert parts_of(programme.first) == {"use": "expired", "help": "expired"}
    assert counted() == [(first, 100, INCOMPLETE, None)]


def test_late_work_on_a_part_counts_once_a_person_says_so(
    programme: Programme, cast: Cast, hands: HandClock
) -> None:
    programme.done(programme.first, bought=True)
    part = programme.part(programme.use)
    Assignment.update(closes_at=clock.now() - timedelta(days=1)).execute()
    assignments.expire()
    used = programme.submit(part.id, works=True, fits=True)
    assert Report.get_by_id(used).late
    assert visits()[0] == 1
    programme.say(used, "approval")
    assert counted()[0][3] == [f"{used}.r1"]


def test_a_visit_that_came_late_has_its_parts_once_it_is_one(programme: Programme) -> None:
    Assignment.update(closes_at=clock.now() - timedelta(hours=1)).execute()
    assert assignments.expire() == 1
    first = programme.submit(programme.first, bought=False)
    assert parts_of(programme.first) == {}
    programme.say(first, "approval")
    assert parts_of(programme.first) == {"help": "accepted"}


def test_answers_decide_which_parts_are_asked(programme: Programme, hands: HandClock) -> None:
    first = programme.submit(programme.first, bought=False)
    assert parts_of(programme.first) == {"help": "accepted"}
    programme.say(first, "return")
    hands.forward(seconds=5)
    programme.submit(programme.first, bought=True)
    assert parts_of(programme.first) == {"help": "accepted", "use": "accepted"}
    programme.say(first, "return", 2)
    hands.forward(seconds=5)
    programme.submit(programme.first, bought=False)
    assert parts_of(programme.first) == {"help": "accepted", "use": "cancelled"}
    programme.say(first, "approval", 3)
    assert counted()[0][2]["incomplete"] == 1
    programme.done(programme.part(programme.help).id, helped=True)
    assert counted()[0][2]["incomplete"] == 0, "what was not asked is not missing"


@pytest.mark.parametrize("ending", ["rejection", "cancellation", "reassignment"])
def test_parts_end_with_the_first(programme: Programme, cast: Cast, ending: str) -> None:
    first = programme.submit(programme.first, bought=True)
    used = programme.submit(programme.part(programme.use).id, works=True, fits=True)
    if ending == "rejection":
        programme.say(first, ending)
    else:
        programme.say(first, "return")
        other = cast.person("silvia", Role.SHOPPER).account_id
        body = {"shopper_id": other} if ending == "reassignment" else None
        path = f"{programme.url}/assignments/{programme.first}/{ending}"
        said = programme.client.post(path, json=body, headers=programme.hands)
        assert said.status_code in (200, 201), said.json
        assert said.json["part_of"] is None
        assert said.json["id"] == programme.first or parts_of(said.json["id"]) == {}
    assert parts_of(programme.first) == {"use": "submitted", "help": "cancelled"}
    programme.phone.pull()
    gone = programme.part(programme.help).id
    assert programme.phone.rows["assignments"][gone]["status"] == "cancelled"
    programme.say(used, "approval")
    assert (counted(), visits()) == ([], (0, 0))


def test_nobody_else_makes_a_part_and_nothing_is_made_twice(
    client: FlaskClient, programme: Programme, cast: Cast
) -> None:
    first = programme.submit(programme.first, bought=True)
    part = programme.part(programme.use)
    path = f"{programme.url}/assignments/{part.id}"
    body = {"shopper_id": cast.person("silvia", Role.SHOPPER).account_id}
    assert (
        client.post(f"{path}/reassignment", json=body, headers=programme.hands).status_code == 409
    )
    assert client.post(f"{path}/cancellation", headers=programme.hands).status_code == 200
    programme.say(first, "approval")
    assert parts_of(programme.first) == {"use": "cancelled", "help": "accepted"}

    same = {"store_id": programme.store.id, "shopper_id": cast.sonia.account_id}
    again = same | {"part_of": programme.first, "checklist_version_id": programme.use["id"]}
    wrong = [
        again | {"part_of": part.id},
        again | {"attempt": 2},
        again | {"shopper_id": body["shopper_id"]},
        again | {"checklist_version_id": programme.version["id"]},
        again | {"checklist_version_id": programme.help["id"]},
        same | {"checklist_version_id": programme.use["id"]},
    ]
    refused = wrong_places(offer(client, cast, programme.wave, *wrong))
    assert refused == [
        "/items/0/part_of",
        "/items/1/part_of",
        "/items/2/part_of",
        "/items/3/checklist_version_id",
        "/items/4/part_of",
        "/items/5/checklist_version_id",
    ]
    made = offer(client, cast, programme.wave, again, accepted=True).json["items"][0]
    programme.done(made["id"], works=True, fits=True)
    assert counted()[0][3] == [f"{made['id']}.1.r1"]
    listed = client.get(
        f"{programme.url}/assignments",
        query_string={"part_of": programme.first},
        headers=programme.hands,
    )
    assert len(listed.json["items"]) == 3
    wave = {"name": "W", "checklist_version_id": programme.use["id"]}
    window = {"opens_at": "2026-01-01T00:00:00Z", "closes_at": "2026-02-01T00:00:00Z"}
    refused = client.post(f"{programme.url}/waves", json=wave | window, headers=programme.hands)
    assert wrong_places(refused) == ["/checklist_version_id"]


def test_events_that_come_twice_make_nothing_twice(programme: Programme, cast: Cast) -> None:
    report_id = programme.submit(programme.first, bought=True)
    seq = feeds.position(cast.sonia.account_id)
    for _ in range(2):
        visit_parts.follow(f"{report_id}.r1")
    assert len(parts_of(programme.first)) == 2
    assert seq is not None
    (changes,) = [programme.phone.pull()["assignments"]["updated"]]
    assert changes == [], "nothing that phones hold has changed"


def test_what_is_kept_so_long_goes_from_every_part(programme: Programme, hands: HandClock) -> None:
    RetentionRule.create(brand_id=programme.cast.brand.id, kind="verbatims", days=10)
    programme.done(programme.first, bought=True, words="A warm welcome.")
    used = programme.submit(programme.part(programme.use).id, "It broke.", works=False, fits=True)
    programme.say(used, "approval")
    before = counted()
    programme.say(used, "withdrawal")
    hands.forward(days=11)
    assert retention.apply() == 1, "a part that waits for its reviewer is not closed"
    Revision.update(status="approved").where(Revision.report_id == used).execute()
    Assignment.update(closed_at=clock.now()).where(Assignment.id == used[:-2]).execute()
    hands.forward(days=11)
    assert retention.apply() == 1
    scores.count(f"{used}.r1")
    assert counted() == before, "scores are of judgements, and these stay"
    told = Revision.get(Revision.report_id == used).document
    assert "It broke." not in str(told)


def test_who_left_is_given_nothing_more(programme: Programme, cast: Cast) -> None:
    Membership.update(suspended=True).where(
        Membership.account_id == cast.sonia.account_id
    ).execute()
    programme.submit(programme.first, bought=True)
    assert parts_of(programme.first) == {}


def test_a_part_of_another_checklist_is_joined_to_nothing(programme: Programme) -> None:
    """A phone that names the whole version in a part's report, or a part in the first's, is told
    that this is no checklist of theirs."""
    programme.submit(programme.first, bought=True)
    part = programme.part(programme.use).id
    programme.phone.push({"reports": [report(part, checklist_id=programme.version["id"])]})
    assert (f"reports/{part}.1", "unknown-checklist") in programme.phone.notices()
    assert Report.get_by_id(f"{part}.1").checklist_version_id == programme.use["id"]
    other = programme.offered()
    programme.phone.push({"reports": [report(other, checklist_id=programme.use["id"])]})
    assert (f"reports/{other}.1", "unknown-checklist") in programme.phone.notices()


def test_each_part_speaks_for_its_own_items(programme: Programme) -> None:
    first = programme.submit(programme.first, bought=True, works=False)
    record = (f"answers/{first}.works", "unknown-item")
    assert record in programme.phone.notices()
    programme.say(first, "approval")
    assert counted()[0][1] == 100
    revision = Report.get_by_id(first)
    assert "missing-answers" not in {code for _, code in programme.phone.notices()}
    assert revision.locked_revision == 1


def test_stores_read_what_every_part_says(programme: Programme) -> None:
    programme.done(programme.first, bought=True, words="A warm welcome.")
    (said,) = programme.figures()["verbatims"]
    assert said["text"] == "A warm welcome."
    used = programme.submit(programme.part(programme.use).id, "It broke.", works=False, fits=True)
    programme.say(used, "approval")
    assert {one["text"] for one in programme.figures()["verbatims"]} == {
        "A warm welcome.",
        "It broke.",
    }


def test_the_photos_of_a_part_are_never_far_away(programme: Programme) -> None:
    Store.update(latitude=45.46, longitude=9.19).execute()
    programme.submit(programme.first, bought=True)
    here = {"latitude": 41.9, "longitude": 12.5}
    for assignment_id, far in ((programme.first, True), (programme.part(programme.use).id, False)):
        row = factories.photo(
            f"p-{far}", programme.cast.brand.id, programme.cast.sonia.account_id,
            report_id=f"{assignment_id}.1", **here,
        )  # fmt: skip
        visit = flagging._visit(row, *flagging._visits({row.report_id})[row.report_id])
        assert (visit.store is not None) == far


def test_an_erased_person_s_visits_stay_whole(
    client: FlaskClient, programme: Programme, cast: Cast
) -> None:
    programme.done(programme.first, bought=True)
    programme.done(programme.part(programme.use).id, works=True, fits=False)
    late = programme.submit(programme.part(programme.help).id, helped=True)
    before = counted()
    held = client.get("/v1/me/export", headers=cast.sonia.headers)
    assert len(held.json["held"]["assignments"]) == 3
    membership = Membership.get(Membership.account_id == cast.sonia.account_id)
    erasures.begin(cast.brand.id, membership.id, "Alice")
    handle()
    owners = {row.shopper_id for row in Assignment.select()}
    assert (len(owners), cast.sonia.account_id in owners) == (1, False)
    assert counted() == before
    programme.say(late, "approval")
    assert counted()[0][1:3] == (75, COMPLETE)
