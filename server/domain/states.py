"""The states that assignments, revisions and photos go through, and which moves are allowed."""

from enum import StrEnum


class AssignmentStatus(StrEnum):
    """offered → accepted | declined; accepted → submitted → returned | approved | rejected;
    cancelled and expired end an open one. A phone never loses work by any of them."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = frozenset(
    {
        AssignmentStatus.OFFERED,
        AssignmentStatus.ACCEPTED,
        AssignmentStatus.SUBMITTED,
        AssignmentStatus.RETURNED,
    }
)
"""Assignments in these states stay in the shopper's feed however old they are."""


class RevisionStatus(StrEnum):
    """A frozen revision waits in `submitted` until a reviewer, or the brand's rule, decides."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"


class PhotoState(StrEnum):
    """declared by its row; stored when its bytes are verified; rejected with a reason."""

    DECLARED = "declared"
    STORED = "stored"
    REJECTED = "rejected"


class ProposalDecision(StrEnum):
    """What became of a proposed touchpoint: part of the map, or not."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class Author(StrEnum):
    """Who wrote a message. Shoppers are told no more of a reviewer than this."""

    SHOPPER = "shopper"
    REVIEWER = "reviewer"


class QueueOrder(StrEnum):
    """What of the review queue comes first."""

    OLDEST = "oldest"
    FLAGGED = "flagged"
