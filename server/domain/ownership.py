"""Who runs a store."""

from enum import StrEnum


class Ownership(StrEnum):
    """The brand itself, or another under its name (a licence and a joint venture are such)."""

    DIRECT = "direct"
    FRANCHISE = "franchise"
