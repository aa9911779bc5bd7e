"""/v1/brands/{brand}/assignments"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import assert_query_count, count_queries

from server.domain.actor import Role
from server.domain.states import OPEN, AssignmentStatus
from server.models import Assignment, SyncChange, SyncFeed, Wave
from server.services import checklists
from tests import factories
from tests.cast import Cast, Person


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/assignments", *parts))


def edit(person: Person, version: int) -> dict[str, str]:
    return person.headers | {"If-Match": f'"{version}"'}


def offer(client: FlaskClient, cast: Cast, wave: Wave, *items: dict[str, Any], **more: Any) -> Any:
    body = {"wave_id": wave.id, "items": list(items)} | more
    return client.post(url(cast), json=body, headers=cast.alice.headers)


def feed(shopper_id: str) -> set[tuple[str, str]]:
    """The (table, row id)s that the shopper's phones get."""
    rows = SyncChange.select().where(SyncChange.shopper_id == shopper_id)
    return {(row.table, row.row_id) for row in rows}


def seq(shopper_id: str) -> int:
    return SyncFeed.get_by_id(shopper_id).seq


def wrong_places(answer: Any) -> list[str]:
    assert answer.status_code == 422
    return [each["pointer"] for each in answer.json["errors"]]


def test_alice_offers_visits_and_the_phones_get_what_they_need(
    client: FlaskClient, cast: Cast
) -> None:
    wave = factories.wave(cast.brand.id)
    first, second = (factories.store(cast.brand.id, code) for code in ("S1", "S2"))
    sonia, sergio = cast.sonia.account_id, cast.sergio.account_id
    made = offer(
        client,
        cast,
        wave,
        {"store_id": first.id, "shopper_id": sonia, "fee": 2500, "currency": "EUR"},
        {"store_id": second.id, "shopper_id": sergio, "closes_at": "2101-01-01T00:00:00Z"},
    )
    assert made.status_code == 201
    one, two = made.json["items"]
    assert (one["status"], one["fee"], one["attempt"]) == ("offered", 2500, 1)
    assert one["checklist_version_id"] == wave.checklist_version_id
    assert two["closes_at"] == "2101-01-01T00:00:00+00:00"
    links = checklists.document(wave.checklist_version_id).sections[0].items[0].promises
    assert feed(sonia) == {
        ("assignments", one["id"]),
        ("stores", first.id),
        ("checklists", wave.checklist_version_id),
        ("promises", links[0].promise),
    }
    assert ("assignments", two["id"]) in feed(sergio)
    read = client.get(url(cast, one["id"]), headers=cast.bob.headers)
    assert (read.status_code, read.json, read.headers["ETag"]) == (200, one, '"1"')


def test_an_agreed_visit_is_accepted_at_once(client: FlaskClient, cast: Cast) -> None:
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    item = {"store_id": store.id, "shopper_id": cast.sonia.account_id}
    made = offer(client, cast, wave, item, accepted=True).json["items"][0]
    assert made["status"] == "accepted"


def test_everything_wrong_is_named_and_nothing_is_made(client: FlaskClient, cast: Cast) -> None:
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    foreign_store = factories.store(cast.other_brand.id)
    foreign_version = factories.checklist_version(cast.other_brand.id)
    other = factories.assignment(wave, cast.sonia.account_id)
    right = {"store_id": store.id, "shopper_id": cast.sonia.account_id}
    refused = offer(
        client,
        cast,
        wave,
        right,
        right | {"store_id": foreign_store.id, "checklist_version_id": foreign_version.id},
        right | {"shopper_id": cast.bob.account_id, "part_of": other.id, "fee": 5},
        right | {"shopper_id": cast.charlie.account_id, "opens_at": "2100-01-01T00:00:00Z"},
    )
    assert wrong_places(refused) == [
        "/items/1/store_id",
        "/items/1/checklist_version_id",
        "/items/2/shopper_id",
        "/items/2/part_of",
        "/items/2/currency",
        "/items/3/shopper_id",
        "/items/3/closes_at",
    ]
    assert Assignment.select().count() == 1
    assert SyncChange.select().count() == 0


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"fee": -1, "currency": "EUR"}, "/items/0/fee"),
        ({"fee": 1, "currency": "eur"}, "/items/0/currency"),
        ({"attempt": 0}, "/items/0/attempt"),
        ({"scenario": "a\x00"}, "/items/0/scenario"),
        ({"opens_at": "tomorrow"}, "/items/0/opens_at"),
        ({"status": "approved"}, "/items/0/status"),
    ],
)
def test_wrong_fields_are_named(
    client: FlaskClient, cast: Cast, wrong: dict[str, Any], pointer: str
) -> None:
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    item = {"store_id": store.id, "shopper_id": cast.sonia.account_id} | wrong
    assert wrong_places(offer(client, cast, wave, item)) == [pointer]


def test_the_number_of_offers_is_bounded(client: FlaskClient, cast: Cast) -> None:
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    item = {"store_id": store.id, "shopper_id": cast.sonia.account_id}
    assert wrong_places(offer(client, cast, wave)) == ["/items"]
    assert wrong_places(offer(client, cast, wave, *[item] * 1001)) == ["/items"]
    made = offer(client, cast, wave, *[item] * 1000)
    assert made.status_code == 201
    assert len({each["id"] for each in made.json["items"]}) == 1000
    assert Assignment.select().count() == 1000
    assert seq(cast.sonia.account_id) == 1


def test_waves_that_take_no_offers(client: FlaskClient, cast: Cast) -> None:
    store = factories.store(cast.brand.id)
    item = {"store_id": store.id, "shopper_id": cast.sonia.account_id}
    foreign = factories.wave(cast.other_brand.id)
    assert wrong_places(offer(client, cast, foreign, item)) == ["/wave_id"]
    archived = factories.wave(cast.brand.id, archived_at=cast.brand.created_at)
    assert offer(client, cast, archived, item).status_code == 409


def test_suspended_shoppers_and_archived_stores_get_no_offers(
    client: FlaskClient, cast: Cast
) -> None:
    wave = factories.wave(cast.brand.id)
    store = factories.store(cast.brand.id, archived_at=cast.brand.created_at)
    sam = factories.account("sam")
    factories.membership(sam.id, cast.brand.id, Role.SHOPPER, suspended=True)
    refused = offer(client, cast, wave, {"store_id": store.id, "shopper_id": sam.id})
    assert wrong_places(refused) == ["/items/0/store_id", "/items/0/shopper_id"]


def test_offers_cost_the_same_few_queries(client: FlaskClient, cast: Cast) -> None:
    wave = factories.wave(cast.brand.id)
    stores = [factories.store(cast.brand.id, f"S{number}") for number in range(40)]
    shoppers = [cast.sonia.account_id, cast.sergio.account_id]
    items = [{"store_id": each.id, "shopper_id": who} for each in stores for who in shoppers]
    assert cast.alice
    counts = []
    checklists.document(wave.checklist_version_id)
    for some in (items[:2], items):
        with count_queries() as counter:
            assert offer(client, cast, wave, *some).status_code == 201
        counts.append(counter.count)
    # who asks, savepoint and its release, wave, stores, shoppers, closing versions, rows, counters,
    # changes, and an audit entry in its savepoint
    assert counts == [13, 13]


def test_a_page_costs_one_query_and_is_filtered(client: FlaskClient, cast: Cast) -> None:
    wave, other = factories.wave(cast.brand.id), factories.wave(cast.brand.id)
    store = factories.store(cast.brand.id)
    sonia, sergio = cast.sonia.account_id, cast.sergio.account_id
    made = [
        factories.assignment(wave, sonia, store.id),
        factories.assignment(wave, sergio, status="offered"),
        factories.assignment(other, sonia, status="approved"),
    ]
    factories.assignment(factories.wave(cast.other_brand.id), sonia)
    ids = [each.id for each in made]
    headers = cast.bob.headers

    def found(**query: str) -> list[str]:
        with assert_query_count(5):  # who asks, the page, an audit entry in its savepoint
            page = client.get(url(cast), query_string=query, headers=headers)
        assert page.status_code == 200
        return [each["id"] for each in page.json["items"]]

    assert found() == ids
    assert found(wave_id=wave.id) == ids[:2]
    assert found(store_id=store.id) == ids[:1]
    assert found(shopper_id=sonia) == [ids[0], ids[2]]
    assert found(shopper_id=sonia, status="approved") == ids[2:]
    first = client.get(url(cast), query_string={"limit": "2"}, headers=headers).json
    assert [each["id"] for each in first["items"]] == ids[:2]
    assert found(cursor=first["next_cursor"]) == ids[2:]
    bad = client.get(url(cast), query_string={"status": "lost"}, headers=headers)
    assert wrong_places(bad) == ["status"]


def test_an_open_assignment_is_changed_and_its_phone_learns_of_it(
    client: FlaskClient, cast: Cast
) -> None:
    sonia = cast.sonia.account_id
    row = factories.assignment(factories.wave(cast.brand.id), sonia)
    path, changes = url(cast, row.id), {"scenario": "A gift", "fee": 100, "currency": "EUR"}
    assert client.patch(path, json=changes, headers=cast.alice.headers).status_code == 428
    changed = client.patch(path, json=changes, headers=edit(cast.alice, 1))
    assert (changed.status_code, changed.json["scenario"]) == (200, "A gift")
    assert feed(sonia) == {("assignments", row.id)}
    before = seq(sonia)
    stale = client.patch(path, json=changes, headers=edit(cast.alice, 1))
    assert (stale.status_code, seq(sonia)) == (412, before)
    half = client.patch(path, json={"currency": None}, headers=edit(cast.alice, 2))
    assert wrong_places(half) == ["/currency"]
    shut = client.patch(path, json={"closes_at": "2001-01-01T00:00Z"}, headers=edit(cast.alice, 2))
    assert wrong_places(shut) == ["/closes_at"]
    for fixed in ("store_id", "shopper_id", "status", "attempt"):
        refused = client.patch(path, json={fixed: "x"}, headers=edit(cast.alice, 2))
        assert wrong_places(refused) == [f"/{fixed}"]


@pytest.mark.parametrize("status", sorted(set(AssignmentStatus) - OPEN))
def test_a_closed_assignment_is_not_changed(
    client: FlaskClient, cast: Cast, status: AssignmentStatus
) -> None:
    wave = factories.wave(cast.brand.id)
    row = factories.assignment(wave, cast.sonia.account_id, status=str(status))
    answer = client.patch(url(cast, row.id), json={"scenario": "x"}, headers=edit(cast.alice, 1))
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        ("offered", 200),
        ("accepted", 200),
        ("returned", 200),
        ("cancelled", 200),
        ("submitted", 409),
        ("approved", 409),
        ("rejected", 409),
        ("declined", 409),
        ("expired", 409),
    ],
)
def test_what_can_be_cancelled(client: FlaskClient, cast: Cast, status: str, answered: int) -> None:
    sonia = cast.sonia.account_id
    row = factories.assignment(factories.wave(cast.brand.id), sonia, status=status)
    answer = client.post(url(cast, row.id, "cancellation"), headers=cast.alice.headers)
    assert answer.status_code == answered
    changed = answered == 200 and status != "cancelled"
    kept = Assignment.get_by_id(row.id)
    assert kept.status == ("cancelled" if changed else status)
    assert (kept.closed_at is not None) == changed
    assert feed(sonia) == ({("assignments", row.id)} if changed else set())
    assert not SyncChange.select().where(SyncChange.deleted).exists()


def test_a_visit_goes_to_another_shopper(client: FlaskClient, cast: Cast) -> None:
    sonia, sergio = cast.sonia.account_id, cast.sergio.account_id
    wave = factories.wave(cast.brand.id)
    old = factories.assignment(wave, sonia, scenario="A gift", fee=900, currency="EUR")
    path, body = url(cast, old.id, "reassignment"), {"shopper_id": sergio}
    made = client.post(path, json=body, headers=cast.alice.headers)
    assert made.status_code == 201
    assert made.json["id"] != old.id
    copied = ("store_id", "scenario", "fee", "currency", "checklist_version_id", "wave_id")
    assert [made.json[name] for name in copied] == [getattr(old, name) for name in copied]
    assert (made.json["shopper_id"], made.json["status"]) == (sergio, "offered")
    assert Assignment.get_by_id(old.id).status == "cancelled"
    assert feed(sonia) == {("assignments", old.id)}
    assert ("stores", old.store_id) in feed(sergio)
    assert not SyncChange.select().where(SyncChange.deleted).exists()
    assert client.post(path, json=body, headers=cast.alice.headers).status_code == 409


def test_a_declined_visit_gets_a_new_window(client: FlaskClient, cast: Cast) -> None:
    old = factories.assignment(
        factories.wave(cast.brand.id), cast.sonia.account_id, status="declined"
    )
    body = {"shopper_id": cast.sergio.account_id, "closes_at": "2101-01-01T00:00:00Z"}
    path = url(cast, old.id, "reassignment")
    wrong = client.post(
        path, json=body | {"opens_at": "2102-01-01T00:00Z"}, headers=cast.alice.headers
    )
    assert wrong_places(wrong) == ["/closes_at"]
    made = client.post(path, json=body, headers=cast.alice.headers)
    assert made.json["closes_at"] == "2101-01-01T00:00:00+00:00"


def test_to_whom_a_visit_cannot_go(client: FlaskClient, cast: Cast) -> None:
    sonia = cast.sonia.account_id
    old = factories.assignment(factories.wave(cast.brand.id), sonia)
    for who in (sonia, cast.bob.account_id, cast.charlie.account_id, "nobody"):
        body = {"shopper_id": who}
        answer = client.post(
            url(cast, old.id, "reassignment"), json=body, headers=cast.alice.headers
        )
        assert wrong_places(answer) == ["/shopper_id"]
    assert Assignment.get_by_id(old.id).status == "accepted"
    submitted = factories.assignment(factories.wave(cast.brand.id), sonia, status="submitted")
    path, body = url(cast, submitted.id, "reassignment"), {"shopper_id": cast.sergio.account_id}
    assert client.post(path, json=body, headers=cast.alice.headers).status_code == 409
    assert Assignment.select().count() == 2


def test_who_may(client: FlaskClient, cast: Cast) -> None:
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    row = factories.assignment(wave, cast.sonia.account_id, store.id)
    path = url(cast, row.id)
    region_id = "r1"
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=region_id)
    greta = cast.person("greta", Role.STORE_MANAGER, store_id=store.id)
    shopper = {"shopper_id": cast.sergio.account_id}
    body = {"wave_id": wave.id, "items": [shopper | {"store_id": store.id}]}
    seeing = ((rita, 403), (greta, 403), (cast.sonia, 403), (cast.charlie, 404))
    for person, status in (*seeing, (cast.bob, 403)):
        headers = edit(person, 1)
        assert client.post(url(cast), json=body, headers=headers).status_code == status
        assert client.patch(path, json={"fee": None}, headers=headers).status_code == status
        assert client.post(f"{path}/cancellation", headers=headers).status_code == status
        answer = client.post(f"{path}/reassignment", json=shopper, headers=headers)
        assert answer.status_code == status
    for person, status in seeing:
        for there in (url(cast), path):
            answer = client.get(there, headers=person.headers)
            assert answer.status_code == status
            assert cast.sonia.account_id not in answer.get_data(as_text=True)
    assert client.get(path).status_code == 401
    assert Assignment.select().count() == 1


def test_another_brands_assignment_is_not_found(client: FlaskClient, cast: Cast) -> None:
    foreign = factories.assignment(factories.wave(cast.other_brand.id), cast.sonia.account_id)
    path, headers = url(cast, foreign.id), edit(cast.alice, 1)
    body = {"shopper_id": cast.sergio.account_id}
    assert client.get(path, headers=headers).status_code == 404
    assert client.patch(path, json={"scenario": "x"}, headers=headers).status_code == 404
    assert client.post(f"{path}/cancellation", headers=headers).status_code == 404
    assert client.post(f"{path}/reassignment", json=body, headers=headers).status_code == 404
