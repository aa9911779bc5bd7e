"""Editions of a frozen revision's texts: what stores read, beside the shopper's words and never
over them. A reviewer is shown where the store's staff are named, and writes the text anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from server import clock
from server.db import atomic, serialize
from server.domain import redaction
from server.domain.actor import Actor
from server.domain.checklist import ItemType
from server.domain.erasing import ERASED
from server.domain.permissions import Permission
from server.domain.redaction import Field, Span
from server.errors import Conflict, Invalid
from server.models import Edition, Revision
from server.services import checklists, staff
from server.services.access import require
from server.services.reports import report_of, revision_of

Key = tuple[str | None, str]
"""An item's key (None: the summary) and a Field."""

_WORDED: dict[ItemType, str | None] = {
    ItemType.TEXT: None,
    ItemType.INCIDENT: "verbatim",
    ItemType.MISSED_OPPORTUNITY: "what",
    ItemType.EXTRA: "kind",
}
"""Types whose answers hold a text that stores read, and what it is called in them."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text of the shopper's, where staff are named in it, and it without them."""

    item_key: str | None
    field: str
    text: str
    spans: list[Span]
    redacted: str


def proposed(actor: Actor, brand_id: str, report_id: str, number: int) -> list[Proposal]:
    """Every text of a revision, with the names of the store's staff found in it."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    revision = revision_of(actor, brand_id, report_id, number)
    report = report_of(actor, brand_id, report_id)
    names = staff.names(report.store_id)
    return [
        Proposal(key, field, text, redaction.spans(text, names), redaction.redacted(text, names))
        for (key, field), text in texts(revision.document, report.checklist_version_id)
    ]


def listed(actor: Actor, brand_id: str, report_id: str, number: int) -> list[Edition]:
    """All editions of a revision's texts, oldest first."""
    require(actor, brand_id, Permission.REPORTS_READ)
    return _of([revision_of(actor, brand_id, report_id, number).id])


def create(
    actor: Actor, brand_id: str, report_id: str, number: int, edits: list[dict[str, Any]]
) -> list[Edition]:
    """Write the next edition of some texts; all editions. Invalid where the shopper wrote none."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    revision = revision_of(actor, brand_id, report_id, number)
    version_id = report_of(actor, brand_id, report_id).checklist_version_id
    _check(edits, dict(texts(revision.document, version_id)))
    with atomic():
        serialize(f"editions {revision.id}")
        last = max((edition.number for edition in _of([revision.id])), default=0)
        for edit in edits:
            Edition.create(
                id=clock.new_id(),
                revision_id=revision.id,
                number=last + 1,
                by=actor.name,
                at=clock.now(),
                **edit,
            )
    return _of([revision.id])


def latest(revision_ids: list[str]) -> dict[str, dict[Key, str]]:
    """The texts that hold, by revision and text."""
    found: dict[str, dict[Key, str]] = {}
    for edition in _of(revision_ids):
        found.setdefault(edition.revision_id, {})[edition.item_key, edition.field] = edition.text
    return found


def texts(document: dict[str, Any], version_id: str) -> Iterator[tuple[Key, str]]:
    """What a shopper wrote in words, of items that the checklist has."""
    types = {item.key: item.type for item in checklists.document(version_id).items()}
    said: list[tuple[Key, Any]] = [((None, Field.SUMMARY), document["fields"].get("summary"))]
    for key, answer in document["answers"].items():
        if key in types:
            said.append(((key, Field.NOTE), answer.get("note")))
        if types.get(key) in _WORDED:
            said.append(((key, Field.VALUE), _worded(answer["value"], _WORDED[types[key]])))
    for (key, field), text in said:
        if isinstance(text, str) and text.strip():
            yield (key, str(field)), text


def _worded(value: Any, name: str | None) -> Any:
    """The text in an answer; of a list of extras what they were, each once."""
    if name and isinstance(value, list):
        kinds = [each.get(name) for each in value if isinstance(each, dict)]
        return "; ".join(dict.fromkeys(kind for kind in kinds if isinstance(kind, str)))
    return value.get(name) if name and isinstance(value, dict) else value


def _of(revision_ids: list[str]) -> list[Edition]:
    of_these = Edition.revision_id.in_(revision_ids)
    return list(Edition.select().where(of_these).order_by(Edition.number, Edition.id))


def _check(edits: list[dict[str, Any]], said: dict[Key, str]) -> None:
    wrong = [
        {"pointer": f"/edits/{at}", "detail": "The shopper wrote no such text."}
        for at, edit in enumerate(edits)
        if (edit["item_key"], edit["field"]) not in said
    ]
    gone = [edit for edit in edits if said.get((edit["item_key"], edit["field"])) == ERASED]
    if gone:
        raise Conflict("The shopper's words were erased: there is nothing to edit.")
    if wrong:
        raise Invalid("An edition is of a text that is there.", errors=wrong)


def forget(revisions: list[Revision]) -> None:
    """Within a transaction, forget what was written for these revisions."""
    ids = [revision.id for revision in revisions]
    Edition.delete().where(Edition.revision_id.in_(ids)).execute()
