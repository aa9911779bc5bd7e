"""That figures have changed: every change is counted, and makes a published ranking due."""

from datetime import timedelta
from typing import Any

import peewee

from server import clock
from server.db import atomic
from server.models import CubeState, Event
from server.services import events

CHANGED = "figures.changed"
"""The event: its subject is the brand whose ranking is due."""

DEBOUNCE = timedelta(seconds=5)
"""From the first change to the ranking that holds it, and those that came meanwhile."""


def changed(brand_id: str) -> None:
    """Say in the present transaction that what the brand's rankings are made from has changed."""
    now = clock.now()
    first = CubeState.changes == CubeState.published
    CubeState.insert(brand_id=brand_id, changes=1, published=0, changed_at=now).on_conflict(
        conflict_target=[CubeState.brand_id],
        update={
            CubeState.changes: CubeState.changes + 1,
            CubeState.changed_at: peewee.Case(
                None, [(first, clock.to_ms(now))], CubeState.changed_at
            ),
        },
    ).execute()


def changes(brand_id: str) -> int:
    """How often the brand's figures have changed."""
    state = CubeState.get_or_none(CubeState.brand_id == brand_id)
    return 0 if state is None else int(state.changes)


def published(brand_id: str, seen: int) -> None:
    """Say that a ranking with the first `seen` changes was published."""
    CubeState.update(published=seen, changed_at=clock.now()).where(
        CubeState.brand_id == brand_id
    ).execute()


def call_due() -> list[str]:
    """Leave an event for each brand whose ranking is due and has none, and name these brands. The
    counter is the truth, so this may run as often as it likes."""
    waiting = Event.select(Event.subject_id).where(Event.kind == CHANGED, Event.done_at.is_null())
    due: Any = CubeState.select(CubeState.brand_id).where(
        CubeState.changes > CubeState.published,
        CubeState.changed_at <= clock.now() - DEBOUNCE,
        CubeState.brand_id.not_in(waiting),
    )
    brands = [brand_id for (brand_id,) in due.tuples()]
    for brand_id in brands:
        with atomic():
            events.emit("figures.changed", brand_id, brand_id)
    return brands
