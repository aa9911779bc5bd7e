"""Shoppers' work as their phones send it, and whether all of it is in the database in the end."""

import hashlib
import io
import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from PIL import Image

from server import clock
from server.domain.actor import Role
from server.models import (
    Blob,
    Brand,
    ChecklistVersion,
    Event,
    Photo,
    PhotoContent,
    Rendering,
    Report,
    Revision,
    VisitScore,
    Wave,
)
from server.services import sums
from tests import factories, phone, visits
from tests.cast import Person


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a shopper: the rows of its push, and its photo."""

    shopper: Person
    report_id: str
    rows: phone.Rows
    photo_id: str
    photo: bytes

    @property
    def body(self) -> bytes:
        """The push of the whole visit."""
        changes = {
            table: {"created": rows, "updated": [], "deleted": []}
            for table, rows in self.rows.items()
        }
        return orjson.dumps(changes)

    @property
    def sha256(self) -> str:
        """Of the photo, in hex."""
        return hashlib.sha256(self.photo).hexdigest()


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """A brand whose visits are approved by themselves, its shoppers, and all their visits."""

    brand: Brand
    version: ChecklistVersion
    wave: Wave
    shoppers: list[Person]
    visits: list[Visit] = field(default_factory=list)

    def plan(self, each: int, *, photo_size: int = 0) -> list[Visit]:
        """New accepted assignments for every shopper, and the visits that come of them. The first
        two photos ever are equal; `photo_size` is the least bytes of each."""
        new = []
        for shopper in self.shoppers:
            for _ in range(each):
                made = visits.assignment(
                    self.brand.id,
                    shopper.account_id,
                    wave_id=self.wave.id,
                    checklist_version_id=self.version.id,
                )
                photo = jpeg(next(_numbers)).ljust(photo_size, b"\0")
                if len(self.visits) == 1:
                    photo = self.visits[0].photo
                new.append(_visit(shopper, made.id, self.version, photo))
                self.visits.append(new[-1])
        return new

    def mistakes(self) -> list[str]:
        """Where the database is not just these visits: each once, scored once and summed, each
        photo stored under its own id, nothing beside them, and nothing left to do."""
        return [*self._of_reports(), *self._of_photos(), *self._of_blobs(), *_undone()] + [
            f"sums differ from a rebuild: {difference}" for difference in sums.verify(self.brand.id)
        ]

    def _of_reports(self) -> Iterator[str]:
        expected = [visit.report_id for visit in self.visits]
        counted = [row.report_id for row in VisitScore.select().where(VisitScore.counted)]
        for what, found in (
            ("reports", [row.id for row in Report.select()]),
            ("revisions", [row.report_id for row in Revision.select()]),
            ("scores", [row.report_id for row in VisitScore.select()]),
            ("counted scores", counted),
        ):
            yield from _difference(what, expected, found)
        for row in Report.select():
            if row.document.get("late"):
                yield f"{row.id} has late edits"

    def _of_photos(self) -> Iterator[str]:
        expected = [(visit.photo_id, visit.sha256) for visit in self.visits]
        rows = [(row.id, row.sha256) for row in Photo.select().where(Photo.state == "stored")]
        yield from _difference("stored photos", expected, rows)
        contents = [(row.photo_id, row.sha256) for row in PhotoContent.select()]
        yield from _difference("contents", expected, contents)

    def _of_blobs(self) -> Iterator[str]:
        """Bytes that waited for their row have left an object that the collector knows."""
        named = {row.object_key for table in (PhotoContent, Rendering) for row in table.select()}
        known = {row.object_key: row.sha256 for row in Blob.select()}
        for key in named - known.keys():
            yield f"{key} has no row"
        for key in known.keys() - named:
            if not key.startswith("waiting/"):
                yield f"{key} is named by nothing"


def _difference(what: str, expected: list[Any], found: list[Any]) -> Iterator[str]:
    for one, count in (Counter(expected) - Counter(found)).items():
        yield f"{what}: {one} is missing {count} times"
    for one, count in (Counter(found) - Counter(expected)).items():
        yield f"{what}: {one} is there {count} times too often"


_numbers = itertools.count()


def undone() -> int:
    """Events that are still to be handled."""
    return Event.select().where(Event.done_at.is_null()).count()


def _undone() -> Iterator[str]:
    for event in Event.select().where(Event.done_at.is_null()):
        yield f"{event.kind} of {event.subject_id} is undone: {event.error}"


def begun(shoppers: int) -> Fieldwork:
    """A brand with shoppers who have nothing to do yet."""
    brand = factories.brand("Aurea", auto_approve=True)
    version = factories.checklist_version(brand.id)
    people = [factories.person(f"shopper-{name}", Role.SHOPPER, brand) for name in range(shoppers)]
    return Fieldwork(brand, version, visits.wave(brand.id, version.id), people)


def joined(work: Fieldwork, shoppers: int) -> Fieldwork:
    """Other shoppers of the same brand; what they plan is not in `work`."""
    crowd = [
        factories.person(f"crowd-{clock.new_id()}", Role.SHOPPER, work.brand)
        for _ in range(shoppers)
    ]
    return Fieldwork(work.brand, work.version, work.wave, crowd)


def planned(shoppers: int, visits_each: int) -> Fieldwork:
    """Shoppers with accepted assignments, and their visits; the first two photos are equal."""
    work = begun(shoppers)
    work.plan(visits_each)
    return work


def _visit(shopper: Person, assignment_id: str, version: ChecklistVersion, photo: bytes) -> Visit:
    photo_id = str(uuid.uuid4())
    counts = {"answer_count": 2, "photo_count": 1, "submitted_at": phone.AT + 1000}
    digest = hashlib.sha256(photo).hexdigest()
    rows = {
        "reports": [phone.report(assignment_id, checklist_id=version.id, **counts)],
        "answers": [
            phone.answer(assignment_id, "greeted", True),
            phone.answer(assignment_id, "smile", 4),
        ],
        "photos": [phone.photo(photo_id, assignment_id, sha256=digest, bytes=len(photo))],
    }
    return Visit(shopper, f"{assignment_id}.1", rows, photo_id, photo)


@lru_cache(maxsize=256)
def jpeg(number: int, side: int = 48) -> bytes:
    """A small JPEG, another for each number."""
    image = Image.new("RGB", (side, side), (number * 37 % 256, number * 11 % 256, number % 256))
    file = io.BytesIO()
    image.save(file, "JPEG", comment=str(number))
    return file.getvalue()
