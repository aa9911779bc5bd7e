"""What a visit needs, for tests of sync and of what follows: a small published checklist, a wave,
and an assignment that is in its shopper's feed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from server import clock
from server.models import Assignment, Checklist, ChecklistVersion, Wave
from server.services import editing, feeds
from tests import factories

ITEMS = (
    {"key": "greeting", "type": "yes_no", "prompt": {"en": "Greeted?"}, "required": True},
    {
        "key": "wait",
        "type": "scale",
        "prompt": {"en": "The wait?"},
        "required": True,
        "min": 1,
        "max": 5,
    },
    {"key": "words", "type": "text", "prompt": {"en": "In your words?"}},
    {"key": "shelf", "type": "photo", "prompt": {"en": "The shelf."}},
)
"""Items of a small checklist; the first two are required."""


def checklist_version(
    brand_id: str, items: Iterable[dict[str, Any]] = ITEMS, **values: Any
) -> ChecklistVersion:
    """A published checklist version with one section of `items`."""
    document = {
        "title": {"en": "Visit"},
        "sections": [{"key": "all", "title": {"en": "All"}, "items": list(items)}],
    }
    draft = editing.create(Checklist, brand_id, title="Visit", draft=document, published_number=1)
    defaults = {
        "checklist_id": draft.id,
        "number": 1,
        "title": "Visit",
        "locales": ["en"],
        "document": document,
        "published_at": clock.now(),
    }
    return editing.create(ChecklistVersion, brand_id, **(defaults | values))


def wave(brand_id: str, checklist_version_id: str, **values: Any) -> Wave:
    """A wave of the brand that is open for a month around now."""
    defaults = {
        "name": "Spring",
        "opens_at": clock.now() - timedelta(days=15),
        "closes_at": clock.now() + timedelta(days=15),
    }
    return editing.create(
        Wave, brand_id, checklist_version_id=checklist_version_id, **(defaults | values)
    )


def assignment(brand_id: str, shopper_id: str, **values: Any) -> Assignment:
    """An accepted assignment, in its shopper's feed; what it names is made unless given."""
    if "store_id" not in values:
        values["store_id"] = factories.store(brand_id, code=clock.new_id()[-12:]).id
    if "checklist_version_id" not in values:
        values["checklist_version_id"] = checklist_version(brand_id).id
    if "wave_id" not in values:
        values["wave_id"] = wave(brand_id, values["checklist_version_id"]).id
    defaults = {
        "status": "accepted",
        "opens_at": clock.now() - timedelta(days=1),
        "closes_at": clock.now() + timedelta(days=7),
    }
    made = editing.create(Assignment, brand_id, shopper_id=shopper_id, **(defaults | values))
    feeds.touch({shopper_id: feeds.assignment_rows(made)})
    return made
