"""The review queue: submitted revisions that wait for a reviewer's word, with their flags and who
has them in hand. A page is two queries, however many it lists."""

from dataclasses import dataclass
from typing import Any

import peewee

from server import clock
from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.report_flags import FlagCode
from server.domain.states import QueueOrder, RevisionStatus
from server.models import (
    Assignment,
    Claim,
    Inspection,
    Region,
    Report,
    ReportFlag,
    Revision,
    Store,
)
from server.services import paging, report_flags, reports
from server.services.access import require
from server.services.paging import Page

Filters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A revision that waits; `claim` is None unless somebody has it in hand."""

    revision: Any
    claim: dict[str, Any] | None
    flags: list[ReportFlag]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many revisions wait, of them how many late, in somebody's hand, or not looked at yet; by
    flag; and how many returned reports are overdue."""

    waiting: int
    late: int
    claimed: int
    uninspected: int
    flags: dict[str, int]
    overdue: int


_COUNT = peewee.fn.COALESCE(Inspection.flag_count, 0)


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, order: str, **filters: Any
) -> Page:
    """A page of what waits for the actor; those with most flags first, or the oldest. See `_where`
    for the filters."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    codes = report_flags.seen(actor, brand_id)
    query = _where(_waiting(actor, brand_id), codes, filters)
    if cursor is not None:
        query = query.where(_after(order, cursor))
    rows = list(query.order_by(*_keys(order)).limit(limit + 1).objects())
    more = _cursor(order, rows[limit - 1]) if len(rows) > limit else None
    flags = report_flags.of_revisions((row.id for row in rows[:limit]), codes)
    return Page(
        [Waiting(row, _claim(row), flags.get(row.id, [])) for row in rows[:limit]],
        more,
    )


def counted(actor: Actor, brand_id: str, **filters: Any) -> Counts:
    """How much waits, in three queries."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    codes = report_flags.seen(actor, brand_id)
    waiting = _where(_waiting(actor, brand_id), codes, filters)
    fn = peewee.fn
    total, late, claimed, inspected = waiting.select(
        fn.COUNT(Revision.id),
        fn.COUNT(peewee.Case(None, [(Revision.late, 1)])),
        fn.COUNT(Claim.revision_id),
        fn.COUNT(Inspection.revision_id),
    ).tuples()[0]
    by_flag: Any = (
        ReportFlag.select(ReportFlag.code, fn.COUNT(fn.DISTINCT(ReportFlag.revision_id)))
        .where(
            ReportFlag.brand_id == brand_id,
            ReportFlag.code.in_([str(code) for code in codes]),
            ReportFlag.revision_id.in_(waiting.select(Revision.id)),
        )
        .group_by(ReportFlag.code)
        .tuples()
    )
    return Counts(total, late, claimed, total - inspected, dict(by_flag), _overdue(actor, brand_id))


def _waiting(actor: Actor, brand_id: str) -> Any:
    """Without their content, which can be long, and without what the actor shopped."""
    plain = [field for field in Revision._meta.sorted_fields if field is not Revision.document]
    live = (Claim.revision_id == Revision.id) & (Claim.until > clock.now())
    return (
        Revision.select(
            *plain,
            Report.store_id,
            Report.shopper_id,
            Report.checklist_version_id,
            Assignment.wave_id,
            Claim.reviewer_id,
            Claim.claimed_at,
            Claim.until,
            Inspection.inspected_at,
            _COUNT.alias("flag_count"),
        )
        .join(Report, on=(Report.id == Revision.report_id) & (Report.revision == Revision.number))
        .join(Assignment, on=Assignment.id == Report.assignment_id)
        .join_from(
            Revision, Inspection, peewee.JOIN.LEFT_OUTER, on=Inspection.revision_id == Revision.id
        )
        .join_from(Revision, Claim, peewee.JOIN.LEFT_OUTER, on=live)
        .where(
            Revision.brand_id == brand_id,
            Revision.status == str(RevisionStatus.SUBMITTED),
            reports.not_own(actor),
        )
    )


def _where(query: Any, codes: frozenset[FlagCode], filters: Filters) -> Any:
    """By `flag`, `wave`, `checklist` (a version), `store`, `region` (its whole subtree), `shopper`,
    `late`, and `claimed` (whether somebody has it in hand)."""
    columns = {
        "wave": Assignment.wave_id,
        "checklist": Report.checklist_version_id,
        "store": Report.store_id,
        "shopper": Report.shopper_id,
        "late": Revision.late,
    }
    for name, column in columns.items():
        if filters.get(name) is not None:
            query = query.where(column == filters[name])
    if filters.get("claimed") is not None:
        query = query.where(Claim.revision_id.is_null(not filters["claimed"]))
    if (region_id := filters.get("region")) is not None:
        query = query.where(Report.store_id.in_(_stores_below(region_id)))
    if (flag := filters.get("flag")) is not None:
        query = query.where(Revision.id.in_(_flagged(flag if flag in codes else "")))
    return query


def _stores_below(region_id: str) -> Any:
    root = Region.alias()
    below = (
        Region.select(Region.id)
        .join(root, on=Region.path.startswith(root.path))
        .where(root.id == region_id)
    )
    return Store.select(Store.id).where(Store.region_id.in_(below))


def _flagged(code: str) -> Any:
    return ReportFlag.select(ReportFlag.revision_id).where(ReportFlag.code == code)


def _keys(order: str) -> list[Any]:
    first = [_COUNT.desc()] if order == QueueOrder.FLAGGED else []
    return [*first, Revision.frozen_at, Revision.id]


def _cursor(order: str, row: Any) -> str:
    return paging.encode(f"{order} {row.flag_count} {clock.to_ms(row.frozen_at)} {row.id}")


def _after(order: str, cursor: str) -> Any:
    """What comes behind the row that the cursor names, in the same order."""
    try:
        told, count, moment, revision_id = paging.decode(cursor).split(" ")
        flags, frozen_at = int(count), clock.from_ms(int(moment))
    except (ValueError, OverflowError) as error:
        raise paging.not_ours() from error
    if told != order:
        raise paging.not_ours()
    later = (Revision.frozen_at > frozen_at) | (
        (Revision.frozen_at == frozen_at) & (Revision.id > revision_id)
    )
    if order == QueueOrder.OLDEST:
        return later
    return (flags > _COUNT) | ((flags == _COUNT) & later)


def _claim(row: Any) -> dict[str, Any] | None:
    if row.reviewer_id is None:
        return None
    names = ("reviewer_id", "claimed_at", "until")
    return {name: getattr(row, name) for name in names}


def _overdue(actor: Actor, brand_id: str) -> int:
    of_others = (Report.brand_id == brand_id) & reports.not_own(actor)
    return int(Report.select().where(of_others, reports.is_overdue()).count())
