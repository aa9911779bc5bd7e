"""Who runs a store."""

from enum import StrEnum


class Ownership(StrEnum):
    """The brand itself, or another under its name (a licence and a joint venture are such); a
    competitor's is visited to compare, and stands in no ranking that does not ask for it."""

    DIRECT = "direct"
    FRANCHISE = "franchise"
    COMPETITOR = "competitor"
