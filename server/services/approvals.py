"""Which revisions a brand's rule approves: what `server.domain.approvals` looks at, gathered."""

from dataclasses import dataclass
from typing import Any

import msgspec
import peewee

from server import clock, config
from server.domain import approvals
from server.domain.approvals import Facts, Rule
from server.domain.report_flags import begun
from server.domain.scoring import VISIT
from server.domain.states import PhotoState, RevisionStatus
from server.models import (
    Brand,
    ChecklistVersion,
    Inspection,
    Photo,
    Report,
    Review,
    Revision,
    VisitScore,
)
from server.services import claims, report_flags

_THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class _Flagged:
    """What came of looking at a revision; `whole` once its photos were looked at, too."""

    codes: frozenset[str]
    whole: bool


def rule_of(brand: Brand) -> Rule | None:
    """The brand's rule as it is kept; None where complete revisions count by themselves."""
    return None if brand.approval_rule is None else msgspec.convert(brand.approval_rule, Rule)


def approvable(revision_id: str) -> Revision | None:
    """The revision, if the brand's rule approves it now. Never what a person has in hand, or has
    decided on before, be it that the decision was withdrawn; what lacks something, came late, or
    was begun after its checklist's version was closed; or what holds a photo that is no picture."""
    found = _submitted(revision_id)
    if found is None or found.missing or found.late:
        return None
    if _after_closing(found) or _lacks_pictures(found) or _of_a_person(found):
        return None
    rule = rule_of(Brand.get_by_id(found.brand_id))
    return found if rule is None or _passes(rule, found) else None


def _submitted(revision_id: str) -> Any:
    """With its report's shopper and when its checklist's version was closed."""
    query: Any = (
        Revision.select(Revision, Report.shopper_id, Report.created_at, ChecklistVersion.closing_at)
        .join(Brand, on=(Brand.id == Revision.brand_id))
        .join_from(Revision, Report, on=(Report.id == Revision.report_id))
        .join(
            ChecklistVersion,
            peewee.JOIN.LEFT_OUTER,
            on=(ChecklistVersion.id == Report.checklist_version_id),
        )
        .where(
            Revision.id == revision_id,
            Revision.status == str(RevisionStatus.SUBMITTED),
            Brand.auto_approve,
        )
    )
    return query.objects().first()


def _after_closing(revision: Any) -> bool:
    closed = revision.closing_at
    if closed is None:
        return False
    arrived = clock.to_ms(revision.created_at)
    return begun(revision.document, arrived) > clock.to_ms(closed)


def _lacks_pictures(revision: Revision) -> bool:
    """Whether any of its photos is known to be no picture: that is for a person to decide on."""
    named = [photo_id for ids in revision.document["photos"].values() for photo_id in ids]
    rejected = Photo.state == str(PhotoState.REJECTED)
    return bool(named) and bool(Photo.select().where(Photo.id.in_(named), rejected).exists())


def _of_a_person(revision: Revision) -> bool:
    """Whether somebody has it in hand, or has decided on it before."""
    if claims.held(revision.id):
        return True
    of_this = (Review.report_id == revision.report_id) & (Review.revision == revision.number)
    return bool(Review.select().where(of_this).exists())


def _passes(rule: Rule, revision: Any) -> bool:
    score = VisitScore.get_or_none(VisitScore.revision_id == revision.id)
    flagged = _flagged(revision.id)
    if score is None or flagged is None or (rule.waits_for_photos() and not flagged.whole):
        return False
    visit = score.measures.get(VISIT)
    facts = Facts(
        flags=flagged.codes,
        score=None if visit is None else visit / _THOUSANDTHS,
        critical_failed=bool(score.critical_failed),
        chance=approvals.chance(revision.id, config.settings().secret_key),
        approved=_approved(revision) if rule.least_approved else 0,
    )
    return not approvals.reasons(rule, facts)


def _flagged(revision_id: str) -> _Flagged | None:
    inspection = Inspection.get_or_none(Inspection.revision_id == revision_id)
    if inspection is None:
        return None
    flags = report_flags.of_revisions([revision_id]).get(revision_id, [])
    return _Flagged(frozenset(flag.code for flag in flags), inspection.whole)


def _approved(revision: Any) -> int:
    """How many of the shopper's reports are approved in the brand."""
    return int(
        Revision.select(Revision.report_id)
        .join(Report, on=Report.id == Revision.report_id)
        .where(
            Report.shopper_id == revision.shopper_id,
            Report.brand_id == revision.brand_id,
            Revision.status == str(RevisionStatus.APPROVED),
        )
        .distinct()
        .count()
    )
