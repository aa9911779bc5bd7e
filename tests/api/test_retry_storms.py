"""Every phone sends everything eight times at once, over real sockets: each gets a good answer, and
each visit is there once."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from jobs import drain, registry
from server import config
from server.db import connected
from server.models import Photo, PhotoContent, Report
from tests import fieldwork
from tests.api import upload_calls
from tests.api.photo_calls import digest, url
from tests.backends.api import ApiServer, bound_url
from tests.fieldwork import Fieldwork, Visit

COPIES = 8


@pytest.fixture
def served(committing: str, settings: Any) -> Iterator[ApiServer]:
    """The API on a database and a folder of the test's own; jobs that run here use them too."""
    environment = {"DATABASE_URL": bound_url(), "SECRET_KEY": settings.secret_key}
    with ApiServer(environment) as server, connected():
        config.use(config.load(server.environment))
        yield server.start()
    config.use(settings)


def pushed(served: ApiServer, visit: Visit) -> requests.Response:
    headers = visit.shopper.headers | {"X-Push-No": "1"}
    return requests.post(f"{served.url}/v1/sync", data=visit.body, headers=headers, timeout=120)


def sent(served: ApiServer, visit: Visit) -> requests.Response:
    headers = visit.shopper.headers | digest(visit.photo)
    place = served.url + url(visit.photo_id)
    return requests.put(place, data=visit.photo, headers=headers, timeout=120)


def resumed(served: ApiServer, visit: Visit) -> requests.Response:
    """The same by tus, in one go: how it ends."""
    headers = visit.shopper.headers | upload_calls.announcement(visit.photo_id, visit.photo)
    place = served.url + upload_calls.URL
    begun = requests.post(place, headers=headers, timeout=120)
    assert begun.status_code == 201, begun.text
    return requests.patch(
        served.url + upload_calls.url(visit.photo_id),
        data=visit.photo,
        headers=visit.shopper.headers | upload_calls.bytes_at(0),
        timeout=120,
    )


def at_once(calls: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    """The answers of calls that all begin at the same moment, in a shuffled order."""
    random.Random(1).shuffle(calls)
    start = threading.Barrier(len(calls))

    def one(call: Callable[[], requests.Response]) -> requests.Response:
        start.wait(60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def handle_all() -> None:
    """Handle every event, and what follows from it; those that fail stay undone."""
    while sum(drain.drain(kind) for kind in registry.HANDLERS):
        pass


def storm(served: ApiServer, work: Fieldwork, *deeds: Any) -> list[requests.Response]:
    return at_once(
        [
            lambda visit=visit, deed=deed: deed(served, visit)
            for visit in work.visits
            for deed in deeds
            for _ in range(COPIES)
        ]
    )


def test_160_pushes_and_160_uploads_at_once_are_20_visits(served: ApiServer) -> None:
    """Bytes come before, with and after their rows, whole or by tus; two visits have equal
    photos."""
    work = fieldwork.planned(4, 5)
    whole = {visit.photo_id for visit in work.visits[::2]}

    def uploaded(served: ApiServer, visit: Visit) -> requests.Response:
        return (sent if visit.photo_id in whole else resumed)(served, visit)

    answers = storm(served, work, pushed, uploaded)
    statuses = Counter(answer.status_code for answer in answers)
    bad = [answer.text for answer in answers if answer.status_code not in (200, 201, 204)]
    assert bad == []
    assert statuses == {200: 160 + 7 * 10, 201: 10, 204: 8 * 10}
    handle_all()
    assert work.mistakes() == []
    assert len({row.object_key for row in PhotoContent.select()}) == 19


def test_a_storm_of_strangers_and_of_other_bytes_changes_nothing(served: ApiServer) -> None:
    """While the owners' copies come in, others send to the same photo ids, and the owners' own
    phones send other bytes, none, or bytes that are not what they declare."""
    work = fieldwork.planned(2, 3)
    first, other = work.visits[0].shopper, work.visits[-1].shopper

    def strangers(served: ApiServer, visit: Visit) -> requests.Response:
        stranger = other if visit.shopper is first else first
        headers = stranger.headers | digest(b"theirs")
        place = served.url + url(visit.photo_id)
        return requests.put(place, data=b"theirs", headers=headers, timeout=120)

    def others(served: ApiServer, visit: Visit) -> requests.Response:
        headers = visit.shopper.headers | digest(b"another")
        place = served.url + url(visit.photo_id)
        return requests.put(place, data=b"another", headers=headers, timeout=120)

    def emptied(served: ApiServer, visit: Visit) -> requests.Response:
        headers = visit.shopper.headers | digest(b"")
        return requests.put(served.url + url(visit.photo_id), headers=headers, timeout=120)

    def wrong(served: ApiServer, visit: Visit) -> requests.Response:
        headers = visit.shopper.headers | digest(visit.photo)
        place = served.url + url(visit.photo_id)
        return requests.put(place, data=visit.photo[:-1], headers=headers, timeout=120)

    for visit in work.visits:
        assert pushed(served, visit).json() == {"experimentalRejectedIds": {}}
    answers = storm(served, work, sent, strangers, others, emptied, wrong)
    counts = Counter(answer.status_code for answer in answers)
    assert (counts[201], counts[200], counts[404]) == (6, 42, 48)
    assert counts[400] + counts[409] + counts[422] == 3 * 48
    assert counts.total() == 5 * 48
    handle_all()
    assert work.mistakes() == []


def test_an_id_under_which_bytes_wait_is_their_senders(served: ApiServer) -> None:
    """Another's row does not take it from them, and what else is pushed with it is kept."""
    work = fieldwork.planned(2, 1)
    mine, theirs = work.visits
    headers = theirs.shopper.headers | digest(theirs.photo)
    place = served.url + url(mine.photo_id)
    assert requests.put(place, data=theirs.photo, headers=headers, timeout=60).status_code == 201
    assert pushed(served, mine).json() == {"experimentalRejectedIds": {"photos": [mine.photo_id]}}
    assert sent(served, mine).status_code == 404
    assert pushed(served, theirs).json() == {"experimentalRejectedIds": {}}
    assert sent(served, theirs).status_code == 201
    handle_all()
    assert Photo.select().count() == 1
    assert Report.select().count() == PhotoContent.select().count() == 2
