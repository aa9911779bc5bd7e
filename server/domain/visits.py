"""How far each part of a visit is, for those who look at the visit as a whole."""

from datetime import datetime
from enum import StrEnum

from server.domain.states import OPEN, RevisionStatus


class PartState(StrEnum):
    """As its last frozen revision is, if there is one. Else it is `coming` before its window opens
    (and before the first part was submitted, which alone says whether it is asked), `due` in its
    window, `late` after it as long as its assignment is open, and `missing` where that ended
    without a report. `unasked`: the first part's answers do not call for it."""

    COMING = "coming"
    DUE = "due"
    LATE = "late"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    MISSING = "missing"
    UNASKED = "unasked"


def state(
    status: str,
    revision: str | None,
    window: tuple[datetime, datetime],
    now: datetime,
) -> PartState:
    """Of a part with an assignment of that `status` and window, and of its last revision's status,
    None before the first."""
    if revision is not None:
        return PartState(RevisionStatus(revision))
    if status not in OPEN:
        return PartState.MISSING
    opens_at, due_at = window
    if now < opens_at:
        return PartState.COMING
    return PartState.DUE if now <= due_at else PartState.LATE


def unmade(*, submitted: bool, asked: bool, over: bool) -> PartState:
    """Of a later part without an assignment: `submitted` says whether the first part was, `asked`
    whether its answers call for this one, `over` whether there is no visit any more."""
    if over:
        return PartState.MISSING
    if not submitted:
        return PartState.COMING
    return PartState.MISSING if asked else PartState.UNASKED
