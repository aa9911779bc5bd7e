"""A programme with something in every table that knows people, and a mark in each of their columns:
what stores are answered is searched for all of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from jobs import drain
from server import clock
from server.db import JsonField, Table, UtcField
from server.models import (
    Account,
    Assignment,
    AssignmentResponse,
    AuditEntry,
    Claim,
    Consent,
    Device,
    Edition,
    Erasure,
    Inspection,
    Membership,
    Message,
    Notice,
    Photo,
    PhotoContent,
    Picture,
    Rating,
    RefreshToken,
    Rendering,
    Report,
    ReportFlag,
    Review,
    Revision,
    ShopperTraits,
    StaffMember,
    Store,
    SyncChange,
    SyncFeed,
    TextPrint,
    TouchpointProposal,
    Upload,
    UploadRange,
    VisitScore,
)
from server.services import notices, photos
from tests import factories, visits
from tests.api.conformance import Good
from tests.cast import Cast
from tests.phone import AT, Phone, answer, photo, visit
from tests.pictures import develop_all, drawn, sha256

MARKED_AT = datetime(2019, 5, 17, 3, 14, 15, 926000, tzinfo=UTC)
SAID = "They were slow."
"""What a shopper wrote, and stores may read."""

EDITED = "They could have been faster."
"""What stores read instead of the shopper's answer; of the summary they read SAID."""

ANSWERED = "The one by the door."
"""What the shopper wrote to a reviewer."""

PERSONAL: dict[type[Table], tuple[str, ...]] = {
    Account: ("id", "email", "name", "password_hash", "created_at"),
    Assignment: ("id", "shopper_id", "scenario", "persona_id", "closed_at", "created_at",
        "updated_at"),
    AuditEntry: ("id", "at", "actor", "request_id", "things", "report_id"),
    Claim: ("revision_id", "reviewer_id", "claimed_at", "until"),
    Consent: ("id", "account_id", "kind", "document_version", "at"),
    Edition: ("id", "revision_id", "by", "at"),
    StaffMember: ("id", "name", "created_at", "updated_at"),
    AssignmentResponse: ("id", "shopper_id", "reason", "responded_at", "document", "updated_at"),
    Device: ("account_id", "name", "created_at", "seen_at", "revoked_at"),
    Erasure: ("id", "membership_id", "account_id", "pseudonym", "requested_by", "requested_at",
        "done_at"),
    Inspection: ("revision_id", "seconds", "inspected_at"),
    Membership: ("id", "account_id", "created_at", "updated_at"),
    Message: ("id", "arrival", "report_id", "shopper_id", "author_id", "text", "sent_at",
        "created_at"),
    Notice: ("id", "shopper_id", "record", "message", "created_at"),
    Photo: ("id", "shopper_id", "report_id", "sha256", "taken_at", "latitude", "longitude",
        "document", "created_at", "updated_at", "developed_at", "deleted_at"),
    PhotoContent: ("photo_id", "shopper_id", "sha256", "object_key", "created_at"),
    Picture: ("id", "sha256", "facts", "twins", "created_at", "updated_at", "marked_at"),
    Rating: ("revision_id", "report_id", "shopper_id", "message", "rated_by", "rated_at"),
    RefreshToken: ("hash", "family_id", "account_id", "created_at", "expires_at",
        "used_at", "revoked_at"),
    Rendering: ("photo_id", "object_key", "created_at"),
    Report: ("id", "assignment_id", "shopper_id", "document", "submitted_at", "trimmed_at",
        "words_gone_at", "moments_gone_at",
        "created_at", "updated_at"),
    ReportFlag: ("revision_id", "message", "evidence"),
    Review: ("id", "report_id", "shopper_id", "reviewer_id", "message", "due_at", "overdue_at",
        "created_at"),
    Revision: ("id", "report_id", "document", "frozen_at", "decided_at"),
    ShopperTraits: ("account_id", "traits", "said_at"),
    SyncChange: ("shopper_id",),
    SyncFeed: ("shopper_id",),
    TextPrint: ("report_id", "revision_id"),
    TouchpointProposal: ("id", "shopper_id", "assignment_id", "title", "description",
        "proposed_at", "document", "updated_at", "message", "decided_by", "decided_at"),
    Upload: ("id", "photo_id", "shopper_id", "sha256", "metadata", "writer", "writer_until",
        "created_at", "expires_at", "finished_at"),
    UploadRange: ("id", "upload_id", "object_key", "created_at"),
    VisitScore: ("revision_id", "report_id", "shopper_id", "joined", "computed_at"),
}  # fmt: skip
"""Columns that tell who a shopper, a reviewer or another of the brand's people is, when a visit
was, with which device, or from which file: never a store's to see. Of `document` and the like
every text, moment and place but SAID."""

OPEN: dict[type[Table], tuple[str, ...]] = {
    Account: ("locale",),
    Assignment: ("version", "brand_id", "archived_at", "wave_id", "store_id",
        "checklist_version_id", "attempt", "part_of", "status", "opens_at", "closes_at", "fee",
        "currency"),
    AssignmentResponse: ("response",),
    AuditEntry: ("brand_id", "operation"),
    Claim: ("brand_id",),
    Consent: ("brand_id", "agreed"),
    Edition: ("number", "item_key", "field", "text"),
    StaffMember: ("version", "brand_id", "archived_at", "store_id", "role"),
    Device: ("device_id",),
    Erasure: ("brand_id", "counts"),
    Inspection: ("brand_id", "checklist_version_id", "flag_count", "whole"),
    Membership: ("version", "brand_id", "archived_at", "role", "region_id", "store_id",
        "suspended"),
    Message: ("brand_id", "author"),
    Notice: ("code",),
    Photo: ("brand_id", "item_key", "bytes", "content_type", "state", "reason",
        "frozen_revision"),
    PhotoContent: ("bytes", "content_type", "waiting"),
    Picture: ("version", "brand_id", "shared_id", "marks", "claims_gone"),
    Rating: ("brand_id", "rating"),
    RefreshToken: ("device_id",),
    Rendering: ("version", "bytes"),
    Report: ("brand_id", "store_id", "attempt", "checklist_version_id", "revision",
        "locked_revision", "late"),
    ReportFlag: ("position", "brand_id", "code", "item_keys"),
    Review: ("revision", "outcome", "items", "missing"),
    Revision: ("brand_id", "number", "status", "missing", "late"),
    ShopperTraits: ("brand_id",),
    SyncChange: ("row_id", "table", "seq", "deleted"),
    SyncFeed: ("epoch", "seq"),
    TextPrint: ("brand_id", "print"),
    TouchpointProposal: ("brand_id", "stage", "channel", "decision", "touchpoint_id"),
    Upload: ("length",),
    UploadRange: ("start", "bytes", "state"),
    VisitScore: ("brand_id", "store_id", "wave_id", "month", "checklist_version_id",
        "method_version", "measures", "coverage", "critical_failed", "counted", "items",
        "tallies"),
}  # fmt: skip
"""The same tables' other columns: words of a list, numbers, and what stores see anyway."""

_PLANTED = {
    Account: ("name",),
    Device: ("name",),
    Upload: ("metadata",),
    Notice: ("message",),
    Review: ("message",),
    AssignmentResponse: ("reason",),
    Assignment: ("scenario",),
    TouchpointProposal: ("title", "description", "message"),
    StaffMember: ("name",),
    Message: ("text",),
    Rating: ("message",),
    ReportFlag: ("message",),
}
_OPEN_WITHIN = OPEN[Photo]
_EVERYBODYS = (None, SAID, f'"{SAID}"', "phone-1")
"""What stores may read, and a device's id that everybody's bears."""

_SHORTEST = 5


def populate(client: FlaskClient, good: Good, cast: Cast) -> None:
    """Fill what `good` leaves empty. What its ids name lies in one region, and stores see its
    shared photo."""
    ids = good.ids
    Store.update(region_id=ids["region_id"]).where(Store.id == ids["store_id"]).execute()
    own = drawn(7)
    photos.put(cast.sonia.actor, ids["photo_id"], [own], sha256=sha256(own), length=len(own))
    _shared_visit(client, good, cast)
    ids["shared_id"] = Picture.get(Picture.id == "sonia-1").shared_id
    _begin_upload(cast.sonia.account_id)
    notices.notify(cast.sonia.account_id, "photos/sonia-1", "photo-rejected", "?")


def _shared_visit(client: FlaskClient, good: Good, cast: Cast) -> None:
    """A visit with words and a photo that a reviewer has approved."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, store_id=good.ids["store_id"])
    data = drawn(comment=b"sonia's home")
    where = {"latitude": 45.464211, "longitude": 9.191383}
    rows = visit(made.id, photo_count=1, answer_count=3, summary=SAID, accuracy_m=12.5, **where)
    rows["answers"].append(answer(made.id, "words", SAID))
    rows["photos"] = [photo("sonia-1", made.id, sha256=sha256(data), bytes=len(data), **where)]
    said = {"id": made.id, "response": "accepted", "reason": "?", "responded_at": AT}
    rows["assignment_responses"] = [said]
    Phone(client, cast.sonia).push(rows)
    photos.put(cast.sonia.actor, "sonia-1", [data], sha256=sha256(data), length=len(data))
    drain.drain("revision.frozen")
    develop_all()
    path = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1/revisions/1/approval"
    assert client.post(path, json={}, headers=cast.bob.headers).status_code == 201
    drain.drain("revision.approved")
    edit = {"item_key": "words", "field": "value", "text": EDITED}
    path = path.replace("approval", "editions")
    answered = client.post(path, json={"edits": [edit]}, headers=cast.bob.headers)
    assert answered.status_code == 201, answered.text
    _played(client, cast, made.id)
    consent = {"kind": "privacy_notice", "document_version": "told in May"}
    path = f"/v1/brands/{cast.brand.id}/consents"
    assert client.post(path, json=consent, headers=cast.sonia.headers).status_code == 201
    _reviewed(client, cast, f"{made.id}.1")


def _played(client: FlaskClient, cast: Cast, assignment_id: str) -> None:
    """Who the shopper played, and what they said of themselves."""
    persona_id = factories.persona(cast.brand.id).id
    Assignment.update(persona_id=persona_id).where(Assignment.id == assignment_id).execute()
    path, said = f"/v1/brands/{cast.brand.id}/my-traits", {"age_bands": ["25-34"]}
    assert client.put(path, json=said, headers=cast.sonia.headers).status_code == 200


def _reviewed(client: FlaskClient, cast: Cast, report_id: str) -> None:
    """What reviewers said of the visit and its shopper, and what is odd about it."""
    path = f"/v1/brands/{cast.brand.id}/reports/{report_id}"
    rated = {"rating": 4, "message": "Well seen."}
    answered = client.put(f"{path}/revisions/1/rating", json=rated, headers=cast.bob.headers)
    assert answered.status_code == 200, answered.text
    for person, text in ((cast.bob, "Which till?"), (cast.sonia, ANSWERED)):
        sent = client.post(f"{path}/messages", json={"text": text}, headers=person.headers)
        assert sent.status_code == 201, sent.text
    unbegun = visits.assignment(cast.brand.id, cast.sonia.account_id)
    early = {"id": "sonia-message", "report_id": f"{unbegun.id}.1", "text": ANSWERED}
    Phone(client, cast.sonia).push({"messages": [early]})
    Message.update(sent_at=clock.now()).execute()
    drain.drain("report.unflagged")
    of_this = {"revision_id": f"{report_id}.r1", "brand_id": cast.brand.id}
    ReportFlag.create(
        position=9, code="copied-text", message="Nearly another shopper's.", item_keys=["words"],
        evidence={"report_ids": ["another-report.1"]}, **of_this,
    )  # fmt: skip
    now = clock.now()
    Claim.create(reviewer_id=cast.bob.account_id, claimed_at=now, until=now, **of_this)
    TextPrint.create(print=5, report_id=report_id, **of_this)


def _begin_upload(shopper_id: str) -> None:
    now = clock.now()
    upload = Upload.create(
        id=clock.new_id(), photo_id="sonia-2", shopper_id=shopper_id, sha256="cd" * 32,
        length=9, metadata="filename c29uaWE=", created_at=now, expires_at=now,
    )  # fmt: skip
    UploadRange.create(
        id=clock.new_id(), upload_id=upload.id, start=0, bytes=4, state="kept", created_at=now,
        object_key=f"waiting/{shopper_id}/range",
    )  # fmt: skip
    Erasure.create(
        id=clock.new_id(), brand_id=clock.new_id(), membership_id="m-erased",
        pseudonym=clock.new_id(),
        account_id=clock.new_id(), requested_by=clock.new_id(), requested_at=now,
    )  # fmt: skip
    RefreshToken.create(
        hash="ef" * 32, family_id=clock.new_id(), account_id=shopper_id, device_id="phone-1",
        created_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip


def mark() -> None:
    """Put a text or a moment that is found nowhere else into every personal column that can hold
    one."""
    for table, names in PERSONAL.items():
        for name in names:
            field = table._meta.fields[name]
            if isinstance(field, UtcField):
                table.update({name: MARKED_AT}).where(field.is_null(False)).execute()
            elif name in _PLANTED.get(table, ()):
                table.update({name: f"Secret {table.__name__} {name}"}).execute()


def personal() -> dict[str, str]:
    """All values of personal columns as an answer would write them, and where each lies."""
    found = {}
    for table, names in PERSONAL.items():
        rows = list(table.select())
        assert rows, f"{table.__name__} is empty"
        for name in names:
            for row in rows:
                for text in _texts(table, name, getattr(row, name)):
                    found[text] = f"{table.__name__}.{name}"
    return found


def _texts(table: type[Table], name: str, value: Any) -> Iterator[str]:
    if isinstance(table._meta.fields[name], JsonField):
        for leaf in _leaves(value):
            yield from _written(leaf)
    elif value is not None:
        yield from _written(value)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [each for name, each in value.items() if name not in _OPEN_WITHIN]
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value not in _EVERYBODYS and not isinstance(value, bool):
        yield value


def _written(value: Any) -> Iterator[str]:
    """A time is written to the second or in milliseconds; a small number may be anything."""
    if isinstance(value, datetime):
        yield value.strftime("%H:%M:%S")
        yield value.strftime("%Y-%m-%d")
        yield str(clock.to_ms(value))
    elif isinstance(value, int | float):
        if value > 1e12:
            yield from _written(clock.from_ms(int(value)))
        elif isinstance(value, float) and len(str(value)) > _SHORTEST:
            yield str(value)
    elif len(text := str(value).strip('"')) >= _SHORTEST and not text.isdigit():
        yield text
