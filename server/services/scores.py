"""Scores of visits, and the exact sums over those that count (docs/scoring.md).

Every function here may run twice, at the same time or in another order than the events: what is
counted follows from the revisions' present status, never from the call.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import peewee

from server import clock
from server.db import atomic, serialize
from server.domain import parts, scoring
from server.domain.cube import Tally
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
    """Bring the sums in line with the revision's visit: the last approved revision of its first
    part counts, joined by those of its later parts, and nothing else. A revision that a reviewer
    approved is scored even where photos are missing."""
    with atomic():
        visit = _visit(revision_id)
        serialize(f"report {visit.report_id}")
        approved = _approved(visit.report_id)
        joined = [] if approved is None else _joined(visit)
        counted = list(
            VisitScore.select().where(VisitScore.report_id == visit.report_id, VisitScore.counted)
        )
        right = [
            row for row in counted if row.revision_id == approved and (row.joined or []) == joined
        ]
        for other in counted:
            if other not in right:
                sums.take_back(other)
        if approved is not None and not right:
            score = _scored(approved) or _score(_revision(approved))
            sums.add(score if (score.joined or []) == joined else _join(score, joined))


def discount(revision_id: str) -> None:
    """Take a revision whose approval was withdrawn out of the sums; see `count`."""
    count(revision_id)


def measures(version_id: str, document: dict[str, Any]) -> dict[str, int]:
    """What a revision's document comes to by itself, whatever has joined it; nothing is kept."""
    found: dict[str, int] = _figures(version_id, document)["measures"]
    return found


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


class _Visit(NamedTuple):
    """A visit by its first part: the report, its assignment, and its checklist version, None where
    that part has not come."""

    report_id: str
    assignment_id: str
    attempt: int
    version_id: str | None


def _visit(revision_id: str) -> _Visit:
    rows: Any = (
        Report.select(Report.assignment_id, Report.attempt, Report.checklist_version_id)
        .join(Revision, on=Revision.report_id == Report.id)
        .where(Revision.id == revision_id)
        .tuples()
    )
    for assignment_id, attempt, version_id in rows:
        if checklists.version(version_id).whole_id is None:
            return _Visit(f"{assignment_id}.{attempt}", assignment_id, attempt, version_id)
        first_id = Assignment.get_by_id(assignment_id).part_of
        report_id = f"{first_id}.{attempt}"
        first = Report.select(Report.checklist_version_id).where(Report.id == report_id).first()
        whole = None if first is None else first.checklist_version_id
        return _Visit(report_id, first_id, attempt, whole)
    raise NotFound(f"There is no revision {revision_id!r}.")


def _joined(visit: _Visit) -> list[str]:
    """The last approved revision of each later part, in the parts' order; of a part that was made
    twice, of its last assignment."""
    if visit.version_id is None or not parts.later(checklists.document(visit.version_id)):
        return []
    rows: Any = (
        Revision.select(Revision.id, Report.checklist_version_id)
        .join(Report, on=Report.id == Revision.report_id)
        .join(Assignment, on=Assignment.id == Report.assignment_id)
        .where(
            Assignment.part_of == visit.assignment_id,
            Report.attempt == visit.attempt,
            Revision.status == str(RevisionStatus.APPROVED),
        )
        .order_by(Report.id, Revision.number)
        .tuples()
    )
    of_parts = list(rows)
    known = checklists.versions({version_id for _, version_id in of_parts})
    found = {
        known[version_id].part: revision_id
        for revision_id, version_id in of_parts
        if known[version_id].whole_id == visit.version_id
    }
    return [found[number] for number in sorted(found)]


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
        **_figures(revision.checklist_version_id, revision.document),
    )
    VisitScore.insert(score.__data__).on_conflict_ignore().execute()
    return score


def _join(score: VisitScore, joined: list[str]) -> VisitScore:
    """Make a visit's score anew, of other later parts; it is not in the sums meanwhile."""
    of = [score.revision_id, *joined]
    rows: Any = (
        Revision.select(Revision.id, Revision.document, Report.checklist_version_id)
        .join(Report, on=Report.id == Revision.report_id)
        .where(Revision.id.in_(of))
        .tuples()
    )
    told = {key: (version_id, document) for key, document, version_id in rows}
    later = [told[key] for key in joined]
    figures = _figures(score.checklist_version_id, told[score.revision_id][1], later)
    for name, value in (figures | {"joined": joined}).items():
        setattr(score, name, value)
    score.save(only=[*figures, "joined"])
    return score


def _figures(
    version_id: str, document: dict[str, Any], later: Sequence[tuple[str, dict[str, Any]]] = ()
) -> dict[str, Any]:
    """The columns of a score by a checklist version: of a revision's document, and of those of
    later parts, each with its own version. Every part speaks for its own items alone."""
    whole, first = checklists.document(version_id), _answers(version_id, document)
    values = first.copy()
    for of_part, said in later:
        values |= _answers(of_part, said)
    figures = scoring.score(whole, values)
    tallies = figures.tallies
    if tallies and parts.later(whole):
        there = {checklists.version(of_part).part for of_part, _ in later}
        called = {part.number for part in parts.expected(whole, first)}
        tallies = tallies | {str(Tally.INCOMPLETE): int(not called <= there)}
    return {
        "measures": figures.measures,
        "items": figures.items,
        "tallies": tallies,
        "coverage": figures.coverage,
        "critical_failed": figures.critical_failed,
        "computed_at": clock.now(),
    }


def _answers(version_id: str, document: dict[str, Any]) -> dict[str, Any]:
    asked = {item.key for item in checklists.phone_document(version_id).items()}
    said: dict[str, Any] = document["answers"]
    return {key: answer["value"] for key, answer in said.items() if key in asked}


def _month(revision: Any) -> str:
    fields = revision.document["fields"]
    clocks = [fields.get(name) for name in CLOCKS]
    return visit_month(clocks, revision.frozen_at, revision.timezone)
