"""Reading reports and their revisions, for those who review or integrate. Shoppers see theirs
through sync, and nothing of them here, whatever else they are: nobody decides on their own work,
or reads what is said of it behind their back."""

from dataclasses import dataclass
from typing import Any

import peewee

from server import clock
from server.domain.actor import Actor
from server.domain.erasing import PSEUDONYM, is_pseudonym
from server.domain.permissions import Permission, allowing
from server.domain.states import RevisionStatus
from server.domain.submissions import snapshot
from server.errors import Conflict, NotFound
from server.models import Assignment, Photo, Rating, Report, ReportFlag, Review, Revision
from server.services import feeds, flagging, report_flags, submissions
from server.services.access import require
from server.services.paging import Page, page

DRAFT = "draft"
STATUSES = (DRAFT, *(str(status) for status in RevisionStatus))
"""What a report can be: a draft before its first revision, then as its last revision is."""


_STATUS = peewee.fn.COALESCE(Revision.status, DRAFT)


@dataclass(frozen=True, slots=True)
class Detail:
    """A report with its present content, its revisions and reviews, what came too late, what one of
    the shopper's devices replaced of another's, and what only reviewers are told: flags and
    ratings by revision, None for others."""

    report: Any
    content: dict[str, Any]
    late_edits: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    revisions: list[Revision]
    reviews: list[Review]
    pictures: list[dict[str, Any]] | None
    flags: dict[str, list[ReportFlag]] | None
    ratings: list[Rating] | None


def listed(
    actor: Actor,
    brand_id: str,
    *,
    limit: int,
    cursor: str | None,
    status: str | None = None,
    store: str | None = None,
    wave: str | None = None,
    late: bool | None = None,
    overdue: bool | None = None,
) -> Page:
    """A page of the brand's reports, by id, without their content."""
    require(actor, brand_id, Permission.REPORTS_READ)
    query = _reports(brand_id).where(not_own(actor))
    if status is not None:
        query = query.where(status == _STATUS)
    if store is not None:
        query = query.where(Report.store_id == store)
    if wave is not None:
        query = query.where(Assignment.wave_id == wave)
    if late is not None:
        query = query.where(Report.late == late)
    if overdue is not None:
        query = query.where(is_overdue() if overdue else ~is_overdue())
    return page(query.objects(), Report.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, report_id: str) -> Detail:
    """One report."""
    require(actor, brand_id, Permission.REPORTS_READ)
    this = (Report.id == report_id) & not_own(actor)
    report = _reports(brand_id, Report.document).where(this).objects().first()
    if report is None:
        raise not_found(report_id)
    photos = submissions.photos_of([report_id])[report_id]
    numbered = Revision.select().where(Revision.report_id == report_id).order_by(Revision.number)
    revisions = list(numbered)
    return Detail(
        report,
        snapshot(report.document, photos),
        report.document.get("late", []),
        report.document.get("conflicts", []),
        revisions,
        list(Review.select().where(Review.report_id == report_id).order_by(Review.id)),
        _pictures(report_id) if _sees_photos(actor, brand_id) else None,
        **_for_reviewers(actor, brand_id, revisions),
    )


def read_revision(actor: Actor, brand_id: str, report_id: str, number: int) -> Revision:
    """One frozen revision."""
    require(actor, brand_id, Permission.REPORTS_READ)
    return revision_of(actor, brand_id, report_id, number)


def revision_of(actor: Actor, brand_id: str, report_id: str, number: int) -> Revision:
    """A revision of the brand that the actor did not shop. NotFound."""
    this = (Revision.id == f"{report_id}.r{number}") & (Revision.brand_id == brand_id)
    query = Revision.select().join(Report, on=Report.id == Revision.report_id)
    found: Revision | None = query.where(this, not_own(actor)).first()
    if found is None:
        raise NotFound(f"Report {report_id!r} has no revision {number}, or it is not yours to see.")
    return found


def report_of(actor: Actor | None, brand_id: str, report_id: str) -> Report:
    """A report of the brand that the actor, None for the brand's rule, did not shop. NotFound."""
    this = (Report.id == report_id) & (Report.brand_id == brand_id)
    found: Report | None = Report.get_or_none(this if actor is None else this & not_own(actor))
    if found is None:
        raise not_found(report_id)
    return found


def not_own(actor: Actor) -> Any:
    """A condition on `Report`: the actor is not its shopper. An integrator's client is nobody's."""
    return Report.shopper_id != (actor.account_id or "")


def hold(actor: Actor | None, brand_id: str, report_id: str) -> tuple[dict[str, int], Report]:
    """Within a transaction, lock the feed of the report's shopper as a push does, and read the
    report as it then is; the feed's new seq by shopper. As `report_of`. NotFound."""
    report = report_of(actor, brand_id, report_id)
    while True:
        holder: str = report.shopper_id
        seqs = {one: cursor.seq for one, cursor in feeds.lock([holder]).items()}
        report = report_of(actor, brand_id, report_id)
        if report.shopper_id == holder:  # an erasure may have been before us
            return seqs, report


def _reports(brand_id: str, *more: Any) -> Any:
    """The brand's reports with `wave_id`, `part_of` and `status`, without their documents unless
    asked."""
    plain = [field for field in Report._meta.sorted_fields if field is not Report.document]
    return (
        Report.select(
            *plain, *more, Assignment.wave_id, Assignment.part_of, _STATUS.alias("status")
        )
        .join(Assignment, on=(Assignment.id == Report.assignment_id))
        .join_from(
            Report,
            Revision,
            peewee.JOIN.LEFT_OUTER,
            on=(Revision.report_id == Report.id) & (Revision.number == Report.revision),
        )
        .where(Report.brand_id == brand_id)
    )


def _for_reviewers(actor: Actor, brand_id: str, revisions: list[Revision]) -> dict[str, Any]:
    codes = report_flags.seen(actor, brand_id)
    if not codes:
        return {"flags": None, "ratings": None}
    ids = [revision.id for revision in revisions]
    ratings = Rating.select().where(Rating.revision_id.in_(ids)).order_by(Rating.revision_id)
    return {"flags": report_flags.of_revisions(ids, codes), "ratings": list(ratings)}


def _sees_photos(actor: Actor, brand_id: str) -> bool:
    return bool(allowing(actor.grants_in(brand_id), Permission.PHOTOS_READ))


def _pictures(report_id: str) -> list[dict[str, Any]]:
    """What became of the report's photos, with their flags."""
    of_report = (Photo.report_id == report_id) & Photo.deleted_at.is_null()
    photos = list(Photo.select().where(of_report).order_by(Photo.id))
    flags = flagging.flags_of(photos)
    return [
        {
            "photo_id": photo.id,
            "item_key": photo.item_key,
            "state": photo.state,
            "reason": photo.reason,
            "flags": flags.get(photo.id),
        }
        for photo in photos
    ]


def has_shopper() -> Any:
    """A condition on `Report`: its shopper was not erased."""
    return ~Report.shopper_id.startswith(PSEUDONYM)


def refuse_erased(shopper_id: str) -> None:
    """Conflict where the shopper was erased."""
    if is_pseudonym(shopper_id):
        raise Conflict("Its shopper was erased: nobody can answer, or mend it.")


def is_overdue() -> Any:
    """A condition on `Report`: returned, its shopper still there, and the time to mend it
    has passed."""
    passed = Review.select(Review.id).where(
        Review.report_id == Report.id,
        Review.revision == Report.revision,
        Review.outcome == str(RevisionStatus.RETURNED),
        Review.due_at < clock.now(),
    )
    return Report.locked_revision.is_null() & has_shopper() & peewee.fn.EXISTS(passed)


def not_found(report_id: str) -> NotFound:
    """The same words of what is not there and of what is not the actor's to see."""
    return NotFound(f"There is no report {report_id!r}, or it is not yours to see.")
