"""Examples of every body and answer in the OpenAPI document, made out of its own schemas: a field's
own example, else the table's below, else what its type says. So an example cannot go out of date
without a word: a field that nothing is known of is a LookupError, and tests hold each example
against its schema."""

import re
from typing import Any

from schemas.documents import EXAMPLE as DOCUMENT
from server.domain.ranking import METHOD_VERSION

_NOUNS = (
    "touchpoint", "promise", "store", "shopper", "brand", "region", "wave", "checklist",
    "checklist_version", "assignment", "membership", "account", "client", "reviewer", "review",
    "photo", "device", "proposal", "kpi", "erasure", "staff", "persona",
)  # fmt: skip
IDS = {noun: f"0199b7a0c0de700080000000000000{at:02x}" for at, noun in enumerate(_NOUNS, start=10)}
"""An id for each noun, the same wherever it is named."""

_REPORT = f"{IDS['assignment']}.1"
_TIME = "2026-10-01T09:30:00+00:00"
_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"  # noqa: S105
_REFRESH = "r1.Zm9yIHRoZSBwaG9uZSBhbG9uZQ"
_SECRET = "a long secret that is shown once"  # noqa: S105
_COUNTS = {"rows": 240, "created": 238, "updated": 1, "unchanged": 0, "refused": 1, "line": 17}
_FLAG = {"code": "far-away", "message": "Taken 3.2 km from the store, ±65 m.", "photo_ids": []}
_REPORT_FLAG = {
    "code": "copied-text",
    "message": "A text is 93% the same as one in another shopper's report, which was there before.",
    "item_keys": ["smile"],
    "evidence": {"report_ids": [f"{IDS['photo']}.1"], "whose": "other", "share": 0.93},
}

TABLE: dict[str, Any] = {
    **{f"{noun}_id": value for noun, value in IDS.items()},
    **_COUNTS,
    "report_id": _REPORT,
    "Report.id": _REPORT,
    "Revision.id": f"{_REPORT}.r1",
    "Account.id": IDS["shopper"],
    "JourneyTouchpoint.expectation": {"said": "A greeting.", "below": 2, "met": 9, "exceeded": 4},
    "JourneyTouchpoint.weakness": {"said": "Nobody looks up.", "items": []},
    "JourneyTouchpoint.opportunity": {"said": "To know names.", "missed": 3, "asked": 15},
    "AnsweredItem.answers": [
        {
            "answer": "good",
            "label": {"it": "Buona", "en": "Good"},
            "count": 9,
            "share": {"value": 0.6, "interval95": [0.3575, 0.8018], "n": 15},
        }
    ],
    "Mention.id": "0199b7a0c0de70008000000000000060",
    "Mention.reference": "r-17",
    "Mention.text": "Kind and quick.",
    "Member.id": IDS["membership"],
    "PhotoMark.kind": "face",
    "SharedPhoto.id": "5f0c9d7a61e84b2f9a3c7d1e08b64f25",
    "Member.region_id": None,
    "Member.store_id": None,
    "RankedStore.id": IDS["store"],
    "Role.region_id": None,
    "Role.store_id": None,
    "Me.client_id": None,
    "parent_id": None,
    "part_of": None,
    "promise": IDS["promise"],
    "version": 1,
    "next_cursor": None,
    "access_token": _TOKEN,
    "token_type": "Bearer",
    "expires_in": 900,
    "refresh_token": _REFRESH,
    "secret": _SECRET,
    "TokenRequest": {
        "grant_type": "password",
        "username": "sonia@example.org",
        "password": "correct horse battery",
        "device_id": IDS["device"],
        "device_name": "Sonia's phone",
    },
    "RevocationRequest": {"token": _REFRESH},
    "requested_by": IDS["account"],
    "counts": {"reports": 12, "photos": 30},
    "held": {"account": [{"id": IDS["account"], "name": "Sonia", "email": "sonia@example.org"}]},
    "Erasure.status": "done",
    "Retention.photos": 365,
    "exif": 90,
    "times": 90,
    "shoppers": 1095,
    "Removal.kind": "photos",
    "Retention.verbatims": 730,
    "Retention.staff": 365,
    "Retention.audit": 730,
    "StaffMember.name": "Anna Bianchi",
    "StaffMember.role": "beauty adviser",
    "Span.role": "beauty adviser",
    "StaffMember.id": "0199b7a0c0de7000800000000000005a",
    "Consent.id": "0199b7a0c0de7000800000000000005b",
    "Consent.kind": "privacy_notice",
    "document_version": "2026-09",
    "Disclosure.id": "0199b7a0c0de7000800000000000005c",
    "Disclosure.store_id": None,
    "told_on": "2026-01-15",
    "objective": "Service is measured; nobody is judged by name.",
    "legal_basis": "Legitimate interest; agreement with the works council of 2026-01-10.",
    "blocking_flags": ["copied-text", "duplicate-photo", "far-away"],
    "approval_rule": {
        "blocking_flags": None,
        "least_score": 40.0,
        "most_score": None,
        "critical_blocks": True,
        "sample": 0.1,
        "least_approved": 3,
    },
    "closing_at": None,
    "due_at": None,
    "overdue_at": None,
    "ReviewItem.item_key": "wait",
    "revision_id": f"{_REPORT}.r1",
    "Waiting.flags": [_REPORT_FLAG],
    "claim": None,
    "Claim.reviewer_id": IDS["account"],
    "ReviewQueueCounts.flags": {"copied-text": 1, "late": 2},
    "waiting": 14,
    "ReviewQueueCounts.late": 2,
    "claimed": 1,
    "uninspected": 0,
    "overdue": 3,
    "rating": 4,
    "ratings": [],
    "ShopperRating.ratings": 12,
    "ShopperRating.mean": 4.25,
    "OwnRatings.mean": 4.0,
    "rated_by": IDS["account"],
    "Message.id": "0199b7a0c0de7000800000000000006a",
    "author": "reviewer",
    "author_id": IDS["account"],
    "Message.text": "Which of the two tills was closed?",
    "ReportDetail.flags": {},
    "actor": IDS["account"],
    "Edition.by": IDS["account"],
    "AuditEntry.operation": "read_report",
    "things": {"report_id": _REPORT},
    "request_id": "5f0c9d7a61e84b2f9a3c7d1e08b64f25",
    "Edit.item_key": None,
    "Edit.field": "summary",
    "Edit.text": "The [beauty adviser] looked up at once.",
    "Edition.item_key": None,
    "Edition.text": "The [beauty adviser] looked up at once.",
    "Redaction.item_key": None,
    "Redaction.text": "Anna looked up at once.",
    "redacted": "[beauty adviser] looked up at once.",
    "start": 0,
    "end": 4,
    "days": 365,
    "count": 128,
    "email": "sonia@example.org",
    "password": "correct horse battery",
    "current_password": "correct horse battery",
    "new_password": "staple correct horse battery",
    "locale": "it",
    "locales": ["it", "en"],
    "role": "shopper",
    "name": "Sonia",
    "Device.name": "Sonia's phone",
    "Brand.name": "Aurea",
    "brand_name": "Aurea",
    "Client.name": "Data warehouse",
    "Region.name": "Nord",
    "Region.code": "N",
    "Store.name": "Milano Brera",
    "RankedStore.name": "Milano Brera",
    "Touchpoint.name": "The welcome",
    "Wave.name": "Autumn 2026",
    "code": "MI-01",
    "address": "Via Brera 1",
    "city": "Milano",
    "postal_code": "20121",
    "country": "IT",
    "latitude": 45.4719,
    "longitude": 9.1881,
    "accuracy_m": 12.0,
    "timezone": "Europe/Rome",
    "format": "boutique",
    "ownership": "direct",
    "kind": "explicit",
    "adjective": "enthusiastic",
    "statement": "We greet you gladly, within a minute.",
    "target": 85.0,
    "question": "life",
    "Touchpoint.interaction": "direct",
    "Touchpoint.lifecycle": "strategic",
    "Touchpoint.sense": "hear",
    "Touchpoint.need": "relational",
    "Touchpoint.domain": "service",
    "expectation": "Somebody looks up and greets.",
    "weakness": "Nobody does at the busiest hours.",
    "opportunity": "Whoever stands nearest greets, whatever they are at.",
    "Proposal.title": "The queue at the door",
    "description": "On Saturdays one waits outside before one is in the shop.",
    "decision": "accepted",
    "weight": 1.0,
    "stage": "buy",
    "channel": "store",
    "owner_unit": "Retail",
    "title": "Perfumery visit",
    "published_number": 1,
    "Checklist.problems": [],
    "Checklist.warnings": [],
    "LaterPart.id": "0199b7a0c0de700080000000000000ff",
    "ChecklistDocument": DOCUMENT,
    "number": 1,
    "revision": 1,
    "attempt": 1,
    "scenario": "You look for a gift for someone who never wears perfume.",
    "fee": 2500,
    "currency": "EUR",
    "Assignment.status": "offered",
    "Revision.status": "approved",
    "Report.status": "approved",
    "Health.status": "ok",
    "Readiness.parts": {"database": "ok", "queue": "ok", "storage": "ok"},
    "ready": True,
    "missing": [],
    "conflicts": [],
    "outcome": "approved",
    "message": "Well observed.",
    "item_key": "smile",
    "archived_at": None,
    "revoked_at": None,
    "closed_at": None,
    "locked": True,
    "late_edits": [],
    "flags": [_FLAG],
    "pictures": [
        {
            "photo_id": IDS["photo"],
            "item_key": "smile",
            "state": "stored",
            "reason": None,
            "flags": [_FLAG],
        }
    ],
    "summary": "A warm welcome.",
    "answer_count": 2,
    "photo_count": 1,
    "answers": {"greeted": {"value": True, "note": None, "answered_at": _TIME}},
    "photos": {"": [IDS["photo"]]},
    "reason": None,
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "bytes": 184320,
    "content_type": "image/jpeg",
    "state": "stored",
    "Upload.offset": 0,
    "Upload.length": 184320,
    "encoding": "utf-8",
    "delimiter": ",",
    "mapping": {"code": "code", "name": "name"},
    "ignored_columns": ["manager"],
    "regions_created": 0,
    "Remark.reason": "Not an ISO 3166-1 alpha-2 code, such as IT.",
    "column": "country",
    "Remark.pointer": "country",
    "warnings": [],
    "from": "2026-09",
    "to": "2026-10",
    "method_version": METHOD_VERSION,
    "method": f"/v1/methods/{METHOD_VERSION}",
    "weights_version": IDS["checklist_version"],
    "ranking_id": "0199b7a0c0de7000800000000000004a",
    "Method": {"version": "1", "title": "Raw means", "steps": ["raw_mean = Σy ÷ n of the visits"]},
    "measure": "visit",
    "mu": 79.102,
    "Variances": {"store": 18.4, "shopper": 9.7, "error": 88.2},
    "rankability": 0.62,
    "half_life_months": 6.0,
    "mean_se": 0.9,
    "n_eff": 9.6,
    "n_shoppers": 5,
    "adjusted_mean": 83.117,
    "interval95": [79.0, 87.2],
    "interval": [84.1, 92.9],
    "reliability": 0.667,
    "expected_rank": 3.4,
    "rank_interval90": [1, 8],
    "rank_set95": [1, 14],
    "rank_bounds95": [1, 13],
    "p_top_quartile": 0.83,
    "p_bottom_quartile": 0.0,
    "tier": "top",
    "provisional": False,
    "comparable_block": 1,
    "WeakestTouchpoint": {
        "touchpoint_id": IDS["touchpoint"],
        "name": "The till",
        "score": 61.5,
        "n": 12,
    },
    "critical_count": 1,
    "glue_rate": 0.25,
    "Change": {"delta": 2.4, "z": 1.31, "q": 0.41, "significant": False},
    "peer_group": "boutique, direct",
    "Group.value": "boutique",
    "Group.name": "boutique",
    "Kpi.name": "Welcome",
    "KpiVersion.name": "Welcome",
    "KpiFigures.name": "Welcome",
    "kpi_version": 1,
    "by": "format",
    "n_stores": 24,
    "n_visits": 12,
    "n_stores_without_visits": 2,
    "mean": 78.4,
    "score": 88.5,
    "gap": 3.5,
    "n": 12,
    "raw_mean": 84.25,
    "se": 2.1,
    "rank": 1,
    "of": 24,
    "ProblemKind": {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "code": "not-found",
        "detail": "Nothing there, or nothing that this actor may know of.",
    },
    "OpenApi": {
        "openapi": "3.1.0",
        "info": {"title": "Promessa", "version": "v1"},
        "paths": {},
        "components": {},
    },
    "Revocation": {},
    "ProposalAcceptance": {"touchpoint_id": IDS["touchpoint"], "message": "It is the welcome."},
}
"""By the name of a schema, by `Schema.field`, or by field. `Store.name` is StoreNew's and
StoreChange's too."""

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VARIANT = re.compile(r"(New|Change|Made|Summary|Content|Copy)$")


def illustrate(spec: dict[str, Any]) -> None:
    """Give every JSON or form body and answer of `spec` that has no example one, in place."""
    schemas = spec["components"]["schemas"]
    for path in spec["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                for media in _media(operation):
                    if not {"example", "examples"} & media.keys():
                        media["example"] = _of(schemas, "", "", media["schema"])


def _media(operation: dict[str, Any]) -> list[dict[str, Any]]:
    good = [each for code, each in operation["responses"].items() if code < "300"]
    return [
        media
        for part in (operation.get("requestBody", {}), *good)
        for kind, media in part.get("content", {}).items()
        if kind in ("application/json", "application/x-www-form-urlencoded")
    ]


def _of(schemas: dict[str, Any], owner: str, name: str, schema: dict[str, Any]) -> Any:
    """An example of the field `name` of the schema called `owner`."""
    for key in (f"{_VARIANT.sub('', owner)}.{name}", name):
        if "example" in schema:
            return schema["example"]
        if key in TABLE:
            return TABLE[key]
    if "$ref" in schema:
        return _of_component(schemas, schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return _of(schemas, owner, name, schema["anyOf"][0])
    if name == "id":
        return IDS[_WORD.sub("_", _VARIANT.sub("", owner)).lower()]
    return _of_type(schemas, owner, name, schema)


def _of_component(schemas: dict[str, Any], name: str) -> Any:
    if name in TABLE:
        return TABLE[name]
    fields = schemas[name]["properties"].items()
    return {field: _of(schemas, name, field, schema) for field, schema in fields}


def _of_type(schemas: dict[str, Any], owner: str, name: str, schema: dict[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return _TIME
    if schema.get("type") == "boolean":
        return False
    if schema.get("type") == "array":
        return [_of(schemas, owner, "", schema["items"])]
    raise LookupError(f"No example of {name!r} in {owner}: give it one in server.api.examples.")
