"""Erasing a person from a brand, and telling what is held about them."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from jobs import drain
from server import db, storage
from server.api import openapi
from server.domain.actor import Role
from server.domain.erasing import ERASED
from server.models import (
    TABLES,
    Account,
    Blob,
    Edition,
    Erasure,
    Membership,
    PhotoContent,
    Store,
    VisitScore,
)
from server.services import erased_photos, erased_reports, erasures, photos, scores, sums
from tests import factories
from tests.api import populated
from tests.api.conformance import Good
from tests.api.populated import ANSWERED, SAID
from tests.cast import Cast
from tests.phone import Phone, answer
from tests.pictures import drawn, sha256


@pytest.fixture
def good(client: FlaskClient, app: Any, cast: Cast) -> Good:
    with app.app_context():
        made = Good(openapi.document(), cast, client)
    populated.populate(client, made, cast)
    return made


def member(person: Any, cast: Cast) -> str:
    mine = (Membership.account_id == person.account_id) & (Membership.brand_id == cast.brand.id)
    return str(Membership.get(mine).id)


def url(cast: Cast, membership_id: str, what: str) -> str:
    return f"/v1/brands/{cast.brand.id}/members/{membership_id}/{what}"


def erase(client: FlaskClient, cast: Cast, person: Any) -> Any:
    path = url(cast, member(person, cast), "erasure")
    answer = client.post(path, headers=cast.alice.headers)
    assert answer.status_code == 202, answer.text
    drain.drain("person.erased")
    return answer.json


def everything() -> str:
    """All rows of all tables but the accounts', as text."""
    names = [table._meta.table_name for table in TABLES if table is not Account]
    rows = [db.database.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in names]
    return repr(dict(zip(names, rows, strict=True)))


def held(keys: list[str]) -> list[str]:
    """Those of the objects that the storage has."""
    return [key for key in keys if storage.current().head(key) is not None]


def test_nothing_of_the_person_is_left(client: FlaskClient, cast: Cast, good: Good) -> None:
    sonia = cast.sonia
    account = Account.get_by_id(sonia.account_id)
    keys = [blob.object_key for blob in Blob.select()]
    assert keys
    before = _scores()
    asked = erase(client, cast, sonia)
    left = everything()
    gone = Account.get_by_id(sonia.account_id)
    assert (gone.name, gone.email.endswith("@erased.invalid")) == (ERASED, True)
    places_and_files = ("45.464211", "filename c29uaWE=")
    words = (SAID, ANSWERED, "Well seen.", "Which till?", "Nearly another shopper's.")
    for text in (sonia.account_id, account.email, account.name, *words, *places_and_files):
        assert text not in left, text
    assert held(keys) == []
    assert (_scores(), list(sums.verify(cast.brand.id))) == (before, [])
    done = client.get(f"/v1/brands/{cast.brand.id}/erasures", headers=cast.alice.headers)
    (record,) = done.json["items"]
    assert (record["id"], record["status"]) == (asked["id"], "done")
    assert record["counts"]["reports"] == 2
    assert client.get("/v1/me", headers=sonia.headers).status_code == 401


def _scores() -> list[Any]:
    columns = (VisitScore.revision_id, VisitScore.measures, VisitScore.counted, VisitScore.month)
    return list(VisitScore.select(*columns).order_by(VisitScore.revision_id).tuples())


def test_it_scores_as_it_did(client: FlaskClient, cast: Cast, good: Good) -> None:
    before = _scores()
    erase(client, cast, cast.sonia)
    for score in list(VisitScore.select()):
        sums.take_back(score) if score.counted else None
        score.delete_instance()
        scores.count(score.revision_id)
    assert {row[0]: row[1:] for row in _scores()} == {row[0]: row[1:] for row in before if row[2]}


def test_another_brand_keeps_the_person(client: FlaskClient, cast: Cast, good: Good) -> None:
    sonia, other = cast.sonia, cast.other_brand
    factories.membership(sonia.account_id, other.id, Role.SHOPPER)
    phone = Phone(client, sonia)
    phone.pull()
    held_before = set(phone.rows["reports"])
    erase(client, cast, sonia)
    assert Account.get_by_id(sonia.account_id).name == "Sonia"
    phone.pull()
    assert held_before
    assert [row for rows in phone.rows.values() for row in rows] == _kept(phone)
    pushed = phone.push({"answers": [answer(next(iter(held_before))[:-2], "words", "Again.")]})
    assert pushed["answers"]
    assert "Again." not in everything()
    member_ids = {row.brand_id for row in Membership.select() if row.account_id == sonia.account_id}
    assert member_ids == {other.id}


def _kept(phone: Phone) -> list[str]:
    """What stays on the phone is the brand's: nothing that the shopper made."""
    tables = ("stores", "checklists", "promises")
    return [row for table, rows in phone.rows.items() for row in rows if table in tables]


def test_a_photo_that_another_has_too_stays_theirs(client: FlaskClient, cast: Cast) -> None:
    data = drawn(3)
    for person in (cast.sonia, cast.sergio):
        name = f"{person.account_id}-1"
        factories.photo(name, cast.brand.id, person.account_id, sha256=sha256(data))
        photos.put(person.actor, name, [data], sha256=sha256(data), length=len(data))
    (key,) = {row.object_key for row in PhotoContent.select()}
    erase(client, cast, cast.sonia)
    assert held([key]) == [key]
    erase(client, cast, cast.sergio)
    assert held([key]) == []


def test_what_the_storage_kept_goes_with_the_next_chores(
    client: FlaskClient, cast: Cast, good: Good
) -> None:
    keys = [row.object_key for row in PhotoContent.select() if row.photo_id == "sonia-1"]
    erased_photos.forget(["sonia-1"])
    assert held(keys) == keys
    photos.collect_blobs()
    assert held(keys) == []


def test_it_is_taken_up_where_it_was_left(client: FlaskClient, cast: Cast, good: Good) -> None:
    path = url(cast, member(cast.sonia, cast), "erasure")
    asked = client.post(path, headers=cast.alice.headers).json
    erasure = Erasure.get_by_id(asked["id"])
    assert erased_photos.erase(erasure) == 2
    assert erased_reports.erase(erasure) == 2
    drain.drain("person.erased")
    assert cast.sonia.account_id not in everything()
    assert list(sums.verify(cast.brand.id)) == []
    assert Erasure.get_by_id(asked["id"]).status == "done"


def test_asking_twice_is_one_erasure(client: FlaskClient, cast: Cast, good: Good) -> None:
    path = url(cast, member(cast.sonia, cast), "erasure")
    first = client.post(path, headers=cast.alice.headers).json
    assert (first["status"], first["done_at"]) == ("under_way", None)
    assert client.post(path, headers=cast.alice.headers).json == first
    for _ in range(2):
        erasures.carry_out(first["id"])
    asked = Erasure.select().where(Erasure.brand_id == cast.brand.id)
    again = client.post(path, headers=cast.alice.headers).json
    assert (again["id"], again["status"], asked.count()) == (first["id"], "done", 1)


def test_the_last_admin_stays(client: FlaskClient, cast: Cast) -> None:
    path = url(cast, member(cast.alice, cast), "erasure")
    assert client.post(path, headers=cast.alice.headers).status_code == 409
    cast.person("anna", Role.ADMIN)
    assert client.post(path, headers=cast.alice.headers).status_code == 202
    drain.drain("person.erased")
    assert client.get("/v1/me", headers=cast.alice.headers).status_code == 401


def test_a_person_reads_all_that_is_held(client: FlaskClient, cast: Cast, good: Good) -> None:
    mine = client.get("/v1/me/export", headers=cast.sonia.headers).json["held"]
    path = url(cast, member(cast.sonia, cast), "export")
    brands = client.get(path, headers=cast.alice.headers).json["held"]
    for held_parts in (mine, brands):
        assert held_parts["account"][0]["email"] == "sonia@example.org"
        assert {row["brand_id"] for row in held_parts["reports"]} == {cast.brand.id}
        assert SAID in str(held_parts["revisions"])
        assert ANSWERED in str(held_parts["messages"])
        assert "another-report.1" not in str(held_parts), "which names another's report"
        assert {row["id"] for row in held_parts["photos"]} == {"sonia-1", good.ids["photo_id"]}
        assert "password" not in str(held_parts)
        assert held_parts["editions"]
        links = {row["id"]: row["link"] for row in held_parts["photos"]}
        path = urlsplit(links[good.ids["photo_id"]])
        with client.get(f"{path.path}?{path.query}") as fetched:  # without any token
            assert sha256(fetched.data) == PhotoContent.get_by_id(good.ids["photo_id"]).sha256
    assert mine["devices"]
    assert "devices" not in brands
    others = {"editions_written", "disclosures"}  # of who reviews, of who manages a store
    assert {name for name in mine if not mine[name]} == others


def test_an_export_holds_what_staff_were_told_and_what_was_edited(
    client: FlaskClient, cast: Cast, good: Good
) -> None:
    store = Store.get(Store.brand_id == cast.brand.id)
    other = factories.store(cast.brand.id, code="elsewhere")
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=store.id)
    for at in (store.id, other.id, None):
        body = {"store_id": at, "told_on": "2026-09-01", "objective": "Service."}
        path = f"/v1/brands/{cast.brand.id}/disclosures"
        told = client.post(
            path, json=body | {"legal_basis": "Art. 6(1)(f)"}, headers=cast.alice.headers
        )
        assert told.status_code == 201, told.json
    exported = client.get("/v1/me/export", headers=sara.headers).json["held"]["disclosures"]
    assert other.id not in {row["store_id"] for row in exported}
    assert {store.id, None} <= {row["store_id"] for row in exported}
    edition = Edition.select().order_by(Edition.id).first()
    Edition.update(by=cast.bob.account_id).where(Edition.id == edition.id).execute()
    for path in ("/v1/me/export", url(cast, member(cast.bob, cast), "export")):
        who = cast.bob if path == "/v1/me/export" else cast.alice
        written = client.get(path, headers=who.headers).json["held"]["editions_written"]
        assert edition.id in {row["id"] for row in written}
        assert edition.text not in str(written)
