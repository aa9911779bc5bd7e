"""What reviewers do with frozen revisions. Each word is a review, moves the assignment, reaches the
shopper's phones, and where figures follow from it leaves an event.

The shopper's feed is locked first, as a push does, so a revision and its report are decided on as
they are.
"""

from datetime import datetime
from typing import Any

from server import clock
from server.db import atomic
from server.domain import merging
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import AssignmentStatus, RevisionStatus
from server.errors import Conflict, Invalid
from server.models import Assignment, Report, Review, Revision
from server.services import (
    approvals,
    audit,
    checklists,
    claims,
    events,
    feeds,
    notices,
    submissions,
    visit_parts,
)
from server.services.access import require
from server.services.reports import has_shopper, hold, refuse_erased, revision_of

WITHDRAWN = "withdrawn"
"""The outcome of a review that takes an approval or a rejection back."""

_AT_ONCE = 100
_MOST_NAMED = 20
_FINAL = (AssignmentStatus.APPROVED, AssignmentStatus.REJECTED)


def approve(actor: Actor, brand_id: str, report_id: str, number: int, **words: Any) -> Review:
    """Approve a submitted revision: it counts. Where photos that it declares are not verified, the
    reviewer names their ids in `missing`, all of them. Conflict."""
    return _reviewed(actor, brand_id, report_id, number, RevisionStatus.APPROVED, words)


def return_(actor: Actor, brand_id: str, report_id: str, number: int, **words: Any) -> Review:
    """Return a submitted revision to its shopper: the report unlocks for the next. Conflict."""
    return _reviewed(actor, brand_id, report_id, number, RevisionStatus.RETURNED, words)


def reject(actor: Actor, brand_id: str, report_id: str, number: int, **words: Any) -> Review:
    """Reject a submitted revision for good: it never counts. Conflict."""
    return _reviewed(actor, brand_id, report_id, number, RevisionStatus.REJECTED, words)


def withdraw(actor: Actor, brand_id: str, report_id: str, number: int, **words: Any) -> Review:
    """Take an approval or a rejection back: the revision waits again, and no longer counts.
    Conflict."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    with atomic():
        seqs, report = hold(actor, brand_id, report_id)
        revision = revision_of(actor, brand_id, report_id, number)
        if revision.status not in (RevisionStatus.APPROVED, RevisionStatus.REJECTED):
            raise Conflict(f"Revision {number} is {revision.status}: there is nothing to withdraw.")
        _check(report, RevisionStatus.SUBMITTED, words)
        if revision.status == RevisionStatus.APPROVED:
            events.emit("revision.withdrawn", revision.id, brand_id)
        _decide(revision, RevisionStatus.SUBMITTED, None)
        rows = _move(report, AssignmentStatus.SUBMITTED)
        record, said = f"reports/{report_id}", f"The decision on revision {number} was withdrawn."
        rows.append(notices.notify(report.shopper_id, record, "decision-withdrawn", said))
        feeds.record(seqs, {report.shopper_id: rows})
        return _review(report, number, WITHDRAWN, actor.account_id, words)


def apply_rule(revision_id: str) -> None:
    """Where the brand approves such a revision by itself, leave the event that does; approving
    locks a feed, which whoever scores many at once must not."""
    revision = approvals.approvable(revision_id)
    if revision is not None:
        events.emit("revision.approvable", revision_id, revision.brand_id)


def approve_automatically(revision_id: str) -> bool:
    """Approve a revision by the brand's rule; whether it was approved now. It may run twice."""
    revision = approvals.approvable(revision_id)
    if revision is None:
        return False
    with atomic():
        seqs, report = hold(None, revision.brand_id, revision.report_id)
        revision = approvals.approvable(revision_id)
        if revision is None:
            return False
        _word(seqs, report, revision, RevisionStatus.APPROVED, None, {})
        things = {"report_id": report.id, "number": revision.number}
        audit.by_rule(report.brand_id, "approve_revision", things)
        return True


def find_overdue() -> int:
    """Note the returns whose time to mend passed without the next revision, and tell their
    shoppers; how many. Nothing is lost: what comes later is kept and marked late, and a reviewer
    may close the report as it is. For the chores; may run twice."""
    found = 0
    while some := list(_overdue().limit(_AT_ONCE)):
        with atomic():
            seqs = {
                shopper_id: cursor.seq
                for shopper_id, cursor in feeds.lock(one.shopper_id for one in some).items()
            }
            rows = {one.id: notices.notify(one.shopper_id, *_overdue_word(one)) for one in some}
            Review.update(overdue_at=clock.now()).where(Review.id.in_(list(rows))).execute()
            for one in some:
                feeds.record(seqs, {one.shopper_id: [rows[one.id]]})
        found += len(some)
    return found


def _overdue() -> Any:
    """Returns that are overdue and not noted yet: the last word on a report that is unlocked."""
    return (
        Review.select(Review)
        .join(Report, on=Report.id == Review.report_id)
        .where(
            Review.outcome == str(RevisionStatus.RETURNED),
            Review.due_at < clock.now(),
            Review.overdue_at.is_null(),
            Report.locked_revision.is_null(),
            has_shopper(),
            Report.revision == Review.revision,
        )
        .order_by(Review.due_at, Review.id)
    )


def _overdue_word(review: Review) -> tuple[str, str, str]:
    said = f"Revision {review.revision} was to be mended by {review.due_at:%Y-%m-%d %H:%M} UTC."
    kept = "What you send now is kept, and a person will decide."
    return f"reports/{review.report_id}", "return-overdue", f"{said} {kept}"


def close(actor: Actor, brand_id: str, report_id: str) -> Revision:
    """Freeze a report as it is, although its shopper has not submitted it or what they declared
    never came whole. Conflict."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    with atomic():
        seqs, report = hold(actor, brand_id, report_id)
        if report.locked_revision is not None:
            raise Conflict(f"Revision {report.locked_revision} of this report is frozen already.")
        photos = submissions.photos_of([report_id])[report_id]
        frozen = submissions.freeze(report, photos, seq=seqs[report.shopper_id], now=clock.now())
        report.save(only=["document", "revision", "locked_revision", "updated_at"])
        submissions.write([frozen.revision])
        rows = notices.notify_many(report.shopper_id, frozen.words) if frozen.words else []
        rows += _move(report, AssignmentStatus.SUBMITTED, only_from=submissions.SUBMITTABLE)
        feeds.record(seqs, {report.shopper_id: [*rows, ("reports", report_id)]})
        return frozen.revision


def _reviewed(
    actor: Actor,
    brand_id: str,
    report_id: str,
    number: int,
    outcome: RevisionStatus,
    words: dict[str, Any],
) -> Review:
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    with atomic():
        seqs, report = hold(actor, brand_id, report_id)
        revision = revision_of(actor, brand_id, report_id, number)
        if revision.status != RevisionStatus.SUBMITTED:
            raise Conflict(f"Revision {number} is {revision.status} already.")
        claims.refuse_anothers(revision, actor.name)
        if outcome == RevisionStatus.RETURNED:
            refuse_erased(report.shopper_id)
        _check(report, outcome, words)
        if outcome == RevisionStatus.APPROVED:
            words |= {"missing": _named(revision, words.get("missing") or [])}
        return _word(seqs, report, revision, outcome, actor.account_id, words)


def _check(report: Report, outcome: RevisionStatus, words: dict[str, Any]) -> None:
    """Invalid where words are of items that the checklist lacks, or the time to mend is over before
    it begins."""
    known = {item.key for item in checklists.document(report.checklist_version_id).items()}
    errors = [
        {"pointer": f"/items/{at}/item_key", "detail": "The report's checklist has no such item."}
        for at, item in enumerate(words.get("items") or [])
        if item["item_key"] not in known
    ]
    due_at = words.get("due_at")
    if due_at is not None and outcome != RevisionStatus.RETURNED:
        errors.append({"pointer": "/due_at", "detail": "Only what is returned comes again."})
    elif due_at is not None and due_at <= clock.now():
        errors.append({"pointer": "/due_at", "detail": "Must be in the future."})
    if errors:
        raise Invalid("Mend the fields named in `errors`.", errors=errors)


def _named(revision: Revision, named: list[str]) -> list[str]:
    """The unverified photos of a revision, which its reviewer has to name. Conflict."""
    missing = submissions.unverified(revision)
    if set(named) != set(missing):
        rejected = submissions.rejected(missing)
        raise Conflict(
            f"{len(missing)} of the photos that revision {revision.number} declares are not "
            f"verified{_advice(missing, rejected)} exactly them in `missing`.",
            missing=missing,
            rejected=rejected,
        )
    return missing


def _advice(missing: list[str], rejected: list[str]) -> str:
    """What to do about these photos, of which some will not come by waiting."""
    if not rejected:
        return ": wait for them, or name"
    names = ", ".join(rejected[:_MOST_NAMED]) + (", …" if rejected[_MOST_NAMED:] else "")
    todo = "Wait for the others, or name" if len(rejected) < len(missing) else "Name"
    return f". Rejected, and so not to come, are {len(rejected)} of them: {names}. {todo}"


def _word(
    seqs: dict[str, int],
    report: Report,
    revision: Revision,
    outcome: RevisionStatus,
    reviewer_id: str | None,
    words: dict[str, Any],
) -> Review:
    """One decision on a submitted revision, in the locked feed."""
    _decide(revision, outcome, clock.now())
    claims.end(revision)
    rows = _move(report, AssignmentStatus(str(outcome)))
    if outcome == RevisionStatus.RETURNED:
        report.locked_revision = None
        merging.touch(report.document, seqs[report.shopper_id])
        report.save(only=["document", "locked_revision"])
        rows.append(("reports", report.id))
    if outcome == RevisionStatus.APPROVED:
        events.emit("revision.approved", revision.id, report.brand_id)
    if outcome == RevisionStatus.REJECTED:
        visit_parts.call(revision.id)
    review = _review(report, revision.number, str(outcome), reviewer_id, words)
    feeds.record(seqs, {report.shopper_id: [*rows, ("reviews", review.id)]})
    return review


def _decide(revision: Revision, status: RevisionStatus, at: datetime | None) -> None:
    revision.status, revision.decided_at = str(status), at
    revision.save(only=["status", "decided_at"])


def _move(
    report: Report, status: AssignmentStatus, only_from: tuple[AssignmentStatus, ...] = ()
) -> list[tuple[str, str]]:
    """Move the report's assignment, unless the report is of another attempt; rows to touch."""
    now = clock.now()
    condition = (Assignment.id == report.assignment_id) & (Assignment.attempt == report.attempt)
    if only_from:
        condition &= Assignment.status.in_([str(one) for one in only_from])
    moved = (
        Assignment.update(
            status=str(status),
            closed_at=now if status in _FINAL else None,
            version=Assignment.version + 1,
            updated_at=now,
        )
        .where(condition)
        .execute()
    )
    return [("assignments", report.assignment_id)] if moved else []


def _review(
    report: Report, number: int, outcome: str, reviewer_id: str | None, words: dict[str, Any]
) -> Review:
    values = {"message": None, "items": [], "due_at": None, "missing": []} | words
    submissions.said_more([report.id])
    return Review.create(
        id=clock.new_id(),
        report_id=report.id,
        revision=number,
        shopper_id=report.shopper_id,
        reviewer_id=reviewer_id,
        outcome=outcome,
        created_at=clock.now(),
        **values,
    )
