"""Classes of data that a brand keeps for a number of days of its own."""

from enum import StrEnum


class Kind(StrEnum):
    """Counted from the day on which the visit's assignment closed; for shoppers from that on which
    they left, for staff lists from the last change, for the audit log from the request."""

    PHOTOS = "photos"
    EXIF = "exif"
    VERBATIMS = "verbatims"
    TIMES = "times"
    SHOPPERS = "shoppers"
    STAFF = "staff"
    AUDIT = "audit"


SHORTEST, LONGEST = 1, 36_500
"""Days."""
