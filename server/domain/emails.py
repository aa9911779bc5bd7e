"""E-mail addresses as the names of accounts: one spelling for each."""

import re
import unicodedata

_LONGEST = 254
_LONGEST_LOCAL = 64
_LOCAL = re.compile(
    r"[^\s@\"(),:;<>\[\]\\.\x00-\x1f\x7f]+(\.[^\s@\"(),:;<>\[\]\\.\x00-\x1f\x7f]+)*"
)
_LABEL = re.compile(r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?")


def normalised(address: str) -> str:
    """The address without outer spaces, NFC, in lower case: `Ada@Example.org` and
    `ada@example.org` are one account. RFC 5321 lets the local part differ by case; no mail provider
    that people use does. ValueError for what is no address of a public mailbox (quoted local
    parts, address literals and dotless domains are none)."""
    text = unicodedata.normalize("NFC", address.strip()).lower()
    local, at, domain = text.rpartition("@")
    labels = domain.split(".")
    sound = (
        bool(at)
        and len(text) <= _LONGEST
        and len(local) <= _LONGEST_LOCAL
        and _LOCAL.fullmatch(local)
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
    )
    if not sound:
        raise ValueError("Not an e-mail address.")
    return text
