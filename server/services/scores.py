"""Scores of visits, and the exact sums over those that count (docs/scoring.md).

Every function here may run twice, at the same time or in another order than the events: what is
counted follows from the revisions' present status, never from the call.
"""

from typing import Any

import peewee

from server import clock
from server.db import atomic, serialize
from server.domain import scoring
from server.domain.months import visit_month
from server.domain.states import PhotoState, RevisionStatus
from server.domain.submissions import CLOCKS
from server.errors import NotFound
from server.models import Assignment, Photo, PhotoContent, Report, Revision, Store, VisitScore
from server.services import checklists, sums


def score(revision_id: str) -> bool:
    """Score a frozen revision once all its photos' bytes are here; whether it has its score now."""
    with atomic():
        revision = _revision(revision_id)
        if revision.scored is not None:
            return True
        if not _photos_stored(revision.document):
            return False
        _score(revision)
        return True


def score_for_photo(photo_id: str) -> str | None:
    """Score the last frozen revision of a photo's report, if this photo was the last that it
    waited for. The revision's id once it has its score, else None."""
    with atomic():
        last = (
            Revision.select(Revision.id)
            .join(Report, on=Revision.report_id == Report.id)
            .join(Photo, on=Photo.report_id == Report.id)
            .where(Photo.id == photo_id)
            .order_by(Revision.number.desc())
            .first()
        )
        return last.id if last is not None and score(last.id) else None


def count(revision_id: str) -> None:
    """Bring the sums in line with the revision's report: its last approved revision counts, and
    no other. A revision that a reviewer approved is scored even where photos are missing."""
    with atomic():
        report_id = _report_of(revision_id)
        serialize(f"report {report_id}")
        approved = _approved(report_id)
        counted = list(
            VisitScore.select().where(VisitScore.report_id == report_id, VisitScore.counted)
        )
        for other in counted:
            if other.revision_id != approved:
                sums.take_back(other)
        if approved is not None and approved not in {row.revision_id for row in counted}:
            sums.add(_scored(approved) or _score(_revision(approved)))


def discount(revision_id: str) -> None:
    """Take a revision whose approval was withdrawn out of the sums; see `count`."""
    count(revision_id)


def erase(report_id: str) -> int:
    """Take a report's visits out of the sums, and forget their scores; how many. For reports that
    are erased themselves: what is left of them would come back with the next rebuild."""
    with atomic():
        serialize(f"report {report_id}")
        for score in list(VisitScore.select().where(VisitScore.report_id == report_id)):
            if score.counted:
                sums.take_back(score)
        return int(VisitScore.delete().where(VisitScore.report_id == report_id).execute())


def _scored(revision_id: str) -> VisitScore | None:
    return VisitScore.get_or_none(VisitScore.revision_id == revision_id)


def _revision(revision_id: str) -> Any:
    """The revision with its report's and assignment's references, the store's time zone, and as
    `scored` its own id if it has a score, else None."""
    rows = (
        Revision.select(
            Revision.id,
            Revision.report_id,
            Revision.brand_id,
            Revision.document,
            Revision.frozen_at,
            Report.store_id,
            Report.shopper_id,
            Report.checklist_version_id,
            Assignment.wave_id,
            Store.timezone,
            VisitScore.revision_id.alias("scored"),
        )
        .join(Report, on=Report.id == Revision.report_id)
        .join(Assignment, on=Assignment.id == Report.assignment_id)
        .join(Store, peewee.JOIN.LEFT_OUTER, on=Store.id == Report.store_id)
        .join(VisitScore, peewee.JOIN.LEFT_OUTER, on=VisitScore.revision_id == Revision.id)
        .where(Revision.id == revision_id)
        .namedtuples()
    )
    for row in rows:
        return row
    raise NotFound(f"There is no revision {revision_id!r}.")


def _report_of(revision_id: str) -> str:
    rows: Any = Revision.select(Revision.report_id).where(Revision.id == revision_id).tuples()
    for (report_id,) in rows:
        return str(report_id)
    raise NotFound(f"There is no revision {revision_id!r}.")


def _approved(report_id: str) -> str | None:
    """The id of the report's last approved revision."""
    last = (
        Revision.select(Revision.id)
        .where(Revision.report_id == report_id, Revision.status == RevisionStatus.APPROVED)
        .order_by(Revision.number.desc())
        .first()
    )
    return None if last is None else str(last.id)


def _photos_stored(document: dict[str, Any]) -> bool:
    declared = {photo for photos in document["photos"].values() for photo in photos}
    if not declared:
        return True
    # Bytes that turned out to be no picture have arrived all the same, and have no points either.
    arrived = PhotoContent.select(PhotoContent.photo_id).where(
        PhotoContent.photo_id.in_(declared), ~PhotoContent.waiting
    )
    here = (Photo.state == PhotoState.STORED) | Photo.id.in_(arrived)
    return bool(Photo.select().where(Photo.id.in_(declared), here).count() == len(declared))


def _score(revision: Any) -> VisitScore:
    """Compute and keep the score of a revision that has none. Where another has just done so, it
    is the same: a frozen revision and a published checklist never change."""
    answers = {key: answer["value"] for key, answer in revision.document["answers"].items()}
    figures = scoring.score(checklists.document(revision.checklist_version_id), answers)
    score = VisitScore(
        revision_id=revision.id,
        report_id=revision.report_id,
        brand_id=revision.brand_id,
        store_id=revision.store_id,
        shopper_id=revision.shopper_id,
        wave_id=revision.wave_id,
        month=_month(revision),
        checklist_version_id=revision.checklist_version_id,
        method_version=scoring.METHOD_VERSION,
        measures=figures.measures,
        items=figures.items,
        tallies=figures.tallies,
        coverage=figures.coverage,
        critical_failed=figures.critical_failed,
        computed_at=clock.now(),
    )
    VisitScore.insert(score.__data__).on_conflict_ignore().execute()
    return score


def _month(revision: Any) -> str:
    fields = revision.document["fields"]
    clocks = [fields.get(name) for name in CLOCKS]
    return visit_month(clocks, revision.frozen_at, revision.timezone)
