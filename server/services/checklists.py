"""What is done with checklists: drafts are edited, published versions are read for ever."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from server import clock
from server.db import atomic
from server.domain import checklist, checklist_changes, drafts, parts, trials, weighting
from server.domain.actor import Actor
from server.domain.checklist import Document
from server.domain.journey import Lifecycle
from server.domain.permissions import Permission
from server.domain.programme import Programme
from server.errors import Conflict, Invalid, NotFound
from server.models import Brand, Checklist, ChecklistVersion, Promise, Touchpoint
from server.services import editing
from server.services.access import require
from server.services.paging import Page, page

_KEPT = 64
_LARGEST = 2**31 - 1
_published: OrderedDict[str, ChecklistVersion] = OrderedDict()
_lock = threading.Lock()

_HEAD = (
    Checklist.id,
    Checklist.title,
    Checklist.published_number,
    Checklist.version,
    Checklist.created_at,
    Checklist.updated_at,
    Checklist.archived_at,
)
_VERSION_HEAD = (
    ChecklistVersion.id,
    ChecklistVersion.checklist_id,
    ChecklistVersion.number,
    ChecklistVersion.title,
    ChecklistVersion.locales,
    ChecklistVersion.published_at,
    ChecklistVersion.closing_at,
)


@dataclass(frozen=True, slots=True)
class _Programme:
    """What drafts are checked against, and the rows of it by id."""

    known: Programme
    promises: dict[str, Promise]
    touchpoints: dict[str, Touchpoint]


def listed(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, archived: bool = False
) -> Page:
    """A page of the brand's checklists without their drafts, oldest first."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    query = Checklist.select(*_HEAD).where(Checklist.brand_id == brand_id)
    if not archived:
        query = query.where(Checklist.archived_at.is_null())
    return page(query, Checklist.id, limit=limit, cursor=cursor)


def read(actor: Actor, brand_id: str, checklist_id: str) -> Checklist:
    """One checklist with its draft and the draft's `problems` and `warnings`."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    return _with_problems(editing.find(Checklist, brand_id, checklist_id))


def create(actor: Actor, brand_id: str, values: dict[str, Any]) -> Checklist:
    """Begin a checklist: `title` and `draft`, which may be incomplete."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    return _with_problems(editing.create(Checklist, brand_id, **values))


def change(
    actor: Actor, brand_id: str, checklist_id: str, if_match: int, changes: dict[str, Any]
) -> Checklist:
    """Change the title, or replace the draft. No published version changes."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        row = editing.find(Checklist, brand_id, checklist_id)
        return _with_problems(editing.change(row, if_match, changes))


def archive(actor: Actor, brand_id: str, checklist_id: str, if_match: int) -> Checklist:
    """Archive a checklist: it is published no more, its versions stay in use."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        row = editing.archive(editing.find(Checklist, brand_id, checklist_id), if_match)
        return _with_problems(row)


def publish(actor: Actor, brand_id: str, checklist_id: str, if_match: int) -> ChecklistVersion:
    """Publish the draft as the checklist's next version, with the touchpoints and promises that it
    names as they are now. Invalid with every problem of the draft; Conflict where archived."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    with atomic():
        row = editing.find(Checklist, brand_id, checklist_id)
        if row.archived_at is not None:
            raise Conflict("This checklist is archived: make a new one.")
        # The versioned write comes first: it takes the row's lock, so numbers have no gap or twin.
        row = editing.change(row, if_match, {"published_number": row.published_number + 1})
        programme = _programme(row)
        if errors := drafts.problems(row.draft, programme.known):
            raise Invalid("Mend the draft where `errors` says, then publish it.", errors=errors)
        return _published_version(row, programme)


def versions_listed(
    actor: Actor, brand_id: str, checklist_id: str, *, limit: int, cursor: str | None
) -> Page:
    """A page of the checklist's versions without their documents, oldest first."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    editing.find(Checklist, brand_id, checklist_id)
    query = ChecklistVersion.select(*_VERSION_HEAD).where(
        ChecklistVersion.checklist_id == checklist_id, ChecklistVersion.whole_id.is_null()
    )
    return page(query, ChecklistVersion.id, limit=limit, cursor=cursor)


def version_read(actor: Actor, brand_id: str, checklist_id: str, number: int) -> ChecklistVersion:
    """One published version with its document and later parts, by its number."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    found = ChecklistVersion.get_or_none(
        ChecklistVersion.brand_id == brand_id,
        ChecklistVersion.checklist_id == checklist_id,
        ChecklistVersion.number == min(number, _LARGEST),
        ChecklistVersion.whole_id.is_null(),
    )
    if found is None:
        raise NotFound(
            f"There is no version {number} of this checklist, or it is not yours to see."
        )
    return _with_parts(found, later(found.id))


def compared(
    actor: Actor, brand_id: str, checklist_id: str, number: int, since: int
) -> list[checklist_changes.Change]:
    """What changed from version `since` to version `number`."""
    old = version_read(actor, brand_id, checklist_id, since)
    new = version_read(actor, brand_id, checklist_id, number)
    return checklist_changes.changes(document(old.id), document(new.id))


def weighed(actor: Actor, brand_id: str, checklist_id: str, number: int) -> weighting.Shares:
    """What a version counts for what: the share of its score by dimension and value."""
    return weighting.shares(document(version_read(actor, brand_id, checklist_id, number).id))


def tried(
    actor: Actor, brand_id: str, checklist_id: str, answers: trials.Answers
) -> trials.Outcome:
    """What a visit with these answers would come to by the present draft; nothing is kept.
    Invalid with every problem of the draft."""
    require(actor, brand_id, Permission.PROGRAMME_READ)
    row = editing.find(Checklist, brand_id, checklist_id)
    programme = _programme(row)
    if errors := drafts.problems(row.draft, programme.known):
        raise Invalid("Mend the draft where `errors` says, then try it.", errors=errors)
    return trials.outcome(checklist.parse(_with_copies(row, programme)), answers)


def versions(version_ids: Iterable[str]) -> dict[str, ChecklistVersion]:
    """Published versions by id, leaving out unknown ones. At most one query: versions never
    change, so the process keeps the last used ones. The rows are shared: read them only."""
    wanted = set(version_ids)
    with _lock:
        found = {key: _published[key] for key in wanted if key in _published}
    if missing := wanted - found.keys():
        rows = ChecklistVersion.select().where(ChecklistVersion.id.in_(missing))
        found |= {row.id: row for row in rows}
    with _lock:
        _published.update(found)
        for key in found:
            _published.move_to_end(key)
        while len(_published) > _KEPT:
            _published.popitem(last=False)
    return found


def version(version_id: str) -> ChecklistVersion:
    """A published version, whoever asks. NotFound."""
    found = versions([version_id])
    if version_id not in found:
        raise NotFound(f"There is no checklist version {version_id!r}.")
    return found[version_id]


def depending(version_ids: Iterable[str]) -> dict[str, list[str]]:
    """What promises depended on when the versions were published, by promise; of several versions
    the latest in which it depended on any."""
    rows = sorted(versions(version_ids).values(), key=lambda row: (row.published_at, row.id))
    return {
        promise_id: copy["depends_on"]
        for row in rows
        for promise_id, copy in row.document.get("promises", {}).items()
        if copy.get("depends_on")
    }


def closing(version_ids: Iterable[str]) -> set[str]:
    """Those of the versions that are closing now: read from the table, as it may change."""
    ids = set(version_ids)
    if not ids:
        return set()
    found = ChecklistVersion.select(ChecklistVersion.id).where(
        ChecklistVersion.id.in_(ids), ChecklistVersion.closing_at.is_null(False)
    )
    return {row.id for row in found}


def published_in(brand_id: str, version_ids: Iterable[str]) -> set[str]:
    """Those of the ids that are published versions of the brand's checklists, and whole: no visit
    begins with a later part. One query at most."""
    return {
        key
        for key, row in versions(version_ids).items()
        if row.brand_id == brand_id and row.whole_id is None
    }


@lru_cache(maxsize=_KEPT)
def document(version_id: str) -> Document:
    """The typed document of a published version. NotFound."""
    return checklist.parse(version(version_id).document)


@lru_cache(maxsize=_KEPT)
def phone_document(version_id: str) -> Document:
    """What a phone shows of a published version: of a whole one what is asked at once. NotFound."""
    return parts.at_once(document(version_id))


def later(version_id: str) -> list[ChecklistVersion]:
    """The rows of a whole version's later parts, in the order of `parts.later`. A query, if there
    are any."""
    if not parts.later(document(version_id)):
        return []
    query = ChecklistVersion.select().where(ChecklistVersion.whole_id == version_id)
    return list(query.order_by(ChecklistVersion.part))


def _published_version(row: Checklist, programme: _Programme) -> ChecklistVersion:
    """The whole version, and one of each later part."""
    values = {
        "checklist_id": row.id,
        "number": row.published_number,
        "title": row.title,
        "locales": list(programme.known.locales),
        "published_at": clock.now(),
    }
    document = _with_copies(row, programme)
    whole = editing.create(ChecklistVersion, row.brand_id, document=document, **values)
    rows = [
        editing.create(
            ChecklistVersion,
            row.brand_id,
            document=parts.shown_later(document, part),
            whole_id=whole.id,
            part=part.number,
            **values,
        )
        for part in parts.later(checklist.parse(document))
    ]
    return _with_parts(whole, rows)


def _with_parts(whole: ChecklistVersion, rows: list[ChecklistVersion]) -> ChecklistVersion:
    sections = whole.document["sections"]
    coming = parts.later(checklist.parse(whole.document))
    whole.parts = [
        {
            "id": row.id,
            "delay": sections[part.sections[0]]["delay"],
            "sections": [sections[index]["key"] for index in part.sections],
        }
        for row, part in zip(rows, coming, strict=True)
    ]
    return whole


def _with_copies(row: Checklist, programme: _Programme) -> dict[str, Any]:
    """The draft, with the touchpoints and promises that its items name as they are now."""
    document: dict[str, Any] = row.draft | {name: {} for name in drafts.PUBLISHED}
    items = list(checklist.parse(document).items())
    touchpoints = {item.touchpoint for item in items if item.touchpoint}
    promises = {link.promise for item in items for link in item.promises}
    return document | {
        "touchpoints": {
            key: _copy(programme.touchpoints[key], checklist.TouchpointCopy)
            for key in sorted(touchpoints)
        },
        "promises": {
            key: _copy(programme.promises[key], checklist.PromiseCopy) for key in sorted(promises)
        },
    }


def _copy(row: Any, shape: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.__struct_fields__}


def _with_problems(row: Checklist) -> Checklist:
    programme = _programme(row)
    row.problems = drafts.problems(row.draft, programme.known)
    row.warnings = drafts.warnings(row.draft, programme.known)
    if not row.problems:
        row.warnings += weighting.warnings(checklist.parse(_with_copies(row, programme)))
    return row


def _programme(row: Checklist) -> _Programme:
    """What the checklist may refer to, in three queries, and one more once it was published."""
    brand_id = row.brand_id
    brand = Brand.get_by_id(brand_id)
    promises = Promise.select().where(Promise.brand_id == brand_id, Promise.archived_at.is_null())
    touchpoints = Touchpoint.select().where(
        Touchpoint.brand_id == brand_id,
        Touchpoint.archived_at.is_null(),
        Touchpoint.lifecycle != str(Lifecycle.PROPOSED),
    )
    places = {touchpoint.id: touchpoint for touchpoint in touchpoints}
    kept = {promise.id: promise for promise in promises}
    known = Programme(tuple(brand.locales), kept.keys(), places.keys(), _kinds(row))
    return _Programme(known, kept, places)


def _kinds(row: Checklist) -> dict[str, str]:
    """The type of each item that was ever published in this checklist: answers keep meaning what
    they meant."""
    if not row.published_number:
        return {}
    published = ChecklistVersion.select(ChecklistVersion.document).where(
        ChecklistVersion.checklist_id == row.id, ChecklistVersion.whole_id.is_null()
    )
    return {
        item["key"]: item["type"]
        for version in published
        for section in version.document["sections"]
        for item in section["items"]
    }
