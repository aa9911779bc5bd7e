"""What is left of the reports of a person who is erased, and of those that were kept as long as
they may be."""

from datetime import datetime
from typing import Any

from server import clock
from server.db import atomic
from server.domain import erasing, merging
from server.domain.erasing import ALL, ERASED, Part
from server.domain.months import visit_month
from server.domain.submissions import CLOCKS
from server.models import Assignment, Erasure, Event, Report, Review, Revision, Store
from server.services import checklists, editions, feeds, inspections, messages, ratings

_AT_ONCE = 50


def erase(erasure: Erasure) -> int:
    """Overwrite the person's reports in the brand, some a transaction; how many."""
    erased = 0
    while count := _some(erasure):
        erased += count
    return erased


def strip(brand_id: str, before: datetime, part: Part) -> int:
    """Take words, or moments and places, from some of the brand's reports whose assignment closed
    before that; how many. The feeds are locked before a report is read: a push writes it."""
    gone = Report.words_gone_at if part == Part.WORDS else Report.moments_gone_at
    due = (Report.brand_id == brand_id) & (Assignment.closed_at < before) & gone.is_null()
    query = Report.select().join(Assignment, on=Assignment.id == Report.assignment_id).where(due)
    some = list(query.order_by(Report.id).limit(_AT_ONCE))
    with atomic():
        feeds.lock(report.shopper_id for report in some)
        found = list(query.where(Report.id.in_([report.id for report in some])))
        revisions, zones = _revisions(found), _time_zones(found)
        for report in found:
            _overwrite(report, revisions.get(report.id, []), zones.get(report.store_id), part)
            setattr(report, gone.name, clock.now())
            report.save(only=[gone])
        ids = [report.id for report in found]
        messages.silence(ids, words=bool(part & Part.WORDS), moments=bool(part & Part.MOMENTS))
        if part & Part.WORDS:
            ratings.silence(ids)
            for review in _reviews(found):
                _silence_review(review)
        _forget_errors(found, revisions)
    return len(found)


def ids_of_brand(brand_id: str) -> Any:
    """A subquery of the ids of the brand's reports."""
    return Report.select(Report.id).where(Report.brand_id == brand_id)


def _some(erasure: Erasure) -> int:
    account_id = erasure.account_id
    mine = (Report.shopper_id == account_id) & (Report.brand_id == erasure.brand_id)
    with atomic():
        seqs = {account_id: feeds.lock([account_id])[account_id].seq}
        found = list(Report.select().where(mine).order_by(Report.id).limit(_AT_ONCE))
        revisions = _revisions(found)
        reviews = _reviews(found)
        gone = [("reviews", review.id) for review in reviews]
        ids = [report.id for report in found]
        gone += [("messages", message_id) for message_id in messages.erase(ids, erasure)]
        ratings.erase(ids, erasure)
        for report in found:
            gone += [("reports", report.id)]
            gone += [("answers", f"{report.id}.{key}") for key in report.document["answers"]]
        zones = _time_zones(found)
        for report in found:
            _overwrite(report, revisions.get(report.id, []), zones.get(report.store_id), ALL)
            report.shopper_id = erasure.pseudonym
            report.save(only=["shopper_id"])
        for review in reviews:
            _overwrite_review(review, erasure)
        _forget_errors(found, revisions)
        feeds.record(seqs, {account_id: gone}, deleted=True)
    return len(found)


def _revisions(reports: list[Report]) -> dict[str, list[Revision]]:
    found: dict[str, list[Revision]] = {}
    ids = [report.id for report in reports]
    for revision in Revision.select().where(Revision.report_id.in_(ids)).order_by(Revision.number):
        found.setdefault(revision.report_id, []).append(revision)
    return found


def _reviews(reports: list[Report]) -> list[Review]:
    return list(Review.select().where(Review.report_id.in_([report.id for report in reports])))


def _time_zones(reports: list[Report]) -> dict[str, str | None]:
    ids = {report.store_id for report in reports}
    rows: Any = Store.select(Store.id, Store.timezone).where(Store.id.in_(ids)).tuples()
    return dict(rows)


def _overwrite(report: Report, revisions: list[Revision], timezone: str | None, part: Part) -> None:
    items = {item.key: item for item in checklists.document(report.checklist_version_id).items()}
    for revision in revisions:
        moment = _moment(revision.document["fields"], revision.frozen_at, timezone)
        revision.document = erasing.revision(revision.document, items, moment, part)
        revision.save(only=["document"])
    if part & Part.WORDS:
        editions.forget(revisions)
    inspections.forget(revisions)
    fields = {name: merging.value_of(report.document, name) for name in CLOCKS}
    moment = _moment(fields, report.submitted_at or report.created_at, timezone)
    report.document = erasing.report(report.document, items, moment, part)
    if report.submitted_at and part & Part.MOMENTS:
        report.submitted_at = clock.from_ms(moment)
    report.save(only=["document", "submitted_at"])


def _moment(fields: dict[str, Any], otherwise: Any, timezone: str | None) -> int:
    clocks = [fields.get(name) for name in CLOCKS]
    return erasing.middle_of(visit_month(clocks, otherwise, timezone))


def _overwrite_review(review: Review, erasure: Erasure) -> None:
    review.shopper_id = erasure.pseudonym
    review.save(only=["shopper_id"])
    _silence_review(review)


def _silence_review(review: Review) -> None:
    review.message = ERASED if review.message else None
    review.items = [item | {"message": ERASED} for item in review.items]
    review.save(only=["message", "items"])


def _forget_errors(reports: list[Report], revisions: dict[str, list[Revision]]) -> None:
    """What a failed job said may quote what it worked on."""
    subjects = [report.id for report in reports]
    subjects += [revision.id for each in revisions.values() for revision in each]
    Event.update(error=None).where(Event.subject_id.in_(subjects)).execute()
