"""What a store sees of its visits' photos: the blurred version without metadata, under an id made
by chance, once a person has reviewed the visit and approved it. No shopper, no day; the week only
where the brand shows weeks.

A person has reviewed a photo who approved its revision, or who marked it: what a brand's rule
approved by itself nobody has looked at for faces.
"""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from server.domain.actor import Actor
from server.domain.permissions import Permission
from server.domain.states import PhotoState, RevisionStatus
from server.errors import NotFound
from server.models import Photo, Picture, Rendering, Report, Review, Revision, Store, VisitScore
from server.services import checklists, editing, pictures, weeks
from server.services.access import require, stores_seen
from server.services.developing import SHARED
from server.services.paging import Page, page


@dataclass(frozen=True, slots=True)
class Shared:
    """A photo as its store sees it: `prompt` is the item's text by locale, `month` YYYY-MM, `week`
    an ISO week or None."""

    id: str
    item_key: str | None
    prompt: dict[str, str] | None
    month: str
    week: str | None
    revision: int


def listed(
    actor: Actor,
    brand_id: str,
    store_id: str,
    *,
    limit: int,
    cursor: str | None,
    month: str | None = None,
) -> Page:
    """A page of the store's photos, in no order that tells anything. NotFound, Forbidden."""
    store = _store(actor, brand_id, store_id)
    query = _shared(store)
    if month is not None:
        query = query.where(VisitScore.month == month)
    found = page(query.objects(), Picture.shared_id, limit=limit, cursor=cursor)
    of_revision = weeks.of_revisions(store, {row.revision_id for row in found.items})
    seen = [_seen(row, of_revision.get(row.revision_id)) for row in found.items]
    return Page(seen, found.next_cursor)


def link(actor: Actor, brand_id: str, store_id: str, shared_id: str) -> str:
    """A URL of what stores see of that photo, good for five minutes. NotFound, Forbidden."""
    query = _shared(_store(actor, brand_id, store_id)).where(Picture.shared_id == shared_id)
    for row in query.objects():
        found = pictures.rendering(row.photo_id, SHARED)
        if found is not None:
            return pictures.link_of(found, shared_id)
    raise NotFound(f"There is no photo {shared_id!r}, or this store does not see it.")


def _store(actor: Actor, brand_id: str, store_id: str) -> Store:
    grants = require(actor, brand_id, Permission.PHOTOS_SHARED)
    return editing.find(Store, brand_id, store_id, stores_seen(grants))


def _shared(store: Store) -> Any:
    """The store's photos that it may see, by the last revision that names each."""
    by_person = Review.select(Review.id).where(
        Review.report_id == Revision.report_id,
        Review.revision == Revision.number,
        Review.outcome == str(RevisionStatus.APPROVED),
        Review.reviewer_id.is_null(False),
    )
    named = (Revision.report_id == Photo.report_id) & (Revision.number == Photo.frozen_revision)
    drawn = (Rendering.photo_id == Photo.id) & (Rendering.version == SHARED)
    columns = (Picture.shared_id, Picture.id.alias("photo_id"), Photo.item_key, VisitScore.month)
    visit = (VisitScore.revision_id, Revision.number, Report.checklist_version_id)
    return (
        Picture.select(*columns, *visit)
        .join(Photo, on=Photo.id == Picture.id)
        .join(Rendering, JOIN.INNER, on=drawn)
        .join(Report, on=Report.id == Photo.report_id)
        .join(Revision, on=named)
        .join(VisitScore, on=VisitScore.revision_id == Revision.id)
        .where(
            Report.brand_id == store.brand_id,
            Report.store_id == store.id,
            Photo.state == str(PhotoState.STORED),
            Photo.deleted_at.is_null(),
            Revision.status == str(RevisionStatus.APPROVED),
            Picture.marked_at.is_null(False) | fn.EXISTS(by_person),
        )
    )


def _seen(row: Any, week: str | None) -> Shared:
    items = checklists.document(row.checklist_version_id).items()
    prompts = {item.key: item.prompt for item in items}
    key = row.item_key
    return Shared(row.shared_id, key, prompts.get(key), row.month, week, row.number)
