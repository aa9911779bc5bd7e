"""Visits as a whole: all parts of one for those who work on it, and what a store knows of its own.
The number of queries does not grow with the parts, nor with a store's visits."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee

from server import clock
from server.domain import parts, visits
from server.domain.actor import Actor
from server.domain.cube import Tally
from server.domain.permissions import Permission
from server.domain.ranking import points
from server.domain.scoring import VISIT
from server.domain.states import RevisionStatus
from server.domain.visits import PartState
from server.models import Assignment, Report, Review, Revision, Store, VisitScore
from server.services import checklists, editing, scores, weeks
from server.services.access import require, stores_seen

MOST_VISITS = 100
"""The latest so many are told to a store."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a visit: number 0 is what is asked at once. Without an assignment, and without a
    report, what follows from one is None. `due_at` is the return's where its last revision was
    returned with one; `score` (points) is that of the last revision by itself."""

    number: int
    checklist_version_id: str
    sections: list[dict[str, Any]]
    state: PartState
    assignment_id: str | None = None
    opens_at: datetime | None = None
    due_at: datetime | None = None
    report_id: str | None = None
    revision: int | None = None
    late: bool = False
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit by its first part's assignment. `score` (points), `coverage` (a share), `month` and
    `incomplete` are of what counts: the approved parts; None before there is any."""

    assignment: Assignment
    parts: list[Part]
    month: str | None
    score: float | None
    coverage: float | None
    incomplete: bool | None


@dataclass(frozen=True, slots=True)
class Told:
    """A visit as its store is told of it: the sections of those parts that count in its score."""

    month: str
    week: str | None
    score: float | None
    coverage: float
    incomplete: bool | None
    parts: list[list[dict[str, Any]]] = field(default_factory=list)


def read(actor: Actor, brand_id: str, assignment_id: str) -> Visit:
    """The visit that an assignment is any part of. NotFound, also of one's own: its shopper is told
    nothing here, as of reports."""
    require(actor, brand_id, Permission.REPORTS_READ)
    of_others = Assignment.shopper_id != (actor.account_id or "")
    asked = editing.find(Assignment, brand_id, assignment_id, of_others)
    rows = _rows(asked.part_of or asked.id)
    first = next(row for row in rows if row.part_of is None)
    counted = _counted(first)
    told = _parts(first, rows, counted)
    if counted is None:
        return Visit(first, told, None, None, None, None)
    return Visit(first, told, *_figures(counted))


def of_store(actor: Actor, brand_id: str, store_id: str, month: str | None = None) -> list[Told]:
    """What a store is told of its latest visits that count, of a month's or of all: latest month
    first, and within a month (or week) by their scores, which tell nothing of when each was."""
    grants = require(actor, brand_id, Permission.RANKINGS_READ)
    store = editing.find(Store, brand_id, store_id, stores_seen(grants))
    condition = (VisitScore.brand_id == brand_id) & (VisitScore.store_id == store.id)
    if month is not None:
        condition &= VisitScore.month == month
    latest = (VisitScore.month.desc(), VisitScore.revision_id.desc())
    query = VisitScore.select().where(condition, VisitScore.counted).order_by(*latest)
    counted = list(query.limit(MOST_VISITS))
    week_of = weeks.of_revisions(store, {score.revision_id for score in counted})
    sections = _sections_of(counted)
    told = []
    for score in counted:
        names = [score.revision_id, *(score.joined or [])]
        told.append(_told(score, week_of.get(score.revision_id), [sections[one] for one in names]))
    told.sort(key=lambda one: (-1 if one.score is None else one.score, one.coverage))
    told.sort(key=lambda one: (one.month, one.week or ""), reverse=True)
    return told


def _rows(first_id: str) -> list[Any]:
    """All parts' assignments with their reports, last revisions, these' scores and the returns."""
    last = (Revision.report_id == Report.id) & (Revision.number == Report.revision)
    of_this = (Report.assignment_id == Assignment.id) & (Report.attempt == Assignment.attempt)
    returned = (
        (Review.report_id == Report.id)
        & (Review.revision == Report.revision)
        & (Review.outcome == str(RevisionStatus.RETURNED))
    )
    return list(
        Assignment.select(
            Assignment,
            Report.id.alias("report_id"),
            Report.revision,
            Report.late,
            Revision.id.alias("revision_id"),
            Revision.status.alias("revision_status"),
            VisitScore.measures,
            VisitScore.joined,
            Review.due_at.alias("mend_by"),
        )
        .join(Report, peewee.JOIN.LEFT_OUTER, on=of_this)
        .join(Revision, peewee.JOIN.LEFT_OUTER, on=last)
        .join(VisitScore, peewee.JOIN.LEFT_OUTER, on=VisitScore.revision_id == Revision.id)
        .join_from(Report, Review, peewee.JOIN.LEFT_OUTER, on=returned)
        .where((Assignment.id == first_id) | (Assignment.part_of == first_id))
        .order_by(Assignment.id, Review.id)
        .objects()
    )


def _counted(first: Any) -> VisitScore | None:
    found: VisitScore | None = VisitScore.get_or_none(
        VisitScore.report_id == f"{first.id}.{first.attempt}", VisitScore.counted
    )
    return found


def _parts(first: Any, rows: list[Any], counted: VisitScore | None) -> list[Part]:
    version_id = first.checklist_version_id
    whole, later = checklists.version(version_id).document, checklists.later(version_id)
    document = _document(first) if later and first.revision_id else None
    asked = _asked(version_id, document)
    own = _own_score(first, document)
    told = [_part(0, version_id, _sections(parts.shown_at_once(whole)), first, own)]
    made = _made(rows)
    for version in later:
        sections = _sections(version.document)
        row = made.get(version.id)
        if row is not None:
            told.append(_part(version.part, version.id, sections, row, _score_of(row)))
            continue
        state = visits.unmade(first.status, first.revision_status, asked=version.part in asked)
        told.append(Part(version.part, version.id, sections, state))
    return told


def _made(rows: list[Any]) -> dict[str, Any]:
    """The later parts' assignments by their version: of a part that was made twice the last, unless
    only an earlier one brought anything."""
    found: dict[str, Any] = {}
    for row in rows:
        known = found.get(row.checklist_version_id)
        if known is None or row.revision_id is not None or known.revision_id is None:
            found[row.checklist_version_id] = row
    return found


def _part(
    number: int, version_id: str, sections: list[dict[str, Any]], row: Any, score: float | None
) -> Part:
    window = (row.opens_at, row.closes_at)
    state = visits.state(row.status, row.revision_status, window, clock.now())
    mend_by = row.mend_by if state == PartState.RETURNED else None
    return Part(
        number,
        version_id,
        sections,
        state,
        row.id,
        row.opens_at,
        mend_by or row.closes_at,
        row.report_id,
        row.revision,
        bool(row.late),
        score,
    )


def _document(first: Any) -> dict[str, Any]:
    found: dict[str, Any] = Revision.get_by_id(first.revision_id).document
    return found


def _asked(version_id: str, document: dict[str, Any] | None) -> set[int]:
    """The numbers of the later parts that the first part's answers call for."""
    if document is None:
        return set()
    values = {key: answer["value"] for key, answer in document["answers"].items()}
    return {part.number for part in parts.expected(checklists.document(version_id), values)}


def _own_score(first: Any, document: dict[str, Any] | None) -> float | None:
    """The first part's score by itself: its row holds the visit's once parts have joined."""
    if not first.joined or document is None:
        return _score_of(first)
    return points(scores.measures(first.checklist_version_id, document).get(VISIT))


def _score_of(row: Any) -> float | None:
    return points((row.measures or {}).get(VISIT))


def _sections(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: one[name] for name in ("key", "title")} for one in document["sections"]]


def _figures(score: VisitScore) -> tuple[str, float | None, float, bool | None]:
    """Month, score, coverage and whether a part is missing, of a visit that counts."""
    tally = (score.tallies or {}).get(str(Tally.INCOMPLETE))
    return (
        score.month,
        points(score.measures.get(VISIT)),
        score.coverage / 1000,
        None if tally is None else bool(tally),
    )


def _told(score: VisitScore, week: str | None, sections: list[list[dict[str, Any]]]) -> Told:
    month, whole, coverage, incomplete = _figures(score)
    return Told(month, week, whole, coverage, incomplete, sections)


def _sections_of(counted: list[VisitScore]) -> dict[str, list[dict[str, Any]]]:
    """What was asked in each revision that counts, in one query."""
    version_of = {score.revision_id: score.checklist_version_id for score in counted}
    joined = [one for score in counted for one in score.joined or []]
    rows: Any = (
        Revision.select(Revision.id, Report.checklist_version_id)
        .join(Report, on=Report.id == Revision.report_id)
        .where(Revision.id.in_(joined))
        .tuples()
    )
    version_of |= dict(rows)
    known = checklists.versions(version_of.values())
    shown = {key: _sections(parts.shown_at_once(row.document)) for key, row in known.items()}
    return {key: shown[version_id] for key, version_id in version_of.items()}
