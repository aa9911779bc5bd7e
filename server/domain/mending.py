"""JSON as phones really send it: cut emoji and NULs become U+FFFD instead of losing a visit.

JavaScript's strings may hold half of a surrogate pair and JSON.stringify writes it as an escape
(`\\ud83d`), which RFC 8259 (8.2) calls unpredictable and strict parsers refuse. PostgreSQL's text
refuses NUL. Both are marked on reading and replaced column by column, so each can be noticed; what
is given back as it was sent, the id of a row that is refused, gets its escapes again.
"""

import re
from typing import Any

import orjson

REPLACEMENT = "\ufffd"
_MARK = "\ufdd0"
"""A noncharacter (Unicode 23.7): no keyboard gives it, and it is replaced like the rest. One of
private use after it tells what stood there, where JSON can say it."""

_FIRST, _NUL = 0xE000, 0xE800
"""What tells of U+D800, those after it of those that follow; and of NUL."""

_UNDECODED = re.compile("[\udc80-\udcff]+")
_DEEPEST = 200
_TOLD = f"{_MARK}([{chr(_FIRST)}-{chr(_NUL)}]?)"
_BAD = re.compile(f"\x00|{_TOLD}")
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000)|\\.",
    re.DOTALL,
)


_NUMBER = re.compile(
    rb'"(?:[^"\\]|\\.)*"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)', re.DOTALL
)
"""Texts, to step over them, and numbers."""


def loads(data: bytes) -> Any:
    """JSON to Python, marking what `text` will replace; numbers beyond all types become texts.
    orjson.JSONDecodeError when it is no JSON even so."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return orjson.loads(_NUMBER.sub(_held, _marked(data)))


def text(value: str) -> tuple[str, bool]:
    """The text that every store can hold, and whether something was replaced for it."""
    if _BAD.search(value) is None:
        return value, False
    return _BAD.sub(REPLACEMENT, value), True


def said(json: str) -> str:
    """JSON text, written of what `loads` gave, with the escapes that were sent for what no store
    can hold."""
    return re.sub(_TOLD, _escaped, json) if _MARK in json else json


def json_text(value: str) -> tuple[str, bool]:
    """The same for a text that is itself JSON, where the trouble may be escaped once more."""
    plain, mended = text(value)
    if "\\u" not in plain:
        return plain, mended
    whole = _ESCAPE.sub(lambda match: rb"\ufffd" if match[1] else match[0], plain.encode()).decode()
    return whole, mended or whole != plain


def value_of(json: str | None) -> tuple[Any, bool]:
    """The value of an answer's JSON text, and whether it was JSON (nested no deeper than can be
    written again); else the text itself."""
    if json is None:
        return None, True
    try:
        value = orjson.loads(json)
    except orjson.JSONDecodeError:
        return json, False
    return (value, True) if _shallow(value) else (json, False)


def _shallow(value: Any, levels: int = _DEEPEST) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_shallow(one, levels - 1) for one in inner)


def _marked(data: bytes) -> bytes:
    plain = data.replace(b"\x00", _telling(rb"\u0000")).decode("utf-8", "surrogateescape")
    whole = _UNDECODED.sub(_MARK, plain).encode()
    return _ESCAPE.sub(lambda match: _telling(match[1]) if match[1] else match[0], whole)


def _telling(escape: bytes) -> bytes:
    code = int(escape[2:], 16)
    return f"{_MARK}{chr(code - 0xD800 + _FIRST if code else _NUL)}".encode()


def _escaped(match: re.Match[str]) -> str:
    if not match[1]:
        return REPLACEMENT
    code = ord(match[1])
    return rf"\u{0 if code == _NUL else code - _FIRST + 0xD800:04x}"


def _held(match: re.Match[bytes]) -> bytes:
    """A number as text where no type holds it: RFC 8259 (6) leaves readers their limits."""
    try:
        orjson.loads(match[1] or b"0")
    except orjson.JSONDecodeError:
        return b'"%b"' % match[0]
    return match[0]
