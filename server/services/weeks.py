"""Whether stores are told the week of a visit, and which it was."""

from datetime import datetime
from typing import Any

from server.domain.months import TimesShown, visit_week
from server.domain.submissions import CLOCKS
from server.models import Brand, Store


def shown(brand_id: str) -> bool:
    """Whether the brand tells its stores weeks; else they see months."""
    asked = (Brand.id == brand_id) & (Brand.times_shown == str(TimesShown.WEEK))
    return bool(Brand.select().where(asked).exists())


def of(document: dict[str, Any], frozen_at: datetime, store: Store) -> str | None:
    """The ISO week of a visit, by its frozen revision's document; None where the document no longer
    knows."""
    if document.get("coarse"):
        return None
    clocks = [document["fields"].get(name) for name in CLOCKS]
    return visit_week(clocks, frozen_at, store.timezone)
