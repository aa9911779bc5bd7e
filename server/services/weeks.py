"""Whether stores are told the week of a visit, and which it was."""

from datetime import datetime
from typing import Any

from server.domain.months import TimesShown, visit_week
from server.domain.submissions import CLOCKS
from server.models import Brand, Revision, Store


def shown(brand_id: str) -> bool:
    """Whether the brand tells its stores weeks; else they see months."""
    asked = (Brand.id == brand_id) & (Brand.times_shown == str(TimesShown.WEEK))
    return bool(Brand.select().where(asked).exists())


def of_revisions(store: Store, revision_ids: set[str]) -> dict[str, str | None]:
    """The weeks of the visits of these revisions, if the brand's stores are told."""
    if not revision_ids or not shown(store.brand_id):
        return {}
    columns = (Revision.id, Revision.document, Revision.frozen_at)
    rows: Any = Revision.select(*columns).where(Revision.id.in_(revision_ids)).tuples()
    return {key: of(document, at, store) for key, document, at in rows}


def of(document: dict[str, Any], frozen_at: datetime, store: Store) -> str | None:
    """The ISO week of a visit, by its frozen revision's document; None where the document no longer
    knows."""
    if document.get("coarse"):
        return None
    clocks = [document["fields"].get(name) for name in CLOCKS]
    return visit_week(clocks, frozen_at, store.timezone)
