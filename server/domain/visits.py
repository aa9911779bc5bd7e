"""How far each part of a visit is, for those who look at the visit as a whole."""

from datetime import datetime
from enum import StrEnum

from server.domain.states import OPEN, AssignmentStatus, RevisionStatus

_OVER = (AssignmentStatus.REJECTED, AssignmentStatus.CANCELLED, AssignmentStatus.DECLINED)
_UNDECIDED = (RevisionStatus.SUBMITTED, RevisionStatus.RETURNED)


class PartState(StrEnum):
    """As its last frozen revision is, if there is one. Else it is `coming` before its window opens
    (and before the first part was submitted, which alone says whether it is asked, and while that
    awaits a decision), `due` in its window, `late` after it as long as its assignment is open, and
    `missing` where that ended without a report, or will not be made any more. `unasked`: the first
    part's answers do not call for it."""

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


def unmade(status: str, revision: str | None, *, asked: bool) -> PartState:
    """Of a later part without an assignment, by the first part's: its assignment's `status`, its
    last revision's, None before the first, and whether its answers call for this one. What came
    late, for an assignment that was closed, makes its parts once it is approved."""
    if revision != RevisionStatus.SUBMITTED and status in _OVER:
        return PartState.MISSING
    if revision is None:
        return PartState.COMING
    if not asked:
        return PartState.UNASKED
    return PartState.COMING if revision in _UNDECIDED else PartState.MISSING
