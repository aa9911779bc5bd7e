"""In the end every acknowledged report and photo is there once, scored once; nothing is stuck."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from server import db
from server.config import Settings
from server.models import Event, PhotoContent
from tests import fieldwork
from tests.api.photo_calls import digest, url
from tests.backends.process import wait_until
from tests.faults import world
from tests.faults.line import bad_line
from tests.faults.phones import Phones
from tests.faults.world import World
from tests.fieldwork import Fieldwork, Visit

pytestmark = pytest.mark.xdist_group("faults")

PHONES = 4

_LONG = 6


def forms(short: str, *kinds: str) -> Any:
    """Once on the database `short` with all tests; often, and on all `kinds`, in `make soak`."""
    long = [pytest.param(kind, _LONG, marks=pytest.mark.soak, id=f"{kind}-long") for kind in kinds]
    cases = [pytest.param(short, 1, id=f"{short}-short"), *long]
    return pytest.mark.parametrize(("here", "times"), cases, indirect=["here"], scope="module")


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, settings: Settings) -> Iterator[World]:
    """Promessa on SQLite with a folder, and on PostgreSQL with S3."""
    with world.running(request.param, settings) as running:
        yield running


@pytest.fixture(scope="module")
def work(here: World) -> Fieldwork:
    """The brand of all these tests; what one sent is checked by the next ones too."""
    with db.connected():
        return fieldwork.begun(PHONES)


def planned(work: Fieldwork, each: int, **options: Any) -> list[Visit]:
    with db.connected():
        return work.plan(each, **options)


def said(line: str) -> None:
    print(f"  {line}", flush=True)  # noqa: T201  for who watches `make soak`


def through(
    here: World, work: Fieldwork, times: int, fault: Callable[[], None], *, hit: bool = True
) -> None:
    """Phones send visits while `fault` happens so many times, spread over their work; then all of
    it must be there. `hit` says that some request must have felt it."""
    phones = Phones(here.api.url, planned(work, 3 * times))
    with phones.working():
        for number in range(times):
            phones.reached((number + 0.3) / (times + 0.5))
            fault()
    here.settle(work)
    said(
        f"{fault.__name__} on {here.kind}, {times} times: {phones.acknowledged} visits "
        f"acknowledged, {phones.broken} requests failed and were tried again"
    )
    assert phones.acknowledged == 3 * times * PHONES
    assert phones.broken > 0 or not hit


@forms("sqlite", "sqlite", "postgres")
def test_the_api_is_killed_in_the_middle_of_pushes(
    here: World, work: Fieldwork, times: int
) -> None:
    def api_killed() -> None:
        here.api.kill()
        here.api.start()

    through(here, work, times, api_killed)


@forms("sqlite", "sqlite", "postgres")
def test_the_queue_goes_away_and_comes_back(here: World, work: Fieldwork, times: int) -> None:
    """Without it everything is taken in, and done when it is back."""

    def queue_killed() -> None:
        here.valkey.kill()
        phones = Phones(here.api.url, planned(work, 1))
        with phones.working():
            pass
        assert phones.broken == 0
        here.valkey.start()
        here.reconnect()

    through(here, work, times, queue_killed, hit=False)


@forms("sqlite")
def test_the_disk_is_full(here: World, work: Fieldwork, times: int) -> None:
    """There is no room for large photos: they are refused for a while, and leave nothing behind;
    reports and small photos go on; with room again all goes in."""
    small, large = planned(work, times), planned(work, times, photo_size=24_000_000)
    before = here.half_written()
    here.fill_disk(16_000_000)
    try:
        reports_alone(here, large)
        assert not any(_uploaded(here, visit) for visit in large)
        with db.connected():
            assert here.orphans() == []
        assert here.half_written() == before
        assert _status(here, "/readyz") == 200
        phones = Phones(here.api.url, small)
        with phones.working():
            pass
        assert phones.broken == 0
    finally:
        here.empty_disk()
    assert all(_uploaded(here, visit) for visit in large)
    here.settle(work)


@forms("sqlite", "sqlite", "postgres")
def test_fifty_phones_on_a_bad_line(here: World, work: Fieldwork, times: int) -> None:
    """Latency, requests that are cut, one answer in a hundred lost."""
    with db.connected():
        crowd = fieldwork.joined(work, 50)
    visits = planned(crowd, times)
    work.visits.extend(visits)
    with bad_line(here.api.port) as line:
        phones = Phones(line.url, visits)
        with phones.working():
            pass
    here.settle(work)
    said(
        f"50 phones on {here.kind}: {phones.acknowledged} visits acknowledged, {line.cut} requests "
        f"cut and {line.lost} answers lost of {line.passed} blocks"
    )
    assert phones.acknowledged == 50 * times
    assert line.lost + line.cut > 0


@forms("postgres", "sqlite", "postgres")
def test_the_worker_is_killed_in_the_middle_of_jobs(
    here: World, work: Fieldwork, times: int
) -> None:
    def worker_killed() -> None:
        here.worker.kill()
        here.worker.start()

    through(here, work, times, worker_killed, hit=False)


@forms("postgres", "postgres")
def test_the_database_is_killed_and_stopped(here: World, work: Fieldwork, times: int) -> None:
    def database_killed() -> None:
        here.postgres.kill()
        wait_until(lambda: _status(here, "/readyz") == 503, "it is noticed")
        here.postgres.start()
        here.reconnect()

    def database_stopped() -> None:
        here.postgres.restart()
        here.reconnect()

    through(here, work, times, database_killed)
    if times > 1:
        through(here, work, times, database_stopped)


def _status(here: World, path: str) -> int:
    return requests.get(here.api.url + path, timeout=60).status_code


@forms("postgres", "postgres")
def test_the_object_store_refuses(here: World, work: Fieldwork, times: int) -> None:
    """Reports are taken in meanwhile; photos are refused for a while, and go in when it is back."""

    def store_killed() -> None:
        here.swift.kill()
        reports_alone(here, planned(work, 1))
        here.swift.start()
        upload_all(here, work)

    through(here, work, times, store_killed)


@pytest.mark.parametrize("here", ["postgres"], indirect=True, scope="module")
@pytest.mark.soak
def test_the_object_store_hangs(here: World, work: Fieldwork) -> None:
    """As it refuses; only that it takes the patience of the API to find out."""

    def store_hung() -> None:
        here.hang(here.swift)
        reports_alone(here, planned(work, 1))
        try:
            wait_until(lambda: _status(here, "/readyz") == 503, "it is noticed", 120)
        finally:
            here.wake(here.swift)
        upload_all(here, work)

    through(here, work, 2, store_hung, hit=False)


def reports_alone(here: World, visits: list[Visit]) -> None:
    for visit in visits:
        answer = requests.post(
            f"{here.api.url}/v1/sync", data=visit.body, headers=visit.shopper.headers, timeout=60
        )
        assert (answer.status_code, answer.text) == (200, '{"experimentalRejectedIds":{}}')


def upload_all(here: World, work: Fieldwork) -> None:
    """Send the photos that are not there yet, again until they are taken."""
    with db.connected():
        there = {row.photo_id for row in PhotoContent.select()}
    for visit in work.visits:
        if visit.photo_id not in there:
            wait_until(lambda visit=visit: _uploaded(here, visit), "it is taken", 60)


def _uploaded(here: World, visit: Visit) -> bool:
    answer = requests.put(
        here.api.url + url(visit.photo_id),
        data=visit.photo,
        headers=visit.shopper.headers | digest(visit.photo),
        timeout=60,
    )
    assert answer.status_code in (200, 201, 503), answer.text
    return answer.status_code != 503


@pytest.mark.parametrize("here", ["postgres"], indirect=True, scope="module")
@pytest.mark.soak
def test_one_bad_object_stops_no_other(here: World, work: Fieldwork) -> None:
    """Bytes that waited for their row are gone from the store: their photo waits for them, all
    others are joined; when the object is back, it is joined by itself."""
    visits = planned(work, 1)
    for visit in visits:
        wait_until(lambda visit=visit: _uploaded(here, visit), "it is taken", 60)
    client: Any = here.s3()
    with db.connected():
        bad = PhotoContent.get_by_id(visits[0].photo_id)
    client.delete_object(Bucket=world.BUCKET, Key=bad.object_key)
    reports_alone(here, visits)

    def only_the_bad_one_is_left() -> bool:
        with db.connected():
            left = Event.select().where(Event.done_at.is_null(), Event.attempts > 0)
            others = fieldwork.undone() - left.count()
            return [row.subject_id for row in left] == [bad.photo_id] and others == 0

    wait_until(only_the_bad_one_is_left, "the others are joined", 60)
    client.put_object(Bucket=world.BUCKET, Key=bad.object_key, Body=visits[0].photo)
    here.settle(work)
