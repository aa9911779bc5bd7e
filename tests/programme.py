"""A programme with visits, straight through the models: what scoring and rankings start from."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from server import clock
from server.domain.states import AssignmentStatus, PhotoState, RevisionStatus
from server.models import (
    Assignment,
    Brand,
    ChecklistVersion,
    Photo,
    Promise,
    Region,
    Report,
    Revision,
    Store,
    Wave,
)
from server.services import editing
from tests import factories

QUESTIONS = 4
"""Yes/no items of the checklist, q0…; the last two tell of the promise too."""

DAY = datetime(2026, 3, 10, 15, tzinfo=UTC)


def passed(count: int) -> dict[str, bool]:
    """Answers of which the first `count` pass: a visit score of count/4."""
    return {f"q{index}": index < count for index in range(QUESTIONS)}


def region(brand_id: str, name: str, parent: Region | None = None) -> Region:
    """A region under `parent`."""
    region_id = clock.new_id()
    path = f"{parent.path if parent else ''}{region_id}/"
    values = {"name": name, "path": path, "parent_id": parent.id if parent else None}
    return editing.create(Region, brand_id, id=region_id, **values)


def store(brand_id: str, code: str, **values: Any) -> Store:
    """A store in Rome's time zone."""
    values = {"name": f"Store {code}", "timezone": "Europe/Rome"} | values
    return editing.create(Store, brand_id, code=code, **values)


@dataclass
class Programme:
    """One promise, one checklist and one wave of a brand."""

    brand: Brand
    promise: Promise = field(init=False)
    version: ChecklistVersion = field(init=False)
    wave: Wave = field(init=False)

    def __post_init__(self) -> None:
        self.promise = factories.promise(self.brand.id, target=80.0)
        self.version = self._version()
        self.wave = self.another_wave("Spring")

    def another_wave(self, name: str) -> Wave:
        """A wave around DAY."""
        window = {"opens_at": DAY - timedelta(days=9), "closes_at": DAY + timedelta(days=40)}
        return editing.create(
            Wave, self.brand.id, name=name, checklist_version_id=self.version.id, **window
        )

    def revision(
        self,
        at: Store,
        answers: dict[str, Any],
        *,
        shopper_id: str = "shopper-1",
        day: datetime | None = DAY,
        status: RevisionStatus = RevisionStatus.APPROVED,
        wave: Wave | None = None,
        photos: tuple[str, ...] = (),
    ) -> Revision:
        """A visit to `at`, submitted once; its row is there, and nothing is scored."""
        report = self._report(at, shopper_id, wave or self.wave)
        return self.resubmission(report, answers, day=day, status=status, photos=photos)

    def resubmission(
        self,
        report: Report,
        answers: dict[str, Any],
        *,
        day: datetime | None = DAY,
        status: RevisionStatus = RevisionStatus.APPROVED,
        photos: tuple[str, ...] = (),
    ) -> Revision:
        """The report's next revision."""
        Report.update(revision=Report.revision + 1).where(Report.id == report.id).execute()
        number = Revision.select().where(Revision.report_id == report.id).count() + 1
        fields = {"started_at": clock.to_ms(day) if day else None, "ended_at": None}
        cells = {
            key: {"value": value, "note": None, "answered_at": None}
            for key, value in answers.items()
        }
        return Revision.create(
            id=f"{report.id}.r{number}",
            report_id=report.id,
            brand_id=self.brand.id,
            number=number,
            status=str(status),
            document={"fields": fields, "answers": cells, "photos": {"": list(photos)}},
            missing=[],
            frozen_at=(day or DAY) + timedelta(hours=2),
        )

    def photo(self, report_id: str, state: PhotoState) -> Photo:
        """A declared photo of a report."""
        now = clock.now()
        return Photo.create(
            id=clock.new_id(),
            brand_id=self.brand.id,
            shopper_id="shopper-1",
            report_id=report_id,
            state=str(state),
            created_at=now,
            updated_at=now,
        )

    def _report(self, at: Store, shopper_id: str, wave: Wave) -> Report:
        assignment = editing.create(
            Assignment,
            self.brand.id,
            wave_id=wave.id,
            store_id=at.id,
            shopper_id=shopper_id,
            checklist_version_id=self.version.id,
            status=str(AssignmentStatus.SUBMITTED),
            opens_at=wave.opens_at,
            closes_at=wave.closes_at,
        )
        now = clock.now()
        return Report.create(
            id=f"{assignment.id}.1",
            brand_id=self.brand.id,
            assignment_id=assignment.id,
            store_id=at.id,
            shopper_id=shopper_id,
            attempt=1,
            checklist_version_id=self.version.id,
            document={},
            created_at=now,
            updated_at=now,
        )

    def _version(self) -> ChecklistVersion:
        link = [{"promise": self.promise.id}]
        items = [
            {
                "key": f"q{index}",
                "type": "yes_no",
                "prompt": {"en": "?"},
                "allow_na": True,
                "promises": link if index >= QUESTIONS // 2 else [],
            }
            for index in range(QUESTIONS)
        ]
        section = {"key": "all", "title": {"en": "All"}, "items": items}
        return editing.create(
            ChecklistVersion,
            self.brand.id,
            checklist_id=clock.new_id(),
            number=1,
            title="Visit",
            locales=["en"],
            document={"title": {"en": "Visit"}, "sections": [section]},
            published_at=clock.now(),
        )
