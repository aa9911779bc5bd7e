"""The keys of objects."""

import re

from server.errors import NotFound

_PART = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_KEY = re.compile(rf"{_PART}(?:/{_PART}){{1,7}}")
_MOST = 500


def checked(key: str) -> str:
    """`key`, if it is one that we make: parts of letters, digits, `-` and `_` between slashes. No
    dots, so it can lead nowhere else. NotFound."""
    if len(key) > _MOST or not _KEY.fullmatch(key):
        raise NotFound("This is no key of an object.")
    return key
