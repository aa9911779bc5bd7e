"""GET /v1/sync"""

import gzip
from datetime import timedelta

import orjson
import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import assert_query_count

from server import clock
from server.domain import wire
from server.domain.actor import Role
from server.models import Assignment, Membership, Notice, Store, SyncChange, SyncFeed
from server.services import feeds, notices, restoring
from tests import factories, visits
from tests.cast import Cast
from tests.phone import Phone, photo, visit

SNAPSHOT = 2
"""Statements that begin and end the snapshot."""


def ids(changes: dict, table: str) -> set[str]:
    return {row["id"] for row in changes[table]["updated"]}


def test_a_first_pull_of_nothing_has_every_table_and_a_cursor(phone: Phone) -> None:
    changes = phone.pull()
    assert set(changes) == set(wire.TABLES)
    assert all(
        change == {"created": [], "updated": [], "deleted": []} for change in changes.values()
    )
    assert phone.cursor is not None
    assert 0 < phone.cursor < 2**53
    assert ids(phone.pull(), "notices") == set()


@pytest.mark.parametrize("first", ["", "?last_pulled_at=", "?last_pulled_at=null"])
def test_a_first_pull_may_be_said_in_three_ways(
    client: FlaskClient, cast: Cast, first: str
) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    answer = client.get(f"/v1/sync{first}", headers=cast.sonia.headers)
    assert ids(answer.json["changes"], "assignments") == {made.id}


def test_an_assignment_comes_with_all_that_it_names(phone: Phone, cast: Cast) -> None:
    promise = factories.promise(cast.brand.id)
    unlinked = factories.promise(cast.brand.id)
    items = [dict(visits.ITEMS[0], promises=[{"promise": promise.id, "weight": 1}])]
    version = visits.checklist_version(cast.brand.id, items)
    made = visits.assignment(
        cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id, fee=2500
    )
    changes = phone.pull()
    (row,) = changes["assignments"]["updated"]
    assert row == {
        "id": made.id,
        "brand_id": cast.brand.id,
        "store_id": made.store_id,
        "checklist_id": version.id,
        "campaign": "Spring",
        "attempt": 1,
        "part_of": None,
        "status": "accepted",
        "scenario": None,
        "persona_id": None,
        "opens_at": clock.to_ms(made.opens_at),
        "closes_at": clock.to_ms(made.closes_at),
        "fee": 2500,
        "currency": None,
    }
    assert ids(changes, "stores") == {made.store_id}
    assert ids(changes, "promises") == {promise.id} != {unlinked.id}
    (checklist,) = changes["checklists"]["updated"]
    assert orjson.loads(checklist["document"]) == version.document
    assert orjson.loads(checklist["locales"]) == ["en"]


def test_a_second_pull_has_only_what_changed(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.pull()
    assert not any(change["updated"] for change in phone.pull().values())
    Store.update(name="Via Torino").where(Store.id == made.store_id).execute()
    assert feeds.fan_out("stores", made.store_id) == 1
    changes = phone.pull()
    assert [row["name"] for row in changes["stores"]["updated"]] == ["Via Torino"]
    assert ids(changes, "assignments") == set()


def test_another_shoppers_rows_stay_theirs(client: FlaskClient, cast: Cast) -> None:
    mine = visits.assignment(cast.brand.id, cast.sonia.account_id)
    theirs = visits.assignment(cast.brand.id, cast.sergio.account_id)
    Phone(client, cast.sergio).push(visit(theirs.id))
    changes = Phone(client, cast.sonia).pull()
    assert ids(changes, "assignments") == {mine.id}
    assert ids(changes, "reports") == ids(changes, "answers") == ids(changes, "notices") == set()


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_who_shops_nowhere_has_no_sync(client: FlaskClient, cast: Cast, name: str) -> None:
    headers = getattr(cast, name).headers
    for answer in (
        client.get("/v1/sync", headers=headers),
        client.post("/v1/sync", json={}, headers=headers),
    ):
        assert answer.status_code == 403
        assert answer.json["code"] == "forbidden"


def test_a_regional_manager_has_no_sync(client: FlaskClient, cast: Cast) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=clock.new_id())
    assert client.get("/v1/sync", headers=rita.headers).status_code == 403
    assert client.get("/v1/sync").status_code == 401


def test_a_suspended_shopper_still_pulls(phone: Phone, cast: Cast) -> None:
    visits.assignment(cast.brand.id, cast.sonia.account_id)
    Membership.update(suspended=True).execute()
    assert len(phone.pull()["assignments"]["updated"]) == 1


def test_what_closed_long_ago_is_left_out_of_a_first_pull(phone: Phone, cast: Cast) -> None:
    old, recent = (visits.assignment(cast.brand.id, cast.sonia.account_id) for _ in range(2))
    for made in (old, recent):
        rows = visit(made.id)
        rows["photos"] = [photo(clock.new_id(), made.id)]
        phone.push(rows)
    for made, days in ((old, 91), (recent, 89)):
        closed = {Assignment.status: "approved"}
        closed[Assignment.closed_at] = clock.now() - timedelta(days=days)
        Assignment.update(closed).where(Assignment.id == made.id).execute()
    notices.notify(cast.sonia.account_id, "reports/x", "old", "Old.")
    feeds.touch({cast.sonia.account_id: [("notices", Notice.select().get().id)]})
    Notice.update(created_at=clock.now() - timedelta(days=91)).execute()
    changes = phone.pull()
    assert ids(changes, "assignments") == {recent.id}
    assert ids(changes, "stores") == {recent.store_id}
    assert ids(changes, "checklists") == {recent.checklist_version_id}
    assert ids(changes, "reports") == {f"{recent.id}.1"}
    assert ids(changes, "answers") == {f"{recent.id}.1.greeting", f"{recent.id}.1.wait"}
    assert {row["report_id"] for row in changes["photos"]["updated"]} == {f"{recent.id}.1"}
    assert ids(changes, "notices") == set()


def test_a_new_epoch_sends_everything_and_asks_to_resend(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.pull()
    restoring.begin_epoch()
    changes = phone.pull()
    assert ids(changes, "assignments") == {made.id}
    assert [row["code"] for row in changes["notices"]["updated"]] == ["resend"]
    assert not any(change["updated"] for change in phone.pull().values())


def test_a_cursor_ahead_sends_everything_and_asks_to_resend(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.pull()
    assert phone.cursor is not None
    phone.cursor += 5
    changes = phone.pull()
    assert ids(changes, "assignments") == {made.id}
    assert [row["code"] for row in changes["notices"]["updated"]] == ["resend"]


def test_a_feed_that_the_restore_lost_is_told_apart(phone: Phone, cast: Cast) -> None:
    visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.pull()
    SyncFeed.delete().execute()
    SyncChange.delete().execute()
    changes = phone.pull()
    assert [row["code"] for row in changes["notices"]["updated"]] == ["resend"]


def test_the_same_lost_answer_makes_one_notice(phone: Phone, cast: Cast) -> None:
    phone.pull()
    restoring.begin_epoch()
    lost = phone.cursor
    phone.pull()
    phone.cursor = lost
    phone.pull()
    assert Notice.select().count() == 1


def test_a_migration_sends_its_tables_whole(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push(visit(made.id))
    phone.pull()
    migration = {"from": 1, "tables": ["stores"], "columns": [{"table": "answers", "columns": []}]}
    changes = phone.pull(migration=orjson.dumps(migration).decode())
    assert ids(changes, "stores") == {made.store_id}
    assert len(ids(changes, "answers")) == 2
    assert ids(changes, "assignments") == ids(changes, "reports") == set()
    assert not any(change["updated"] for change in phone.pull(migration="null").values())
    unknown = phone.pull(migration='{"from":1,"tables":["secrets"],"columns":[]}')
    assert not any(change["updated"] for change in unknown.values())


@pytest.mark.parametrize(
    "query",
    [
        "last_pulled_at=soon",
        "last_pulled_at=-1",
        "last_pulled_at=1.5",
        "schema_version=new",
        "migration={",
        "migration=[1]",
        "migration=[]",
        "migration=%7B%22tables%22%3A%22personas%22%7D",
        "migration=%7B%22columns%22%3A%5B%22stores%22%5D%7D",
        "migration=%7B%22tables%22%3A%5B%5B%5D%5D%7D",
    ],
)
def test_a_query_that_is_none_is_refused(client: FlaskClient, cast: Cast, query: str) -> None:
    """As a body that is not the protocol's shape."""
    answer = client.get(f"/v1/sync?{query}", headers=cast.sonia.headers)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed-request")
    assert query.partition("=")[0] in answer.json["detail"]


def test_an_app_that_is_too_old_is_told_so(client: FlaskClient, cast: Cast) -> None:
    for call in (client.get, client.post):
        answer = call("/v1/sync?schema_version=0", headers=cast.sonia.headers)
        assert answer.status_code == 426
        assert answer.json["code"] == "client-too-old"


def test_a_large_answer_is_zipped_when_asked(client: FlaskClient, cast: Cast) -> None:
    visits.assignment(cast.brand.id, cast.sonia.account_id)
    plain = client.get("/v1/sync", headers=cast.sonia.headers)
    assert "Content-Encoding" not in plain.headers
    zipped = client.get("/v1/sync", headers=cast.sonia.headers | {"Accept-Encoding": "br, gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert orjson.loads(gzip.decompress(zipped.data)) == plain.json
    assert len(zipped.data) < len(plain.data)


def test_a_pull_of_nothing_new_is_three_queries(phone: Phone, cast: Cast) -> None:
    for _ in range(3):
        phone.push(visit(visits.assignment(cast.brand.id, cast.sonia.account_id).id))
    phone.pull()
    with assert_query_count(3 + SNAPSHOT):
        phone.pull()


def test_a_full_pull_is_a_fixed_number_of_queries(phone: Phone, cast: Cast) -> None:
    for more in (2, 8):
        for _ in range(more):
            made = visits.assignment(cast.brand.id, cast.sonia.account_id)
            phone.push(visit(made.id) | {"photos": [photo(clock.new_id(), made.id)]})
        phone.cursor = None
        with assert_query_count(8 + SNAPSHOT):
            phone.pull()
