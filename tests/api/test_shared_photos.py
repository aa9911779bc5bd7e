"""/v1/brands/{brand}/stores/{store}/photos: what a store sees of its visits' photos"""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from jobs import drain
from server.domain.actor import Role
from server.models import Assignment, Brand, Photo, Picture, Revision
from server.services import photos, reviews
from tests import factories, visits
from tests.cast import Cast, Person
from tests.phone import AT, Phone, photo, visit
from tests.pictures import content, develop_all, drawn, segments, sha256

MANAGERS = ("boss", "rita")


@pytest.fixture
def visited(client: FlaskClient, cast: Cast) -> Assignment:
    """A visit with one photo, submitted and scored; nobody has decided on it."""
    north = factories.region(cast.brand.id)
    at = factories.store(cast.brand.id, region_id=north.id)
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, store_id=at.id)
    data = drawn(comment=b"sonia's home")
    rows = visit(made.id, photo_count=1)
    rows["photos"] = [photo("sonia-1", made.id, sha256=sha256(data), bytes=len(data))]
    Phone(client, cast.sonia).push(rows)
    photos.put(cast.sonia.actor, "sonia-1", [data], sha256=sha256(data), length=len(data))
    work()
    cast.person("boss", Role.STORE_MANAGER, store_id=at.id)
    cast.person("rita", Role.REGIONAL_MANAGER, region_id=north.id)
    return made


def work() -> None:
    for kind in ("revision.frozen", "photo.stored", "revision.approvable", "revision.approved"):
        drain.drain(kind)
    develop_all()


def named(cast: Cast, name: str) -> Person:
    return cast.person(name, Role.STORE_MANAGER)


def url(at: Assignment) -> str:
    return f"/v1/brands/{at.brand_id}/stores/{at.store_id}/photos"


def listed(client: FlaskClient, person: Person, at: Assignment, **query: Any) -> list[Any]:
    answer = client.get(url(at), query_string=query, headers=person.headers)
    assert answer.status_code == 200
    return answer.json["items"]


def say(client: FlaskClient, cast: Cast, at: Assignment, verb: str) -> None:
    path = f"/v1/brands/{cast.brand.id}/reports/{at.id}.1/revisions/1/{verb}"
    body = {"message": "Once more"}
    assert client.post(path, json=body, headers=cast.bob.headers).status_code == 201
    drain.drain("revision.approved")


def test_a_store_sees_photos_of_approved_visits(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    assert listed(client, named(cast, "boss"), visited) == []
    say(client, cast, visited, "approval")
    for person in (named(cast, "boss"), named(cast, "rita"), cast.bob, cast.marta):
        assert_seen(client, person, visited)


def assert_seen(client: FlaskClient, person: Person, visited: Assignment) -> None:
    (seen,) = listed(client, person, visited)
    assert seen == {
        "id": Picture.get().shared_id,
        "item_key": "shelf",
        "prompt": {"en": "The shelf."},
        "month": "2026-09",
        "week": None,
        "revision": 1,
    }
    assert listed(client, person, visited, month="2026-09") == [seen]
    assert listed(client, person, visited, month="2026-10") == []
    redirect = client.get(f"{url(visited)}/{seen['id']}/content", headers=person.headers)
    assert redirect.status_code == 302
    answer = client.get(urlsplit(redirect.headers["Location"]).path, buffered=True)
    assert answer.data == content("sonia-1", "shared")
    assert segments(answer.data) <= {0xC0, 0xC4, 0xDB, 0xE0}
    assert "sonia" not in f"{answer.headers} {redirect.headers} {seen}"


def test_a_store_never_sees_the_photo_itself(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    say(client, cast, visited, "approval")
    for name in MANAGERS:
        headers = named(cast, name).headers
        shared_id = Picture.get().shared_id
        for photo_id in ("sonia-1", shared_id):
            for part in ("", "/content", "/versions/web", "/versions/shared", "/marks"):
                path = f"/v1/photos/{photo_id}{part}"
                assert client.get(path, headers=headers).status_code == 404
        assert client.get(f"{url(visited)}/sonia-1/content", headers=headers).status_code == 404


def test_others_see_nothing_of_the_store(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    say(client, cast, visited, "approval")
    other = factories.store(cast.brand.id, code="S9")
    elsewhere = cast.person("eva", Role.STORE_MANAGER, store_id=other.id)
    far = cast.person("ugo", Role.REGIONAL_MANAGER, region_id=factories.region(cast.brand.id).id)
    content_url = f"{url(visited)}/{Picture.get().shared_id}/content"
    for path in (url(visited), content_url):
        for person in (elsewhere, far, cast.charlie):
            assert client.get(path, headers=person.headers).status_code == 404
        for person in (cast.sonia, cast.alice):
            assert client.get(path, headers=person.headers).status_code == 403
        assert client.get(path).status_code == 401
    swapped = content_url.replace(visited.store_id, other.id)
    assert client.get(swapped, headers=elsewhere.headers).status_code == 404


@pytest.mark.parametrize("change", ["withdrawal", "deleted", "rejected"])
def test_what_is_no_longer_approved_is_no_longer_seen(
    client: FlaskClient, cast: Cast, visited: Assignment, change: str
) -> None:
    say(client, cast, visited, "approval")
    boss = named(cast, "boss")
    (seen,) = listed(client, boss, visited)
    if change == "withdrawal":
        say(client, cast, visited, change)
    elif change == "deleted":
        Photo.update(deleted_at=AT).execute()
    else:
        Photo.update(state="rejected").execute()
    assert listed(client, boss, visited) == []
    path = f"{url(visited)}/{seen['id']}/content"
    assert client.get(path, headers=boss.headers).status_code == 404


def test_returned_visits_and_photos_that_no_revision_names_are_not_seen(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    boss = named(cast, "boss")
    Photo.update(frozen_revision=None).execute()
    say(client, cast, visited, "approval")
    assert listed(client, boss, visited) == []
    Photo.update(frozen_revision=1).execute()
    say(client, cast, visited, "withdrawal")
    say(client, cast, visited, "return")
    assert listed(client, boss, visited) == []


def test_what_a_rule_approved_waits_for_a_person_who_marks_it(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    Brand.update(auto_approve=True).execute()
    assert reviews.approve_automatically(Revision.get().id)
    drain.drain("revision.approved")
    boss = named(cast, "boss")
    assert listed(client, boss, visited) == []
    headers = cast.bob.headers | {"If-Match": '"1"'}
    marked = client.put("/v1/photos/sonia-1/marks", json={"marks": []}, headers=headers)
    assert marked.status_code == 200
    assert listed(client, boss, visited) == []
    develop_all()
    assert len(listed(client, boss, visited)) == 1


def test_a_week_is_told_where_the_brand_says_so(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    say(client, cast, visited, "approval")
    Brand.update(times_shown="week").where(Brand.id == cast.brand.id).execute()
    (seen,) = listed(client, named(cast, "boss"), visited)
    assert (seen["month"], seen["week"]) == ("2026-09", "2026-W39")


def test_pages_hold_each_photo_once(client: FlaskClient, cast: Cast, visited: Assignment) -> None:
    say(client, cast, visited, "approval")
    for number in range(2, 5):
        data = drawn(number)
        row = {"report_id": f"{visited.id}.1", "sha256": sha256(data), "frozen_revision": 1}
        factories.photo(f"sonia-{number}", cast.brand.id, cast.sonia.account_id, **row)
        photos.put(cast.sonia.actor, f"sonia-{number}", [data], sha256=sha256(data), length=None)
    develop_all()
    boss, found, cursor = named(cast, "boss"), [], None
    for _ in range(2):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = client.get(url(visited), query_string=query, headers=boss.headers).json
        found += [each["id"] for each in answer["items"]]
        cursor = answer["next_cursor"]
    assert sorted(found) == sorted(picture.shared_id for picture in Picture.select())
    assert cursor is None


def test_no_rule_approves_a_visit_whose_photo_is_no_picture(
    client: FlaskClient, cast: Cast, visited: Assignment
) -> None:
    Brand.update(auto_approve=True).execute()
    Photo.update(state="rejected").execute()
    assert not reviews.approve_automatically(Revision.get().id)
    Photo.update(state="stored").execute()
    assert reviews.approve_automatically(Revision.get().id)
