"""Flags of reports, as who may review reads them; `server.services.inspections` finds them."""

from collections.abc import Iterable

from server.domain.actor import Actor
from server.domain.permissions import Permission, allowing
from server.domain.report_flags import OF_PHOTOS, FlagCode
from server.models import ReportFlag

UNFLAGGED = "report.unflagged"
"""The event of a revision that is to be looked at."""


def of_revisions(
    revision_ids: Iterable[str], codes: frozenset[FlagCode] = frozenset(FlagCode)
) -> dict[str, list[ReportFlag]]:
    """The flags of revisions that are among `codes`, in one query."""
    found: dict[str, list[ReportFlag]] = {}
    named = ReportFlag.revision_id.in_(list(revision_ids))
    query = ReportFlag.select().where(named, ReportFlag.code.in_([str(code) for code in codes]))
    for flag in query.order_by(ReportFlag.revision_id, ReportFlag.position):
        found.setdefault(flag.revision_id, []).append(flag)
    return found


def seen(actor: Actor, brand_id: str) -> frozenset[FlagCode]:
    """The flags that the actor may know of: those of photos only with the right to see photos,
    none without that to review."""
    grants = actor.grants_in(brand_id)
    if not allowing(grants, Permission.REPORTS_REVIEW):
        return frozenset()
    photos = allowing(grants, Permission.PHOTOS_READ)
    return frozenset(FlagCode) - (frozenset() if photos else OF_PHOTOS)
