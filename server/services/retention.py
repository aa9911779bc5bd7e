"""Retention: what a brand's rules say is removed once a day, and recorded. A rule that is not there
removes nothing.

Each removal works on some rows a transaction, takes what is due and not yet done, and may so be
killed at any point and run twice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from server import clock
from server.db import atomic, serialize
from server.domain.actor import Actor, Role
from server.domain.erasing import Part
from server.domain.permissions import Permission
from server.domain.retention import Kind
from server.models import (
    Assignment,
    AuditEntry,
    Erasure,
    Membership,
    Photo,
    PhotoContent,
    Picture,
    Removal,
    Report,
    RetentionRule,
    StaffMember,
)
from server.services import erased_photos, erased_reports, erasures, mentions
from server.services.access import require
from server.services.paging import Page, page

_EVERY = timedelta(hours=20)
_AT_ONCE = 200
_CLAIMS = (
    "taken", "changed", "offset_minutes", "satellite_at", "latitude", "longitude", "accuracy_m",
    "software",
)  # fmt: skip
"""Of a picture's facts, what its metadata claim."""


def read(actor: Actor, brand_id: str) -> dict[str, int | None]:
    """The brand's rules: days by kind, None where there is none."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    return _rules(brand_id)


def replace(actor: Actor, brand_id: str, rules: dict[str, int | None]) -> dict[str, int | None]:
    """Set all of the brand's rules. Two at once would both make the same, so they take turns."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    with atomic():
        serialize(f"retention of {brand_id}")
        RetentionRule.delete().where(RetentionRule.brand_id == brand_id).execute()
        for kind, days in rules.items():
            if days is not None:
                RetentionRule.create(brand_id=brand_id, kind=kind, days=days)
    return _rules(brand_id)


def report(actor: Actor, brand_id: str, *, limit: int, cursor: str | None) -> Page:
    """A page of what was removed when, by which rule, oldest first."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    return page(
        Removal.select().where(Removal.brand_id == brand_id),
        Removal.id,
        limit=limit,
        cursor=cursor,
    )


def apply() -> int:
    """Apply all rules that were not applied for a day; how many rows were removed."""
    now = clock.now()
    due = RetentionRule.applied_at.is_null() | (RetentionRule.applied_at < now - _EVERY)
    return sum(_apply(rule, now) for rule in list(RetentionRule.select().where(due)))


def _apply(rule: RetentionRule, now: datetime) -> int:
    before, count = now - timedelta(days=rule.days), 0
    while some := _REMOVALS[Kind(rule.kind)](rule.brand_id, before):
        count += some
        with atomic():
            Removal.create(
                id=clock.new_id(),
                brand_id=rule.brand_id,
                kind=rule.kind,
                days=rule.days,
                before=before,
                count=some,
                removed_at=clock.now(),
            )
    with atomic():
        same = (RetentionRule.brand_id == rule.brand_id) & (RetentionRule.kind == rule.kind)
        RetentionRule.update(applied_at=now).where(same).execute()
    return count


def _rules(brand_id: str) -> dict[str, int | None]:
    rows: Any = RetentionRule.select(RetentionRule.kind, RetentionRule.days).where(
        RetentionRule.brand_id == brand_id
    )
    return dict.fromkeys(map(str, Kind)) | dict(rows.tuples())


def _photos_due(brand_id: str, before: datetime, *conditions: Any) -> list[str]:
    """Photos of visits that closed before, some at a time."""
    closed = (Assignment.brand_id == brand_id) & (Assignment.closed_at < before)
    rows: Any = (
        Photo.select(Photo.id)
        .join(Report, on=Report.id == Photo.report_id)
        .join(Assignment, on=Assignment.id == Report.assignment_id)
        .where(closed, *conditions)
        .order_by(Photo.id)
        .limit(_AT_ONCE)
    )
    return [photo_id for (photo_id,) in rows.tuples()]


def _photos(brand_id: str, before: datetime) -> int:
    """Their bytes and pictures, from the storage too."""
    kept = PhotoContent.select(PhotoContent.photo_id)
    ids = _photos_due(brand_id, before, Photo.id.in_(kept))
    with atomic():
        keys = erased_photos.forget(ids)
        Photo.update(deleted_at=clock.now()).where(
            Photo.id.in_(ids), Photo.deleted_at.is_null()
        ).execute()
    erased_photos.delete(keys)
    return len(ids)


def _exif(brand_id: str, before: datetime) -> int:
    """What photos' metadata and phones said of place, time and software."""
    bare = Photo.taken_at.is_null() & Photo.latitude.is_null() & Photo.document.is_null()
    claiming = Picture.select(Picture.id).where(~Picture.claims_gone)
    ids = _photos_due(brand_id, before, ~bare | Photo.id.in_(claiming))
    with atomic():
        for picture in Picture.select().where(Picture.id.in_(ids)):
            facts = {name: each for name, each in picture.facts.items() if name not in _CLAIMS}
            Picture.update(facts=facts, claims_gone=True).where(Picture.id == picture.id).execute()
        nothing = {"taken_at": None, "latitude": None, "longitude": None, "document": None}
        Photo.update(nothing).where(Photo.id.in_(ids)).execute()
    return len(ids)


def _shoppers(brand_id: str, before: datetime) -> int:
    """Shoppers who left are erased, as if an admin had asked for it."""
    asked = Erasure.select(Erasure.membership_id).where(Erasure.brand_id == brand_id)
    under_way = Erasure.select(Erasure.account_id).where(
        Erasure.brand_id == brand_id, Erasure.account_id.is_null(False)
    )
    left = Membership.select().where(
        Membership.brand_id == brand_id,
        Membership.role == str(Role.SHOPPER),
        Membership.archived_at < before,
        Membership.id.not_in(asked),
        Membership.account_id.not_in(_still_here(brand_id)),
        Membership.account_id.not_in(under_way),
    )
    return len([erasures.begin(brand_id, member.id, "retention") for member in list(left)])


def _still_here(brand_id: str) -> Any:
    return Membership.select(Membership.account_id).where(
        Membership.brand_id == brand_id, Membership.archived_at.is_null()
    )


def _staff(brand_id: str, before: datetime) -> int:
    due = (StaffMember.brand_id == brand_id) & (StaffMember.updated_at < before)
    with atomic():
        return int(StaffMember.delete().where(due).execute())


def _audit(brand_id: str, before: datetime) -> int:
    due = (AuditEntry.brand_id == brand_id) & (AuditEntry.at < before)
    with atomic():
        return int(AuditEntry.delete().where(due).execute())


_REMOVALS: dict[Kind, Callable[[str, datetime], int]] = {
    Kind.PHOTOS: _photos,
    Kind.EXIF: _exif,
    Kind.VERBATIMS: lambda brand_id, before: (
        erased_reports.strip(brand_id, before, Part.WORDS) or mentions.forget(brand_id, before)
    ),
    Kind.TIMES: lambda brand_id, before: erased_reports.strip(brand_id, before, Part.MOMENTS),
    Kind.SHOPPERS: _shoppers,
    Kind.STAFF: _staff,
    Kind.AUDIT: _audit,
}
