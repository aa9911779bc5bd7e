"""Phones that sync through whatever happens, and try again until all is acknowledged."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import requests

from server.cli.phone import Line, LineLost, Phone
from tests.backends.process import wait_until
from tests.cast import Person
from tests.fieldwork import Visit

_PATIENCE_SECONDS = 300


class Phones:
    """A phone for each shopper, each in a thread. `acknowledged` counts visits whose push and photo
    the server has answered; `broken` the requests that failed on the way, or with a 5xx."""

    def __init__(self, url: str, visits: list[Visit]) -> None:
        self.url = url
        self.visits: dict[str, list[Visit]] = {}
        self.people: dict[str, Person] = {}
        for visit in visits:
            self.visits.setdefault(visit.shopper.account_id, []).append(visit)
            self.people[visit.shopper.account_id] = visit.shopper
        self.acknowledged = 0
        self.broken = 0
        self._lock = threading.Lock()

    @contextmanager
    def working(self) -> Iterator[None]:
        """All phones at work while the block runs, and until they are done; what one raised."""
        with ThreadPoolExecutor(len(self.visits)) as pool:
            jobs: list[Future[None]] = [pool.submit(self._one, who) for who in self.visits]
            yield
        for job in jobs:
            job.result()

    def reached(self, part: float) -> None:
        """Wait until that part of all visits is acknowledged."""
        total = sum(map(len, self.visits.values()))
        wait_until(lambda: self.acknowledged >= part * total, f"{part} is done", _PATIENCE_SECONDS)

    def _one(self, account_id: str) -> None:
        person = self.people[account_id]
        with requests.Session() as session:
            phone = Phone(Line(self.url, session=session), account_id, "", f"phone-{account_id}")
            phone.access_token = person.headers["Authorization"].removeprefix("Bearer ")
            self._work(phone, account_id)

    def _work(self, phone: Phone, account_id: str) -> None:
        for visit in self.visits[account_id]:
            for table, rows in visit.rows.items():
                for row in rows:
                    phone.record(table, _without_marks(row))
            phone.files[visit.photo_id] = visit.photo
            self._sync(phone)
            assert not phone.unsent
            assert not phone.rejected
            with self._lock:
                self.acknowledged += 1

    def _sync(self, phone: Phone) -> None:
        for step in (phone.pull, phone.push, phone.send_photos):
            wait_until(lambda step=step: self._stepped(step), step.__name__, _PATIENCE_SECONDS)

    def _stepped(self, step: Callable[[], None]) -> bool:
        """Whether it went through; a refusal that waiting does not mend is an error."""
        try:
            step()
        except LineLost:
            self._count()
            return False
        except requests.HTTPError as error:
            if error.response.status_code < 500:
                raise AssertionError(error.response.text) from error
            self._count()
            return False
        return True

    def _count(self) -> None:
        with self._lock:
            self.broken += 1


def _without_marks(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
