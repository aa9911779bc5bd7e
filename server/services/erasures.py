"""Erasing a person from a brand: what they wrote, photographed and carried is overwritten or
deleted; what they judged stays under a pseudonym that nothing leads back from, so scores and sums
stay, integer for integer.

A job does it, in steps that may each run twice. Every step takes what still bears the person's id,
under the lock of their feed: a push waits for it, and afterwards the rows are no longer theirs.
"""

from collections.abc import Callable
from typing import Any

from server import clock
from server.db import Table, atomic
from server.domain.actor import Actor
from server.domain.erasing import ERASED, PSEUDONYM
from server.domain.permissions import Permission
from server.models import (
    Account,
    Assignment,
    AssignmentResponse,
    AuditEntry,
    Claim,
    Consent,
    Device,
    Disclosure,
    Edition,
    Erasure,
    Membership,
    Message,
    Notice,
    Rating,
    RefreshToken,
    Review,
    Revision,
    SyncChange,
    SyncFeed,
    TouchpointProposal,
)
from server.services import (
    claims,
    editing,
    erased_photos,
    erased_reports,
    events,
    feeds,
    members,
    sums,
    traits,
)
from server.services.access import require
from server.services.paging import Page, page

Columns = dict[str, Any]


def request(actor: Actor, brand_id: str, membership_id: str) -> Erasure:
    """Have the person behind a membership erased from the brand: their roles end now, the rest is
    a job's. Asking again gives the erasure that there is. NotFound; Conflict for the last
    administrator."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    return begin(brand_id, membership_id, actor.name)


def begin(brand_id: str, membership_id: str, requested_by: str) -> Erasure:
    """The same for whoever may."""
    with atomic():
        account_id = editing.find(Membership, brand_id, membership_id).account_id
        same = (Erasure.account_id == account_id) | (Erasure.membership_id == membership_id)
        asked: Erasure | None = Erasure.get_or_none(Erasure.brand_id == brand_id, same)
        if asked is not None:
            return asked
        members.archive_all(brand_id, account_id)
        erasure: Erasure = Erasure.create(
            id=clock.new_id(),
            brand_id=brand_id,
            membership_id=membership_id,
            account_id=account_id,
            pseudonym=f"{PSEUDONYM}{clock.new_id()}",
            requested_by=requested_by,
            requested_at=clock.now(),
        )
        events.emit("person.erased", erasure.id, brand_id)
        return erasure


def listed(actor: Actor, brand_id: str, *, limit: int, cursor: str | None) -> Page:
    """A page of the brand's erasures, oldest first."""
    require(actor, brand_id, Permission.PRIVACY_WRITE)
    query = Erasure.select().where(Erasure.brand_id == brand_id)
    return page(query, Erasure.id, limit=limit, cursor=cursor)


def carry_out(erasure_id: str) -> None:
    """Do what was asked for."""
    erasure: Erasure = Erasure.get_by_id(erasure_id)
    if erasure.done_at is not None:
        return
    whole = not _elsewhere(erasure)
    counts = {
        "photos": erased_photos.erase(erasure),
        "uploads": erased_photos.erase_uploads(erasure, whole=whole),
        "reports": erased_reports.erase(erasure),
    }
    counts["sums"] = sums.rename(erasure.brand_id, erasure.account_id, erasure.pseudonym)
    with atomic():
        feeds.lock([erasure.account_id])
        counts |= {name: step(erasure) for name, step in _STEPS.items()}
        if whole:
            _erase_account(erasure.account_id)
        Erasure.update(account_id=None, pseudonym=None, done_at=clock.now(), counts=counts).where(
            Erasure.id == erasure_id
        ).execute()


def _elsewhere(erasure: Erasure) -> bool:
    """Whether another brand still holds something of the person."""
    others = (Membership.account_id == erasure.account_id) & (
        Membership.brand_id != erasure.brand_id
    )
    return bool(Membership.select().where(others).exists())


def _overwriting(table: Any, owner: Any, **columns: Any) -> Callable[[Erasure], int]:
    """A step: rows of the brand that name the person in `owner` name the pseudonym, and have those
    columns overwritten; a text only where there is one."""

    def step(erasure: Erasure) -> int:
        mine = (owner == erasure.account_id) & (table.brand_id == erasure.brand_id)
        return _overwrite(table, mine, {owner.name: erasure.pseudonym}, columns)

    return step


def _overwrite(table: type[Table], mine: Any, always: Columns, columns: Columns) -> int:
    for name, value in columns.items():
        field = table._meta.fields[name]
        table.update({name: value}).where(mine, field.is_null(False)).execute()
    return int(table.update(always).where(mine).execute())


def _responses(erasure: Erasure) -> int:
    """The brand's are those of its assignments, which the pseudonym bears by now."""
    ours = Assignment.select(Assignment.id).where(Assignment.shopper_id == erasure.pseudonym)
    mine = AssignmentResponse.id.in_(ours)
    overwritten = {"reason": ERASED, "document": None, "responded_at": None}
    return _overwrite(AssignmentResponse, mine, {"shopper_id": erasure.pseudonym}, overwritten)


def _notices(erasure: Erasure) -> int:
    """Those that tell of the brand's rows: their records name what has left the feed."""
    gone = SyncChange.select(SyncChange.table.concat("/").concat(SyncChange.row_id)).where(
        SyncChange.shopper_id == erasure.account_id, SyncChange.deleted
    )
    mine = (Notice.shopper_id == erasure.account_id) & Notice.record.in_(gone)
    ids = [notice.id for notice in Notice.select(Notice.id).where(mine)]
    _leave(erasure.account_id, "notices", ids)
    return int(Notice.delete().where(Notice.id.in_(ids)).execute())


def _leave(account_id: str, table: str, ids: list[str]) -> None:
    seqs = {account_id: feeds.lock([account_id])[account_id].seq}
    feeds.record(seqs, {account_id: [(table, row_id) for row_id in ids]}, deleted=True)


def _assignments(erasure: Erasure) -> int:
    mine = (Assignment.shopper_id == erasure.account_id) & (Assignment.brand_id == erasure.brand_id)
    ids = [row.id for row in Assignment.select(Assignment.id).where(mine)]
    for table in ("assignments", "assignment_responses"):
        _leave(erasure.account_id, table, ids)
    return int(Assignment.update(shopper_id=erasure.pseudonym).where(mine).execute())


def _proposals(erasure: Erasure) -> int:
    table = TouchpointProposal
    mine = (table.shopper_id == erasure.account_id) & (table.brand_id == erasure.brand_id)
    ids = [row.id for row in table.select().where(mine)]
    _leave(erasure.account_id, "touchpoint_proposals", ids)
    texts = {"title": ERASED, "description": ERASED, "message": ERASED}
    overwritten = texts | {"document": None, "proposed_at": None}
    return _overwrite(table, mine, {"shopper_id": erasure.pseudonym}, overwritten)


def _words_of_reviewers(erasure: Erasure) -> int:
    """The person may have been one."""
    mine = Review.reviewer_id == erasure.account_id
    ours = Review.report_id.in_(erased_reports.ids_of_brand(erasure.brand_id))
    return int(Review.update(reviewer_id=erasure.pseudonym).where(mine, ours).execute())


def _editions(erasure: Erasure) -> int:
    ours = Revision.select(Revision.id).where(Revision.brand_id == erasure.brand_id)
    mine = (Edition.by == erasure.account_id) & Edition.revision_id.in_(ours)
    return int(Edition.update(by=erasure.pseudonym).where(mine).execute())


def _unreported_messages(erasure: Erasure) -> int:
    """Those about visits that have no report: the others went with theirs."""
    mine = (Message.shopper_id == erasure.account_id) & (Message.brand_id == erasure.brand_id)
    ids = [message.id for message in Message.select(Message.id).where(mine)]
    _leave(erasure.account_id, "messages", ids)
    overwritten = {"text": ERASED, "sent_at": None}
    return _overwrite(Message, mine, {"shopper_id": erasure.pseudonym}, overwritten)


def _claims(erasure: Erasure) -> int:
    """What an erased reviewer had in hand is free."""
    mine = (Claim.reviewer_id == erasure.account_id) & (Claim.brand_id == erasure.brand_id)
    return claims.free(mine)


def _traits(erasure: Erasure) -> int:
    """What a person said of themselves is of use for nothing but offering them visits."""
    return traits.forget(erasure.brand_id, erasure.account_id)


_STEPS: dict[str, Callable[[Erasure], int]] = {
    "assignments": _assignments,
    "responses": _responses,
    "proposals": _proposals,
    "decisions": _overwriting(TouchpointProposal, TouchpointProposal.decided_by),
    "reviews": _words_of_reviewers,
    "messages": _overwriting(Message, Message.author_id),
    "unreported_messages": _unreported_messages,
    "ratings": _overwriting(Rating, Rating.rated_by),
    "claims": _claims,
    "notices": _notices,
    "traits": _traits,
    "consents": _overwriting(Consent, Consent.account_id),
    "disclosures": _overwriting(Disclosure, Disclosure.recorded_by),
    "audit": _overwriting(AuditEntry, AuditEntry.actor),
    "editions": _editions,
    "memberships": _overwriting(Membership, Membership.account_id),
}  # fmt: skip
"""What is done besides reports and photos, in this order."""


_OF_ACCOUNT: tuple[tuple[type[Table], Any], ...] = (
    (Device, Device.account_id),
    (RefreshToken, RefreshToken.account_id),
    (Notice, Notice.shopper_id),
    (SyncChange, SyncChange.shopper_id),
    (SyncFeed, SyncFeed.shopper_id),
)


def _erase_account(account_id: str) -> None:
    """No brand is left: the account itself."""
    Account.update(
        email=f"{clock.new_id()}@erased.invalid",
        name=ERASED,
        password_hash="!",  # noqa: S106
    ).where(Account.id == account_id).execute()
    for table, owner in _OF_ACCOUNT:
        table.delete().where(owner == account_id).execute()
