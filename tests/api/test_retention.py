"""How long what is kept, and what the daily chore removes."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs import drain, sweep
from server import clock, storage
from server.api import openapi
from server.db import connected
from server.models import (
    Account,
    Assignment,
    Membership,
    Photo,
    PhotoContent,
    Picture,
    Report,
    Revision,
    VisitScore,
)
from server.services import retention, sums
from tests.api import populated
from tests.api.conformance import Good
from tests.api.populated import SAID
from tests.cast import Cast
from tests.services.test_feeds import run

NEVER = {"photos": None, "exif": None, "verbatims": None, "times": None, "shoppers": None}
NEVER |= {"staff": None, "audit": None}


@pytest.fixture
def visit(client: FlaskClient, app: Any, cast: Cast) -> Assignment:
    """Sonia's approved visit with words and a photo, closed 100 days ago."""
    with app.app_context():
        populated.populate(client, Good(openapi.document(), cast, client), cast)
    report = Report.get(Report.id == Photo.get(Photo.id == "sonia-1").report_id)
    closed = {"closed_at": clock.now() - timedelta(days=100)}
    Assignment.update(closed).where(Assignment.id == report.assignment_id).execute()
    return Assignment.get_by_id(report.assignment_id)


def rule(client: FlaskClient, cast: Cast, **days: int) -> None:
    path = f"/v1/brands/{cast.brand.id}/retention"
    put = client.put(path, json=days, headers=cast.alice.headers)
    assert (put.status_code, put.json) == (200, NEVER | days)
    assert client.get(path, headers=cast.alice.headers).json == NEVER | days


def removed(client: FlaskClient, cast: Cast) -> list[tuple[str, int, int]]:
    path = f"/v1/brands/{cast.brand.id}/retention-report"
    items = client.get(path, headers=cast.alice.headers).json["items"]
    return [(one["kind"], one["days"], one["count"]) for one in items]


def test_it_is_a_chore() -> None:
    assert retention.apply in sweep.CHORES.values()


def test_nothing_goes_without_a_rule_or_before_its_time(
    client: FlaskClient, cast: Cast, visit: Assignment
) -> None:
    assert retention.apply() == 0
    rule(client, cast, photos=101, exif=101, verbatims=101, times=101, shoppers=101)
    rule(client, cast, staff=101, audit=101)
    assert retention.apply() == 0
    assert removed(client, cast) == []


def test_photos_go_from_the_storage(client: FlaskClient, cast: Cast, visit: Assignment) -> None:
    key = PhotoContent.get(PhotoContent.photo_id == "sonia-1").object_key
    rule(client, cast, photos=100)
    retention.apply()
    assert storage.current().head(key) is None
    assert not Picture.select().where(Picture.id == "sonia-1").exists()
    assert removed(client, cast) == [("photos", 100, 1)]
    assert retention.apply() == 0


def test_words_go_and_scores_stay(client: FlaskClient, cast: Cast, visit: Assignment) -> None:
    figures = f"/v1/brands/{cast.brand.id}/stores/{visit.store_id}/figures"
    before = client.get(figures, headers=cast.alice.headers).json
    rule(client, cast, verbatims=30)
    assert retention.apply() == 1
    assert SAID not in str([row.document for row in [*Report.select(), *Revision.select()]])
    after = client.get(figures, headers=cast.alice.headers).json
    assert (len(before["verbatims"]), after) == (2, before | {"verbatims": []})
    assert Revision.get(Revision.report_id == f"{visit.id}.1").document["fields"]["started_at"]
    assert list(sums.verify(cast.brand.id)) == []


def test_moments_and_places_go_and_the_month_stays(
    client: FlaskClient, cast: Cast, visit: Assignment
) -> None:
    rule(client, cast, times=30)
    assert retention.apply() == 1
    document = Revision.get(Revision.report_id == f"{visit.id}.1").document
    month = clock.from_ms(document["fields"]["started_at"]).strftime("%Y-%m-%dT%H:%M")
    assert month == f"{VisitScore.get(VisitScore.report_id == f'{visit.id}.1').month}-15T12:00"
    assert document["fields"]["latitude"] is None
    assert {answer["answered_at"] for answer in document["answers"].values()} == {None}
    assert SAID in str(document)


def test_what_metadata_claimed_goes(client: FlaskClient, cast: Cast, visit: Assignment) -> None:
    rule(client, cast, exif=30)
    assert retention.apply() == 1
    photo, picture = Photo.get(Photo.id == "sonia-1"), Picture.get(Picture.id == "sonia-1")
    assert (photo.latitude, photo.taken_at, photo.document) == (None, None, None)
    assert set(picture.facts) == {"width", "height", "sharpness", "hash"}
    assert PhotoContent.get(PhotoContent.photo_id == "sonia-1")


def test_shoppers_who_left_are_erased(client: FlaskClient, cast: Cast, visit: Assignment) -> None:
    left = {"archived_at": clock.now() - timedelta(days=40)}
    Membership.update(left).where(Membership.account_id == cast.sonia.account_id).execute()
    rule(client, cast, shoppers=30)
    assert retention.apply() == 1
    drain.drain("person.erased")
    assert Account.get_by_id(cast.sonia.account_id).name == "[erased]"
    assert removed(client, cast) == [("shoppers", 30, 1)]


def test_rules_are_whole_numbers_of_days(client: FlaskClient, cast: Cast) -> None:
    path = f"/v1/brands/{cast.brand.id}/retention"
    for wrong in ({"photos": 0}, {"photos": "30"}, {"sounds": 30}):
        assert client.put(path, json=wrong, headers=cast.alice.headers).status_code == 422


def test_rules_that_are_set_at_once_take_turns(committing: str) -> None:
    with connected():
        cast = Cast()
        alice, brand_id = cast.alice.actor, cast.brand.id
    start = threading.Barrier(4)

    def put() -> None:
        start.wait(30)
        for _ in range(5):
            retention.replace(alice, brand_id, {"photos": 30, "exif": 40})

    run(*[put] * 4)
    with connected():
        assert retention.read(alice, brand_id) == NEVER | {"photos": 30, "exif": 40}
