"""All that is held about a person, for themselves or for a brand that is asked for it (GDPR 15 and
20): the rows as they are, but secrets."""

from datetime import datetime
from typing import Any

from server.db import Table, chunks
from server.domain.actor import Actor, Grant, Role
from server.domain.permissions import BOUNDED, Permission
from server.domain.states import PhotoState
from server.errors import Forbidden
from server.models import (
    Account,
    Assignment,
    AssignmentResponse,
    AuditEntry,
    Consent,
    Device,
    Disclosure,
    Edition,
    Membership,
    Message,
    Notice,
    Photo,
    PhotoContent,
    Picture,
    Rating,
    RefreshToken,
    Report,
    ReportFlag,
    Review,
    Revision,
    ShopperTraits,
    Store,
    TouchpointProposal,
    Upload,
    VisitScore,
)
from server.services import editing, photos
from server.services.access import require, stores_seen

EXPORT_SECONDS = 3600
"""How long links of an export are good: time enough to fetch some hundred photos."""

_SECRET = frozenset({"password_hash", "hash", "family_id", "object_key", "writer"})

Held = dict[str, list[dict[str, Any]]]


def of_me(actor: Actor) -> Held:
    """What is held about the one who asks, in all brands. Forbidden to clients."""
    if actor.account_id is None:
        raise Forbidden("An integrator's client is no person, and nothing is held about it.")
    return _linked(_rows(_parts(actor.account_id, None) | _sessions(actor.account_id)))


def of_member(actor: Actor, brand_id: str, membership_id: str) -> Held:
    """What the brand holds about a member. NotFound, Forbidden."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    account_id = editing.find(Membership, brand_id, membership_id).account_id
    return _linked(_rows(_parts(account_id, brand_id)))


def _parts(account_id: str, brand_id: str | None) -> dict[str, Any]:
    """Queries by what they are of; all brands where none is named."""

    def within(table: Any, owner: Any) -> Any:
        condition = owner == account_id
        return condition if brand_id is None else condition & (table.brand_id == brand_id)

    mine = within(Assignment, Assignment.shopper_id)
    assignments = Assignment.select(Assignment.id).where(mine)
    reports = Report.select(Report.id).where(within(Report, Report.shopper_id))
    photos = Photo.select(Photo.id).where(within(Photo, Photo.shopper_id))
    proposals = within(TouchpointProposal, TouchpointProposal.shopper_id)
    return {
        "account": Account.select().where(Account.id == account_id),
        "memberships": Membership.select().where(within(Membership, Membership.account_id)),
        "traits": ShopperTraits.select().where(within(ShopperTraits, ShopperTraits.account_id)),
        "assignments": Assignment.select().where(mine),
        "responses": AssignmentResponse.select().where(AssignmentResponse.id.in_(assignments)),
        "reports": Report.select().where(Report.id.in_(reports)),
        "revisions": Revision.select().where(Revision.report_id.in_(reports)),
        "reviews": Review.select().where(Review.report_id.in_(reports)),
        "flags": _flags(reports),
        "ratings": Rating.select().where(within(Rating, Rating.shopper_id)),
        "messages": Message.select().where(within(Message, Message.shopper_id)),
        "scores": VisitScore.select().where(VisitScore.report_id.in_(reports)),
        "photos": Photo.select().where(Photo.id.in_(photos)),
        "photo_contents": PhotoContent.select().where(PhotoContent.photo_id.in_(photos)),
        "pictures": Picture.select().where(Picture.id.in_(photos)),
        "consents": Consent.select().where(within(Consent, Consent.account_id)),
        "disclosures": _disclosures(account_id, brand_id),
        "editions": Edition.select().where(
            Edition.revision_id.in_(
                Revision.select(Revision.id).where(Revision.report_id.in_(reports))
            )
        ),
        "editions_written": _editions_written(account_id, brand_id),
        "audit": AuditEntry.select().where(within(AuditEntry, AuditEntry.actor)),
        "proposals": TouchpointProposal.select().where(proposals),
    }


def _flags(reports: Any) -> Any:
    """Without what they were concluded from: that may name another's report."""
    flag = ReportFlag
    revisions = Revision.select(Revision.id).where(Revision.report_id.in_(reports))
    columns = (flag.revision_id, flag.brand_id, flag.code, flag.message, flag.item_keys)
    return flag.select(*columns).where(flag.revision_id.in_(revisions))


def _disclosures(account_id: str, brand_id: str | None) -> Any:
    """What they recorded, and what the staff of the stores that they manage were told."""
    concerned = Disclosure.recorded_by == account_id
    mine = (Membership.account_id == account_id) & Membership.role.in_([*BOUNDED])
    for one in Membership.select().where(mine):
        seen = stores_seen((Grant(one.brand_id, Role(one.role), one.region_id, one.store_id),))
        told = Disclosure.store_id.is_null() | Disclosure.store_id.in_(
            Store.select(Store.id).where(seen)
        )
        concerned |= (Disclosure.brand_id == one.brand_id) & told
    within = Disclosure.select().where(concerned)
    return within if brand_id is None else within.where(Disclosure.brand_id == brand_id)


def _editions_written(account_id: str, brand_id: str | None) -> Any:
    """Without their texts: those are of other people's visits."""
    columns = (Edition.id, Edition.revision_id, Edition.number, Edition.item_key, Edition.field)
    written = Edition.select(*columns, Edition.at).where(Edition.by == account_id)
    if brand_id is None:
        return written
    ours = Revision.select(Revision.id).where(Revision.brand_id == brand_id)
    return written.where(Edition.revision_id.in_(ours))


def _sessions(account_id: str) -> dict[str, Any]:
    """What is of no one brand."""
    return {
        "devices": Device.select().where(Device.account_id == account_id),
        "sessions": RefreshToken.select().where(RefreshToken.account_id == account_id),
        "notices": Notice.select().where(Notice.shopper_id == account_id),
        "uploads": Upload.select().where(Upload.shopper_id == account_id),
    }


def _linked(held: Held) -> Held:
    """With a link to the bytes of each photo that has any, good for an hour: whoever may read the
    export may read the photos, without any other right."""
    ids = [row["id"] for row in held["photos"]]
    contents = {
        content.photo_id: content
        for part in chunks(ids)
        for content in PhotoContent.select().where(PhotoContent.photo_id.in_(part))
    }
    for row in held["photos"]:
        content = contents.get(row["id"])
        row["link"] = content and photos.link_of(
            row["id"], content, EXPORT_SECONDS, rejected=row["state"] == PhotoState.REJECTED
        )
    return held


def _rows(parts: dict[str, Any]) -> Held:
    return {name: [_row(row) for row in query] for name, query in parts.items()}


def _row(row: Table) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.__data__.items()
        if name not in _SECRET
    }
