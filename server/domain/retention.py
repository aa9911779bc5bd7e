"""Classes of data that a brand keeps for a number of days of its own."""

from enum import StrEnum


class Kind(StrEnum):
    """Counted from the day on which the visit's assignment closed, for people from the day on
    which they left."""

    PHOTOS = "photos"
    EXIF = "exif"
    VERBATIMS = "verbatims"
    TIMES = "times"
    SHOPPERS = "shoppers"


SHORTEST, LONGEST = 1, 36_500
"""Days."""
