"""Reads JSON that people wrote into msgspec structs, naming every mistake and not only the first.

What cannot be read becomes the field's default, or an empty value where it has none, so that the
checks of the rest go on; no further mistake is named at or below such a place.
"""

from enum import Enum
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import msgspec

MOST_MISTAKES = 500
LONGEST_LIST = 500


class TooManyMistakes(Exception):
    """`MOST_MISTAKES` are named: stop looking."""


class Mistakes:
    """What is wrong with a document: {"pointer": RFC 6901 JSON pointer, "detail": what to mend}."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self._unreadable: set[str] = set()

    def add(self, pointer: str, detail: str) -> None:
        """Name one, unless its place or one around it is unreadable. TooManyMistakes."""
        place = pointer
        while place:
            if place in self._unreadable:
                return
            place = place.rpartition("/")[0]
        if len(self.found) == MOST_MISTAKES:
            raise TooManyMistakes
        self.found.append({"pointer": pointer, "detail": detail})

    def unreadable(self, pointer: str, detail: str) -> None:
        """Name one whose value could not be read at all."""
        self.add(pointer, detail)
        self._unreadable.add(pointer)


def read(kind: Any, value: Any, pointer: str, mistakes: Mistakes) -> Any:
    """`value` (any JSON value) as a `kind`: a struct, tuple, dict, enumeration or plain type."""
    inner = _required(kind)
    if value is None and inner is not kind:
        return None
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return _struct(inner, value, pointer, mistakes)
    if get_origin(inner) is tuple:
        return _tuple(get_args(inner)[0], value, pointer, mistakes)
    if get_origin(inner) is dict:
        return _dict(get_args(inner), value, pointer, mistakes)
    return _leaf(inner, value, pointer, mistakes)


def step(pointer: str, *keys: str | int) -> str:
    """The JSON pointer of what lies at `keys` below `pointer` (RFC 6901, section 3)."""
    escaped = (str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return "/".join((pointer, *escaped))


def _required(kind: Any) -> Any:
    """X of `X | None`; any other kind as it is."""
    if isinstance(kind, UnionType) and type(None) in get_args(kind):
        return next(each for each in get_args(kind) if each is not type(None))
    return kind


def _struct(
    kind: type[msgspec.Struct], value: Any, pointer: str, mistakes: Mistakes
) -> msgspec.Struct:
    if not isinstance(value, dict):
        mistakes.unreadable(pointer, "Must be an object.")
        value = {}
    fields = msgspec.structs.fields(kind)
    for name in sorted(value.keys() - {field.encode_name for field in fields}):
        mistakes.unreadable(step(pointer, name), "There is no such field here.")
    return kind(**{field.name: _field(field, value, pointer, mistakes) for field in fields})


def _field(field: Any, value: dict[str, Any], pointer: str, mistakes: Mistakes) -> Any:
    if field.encode_name in value:
        return read(
            field.type, value[field.encode_name], step(pointer, field.encode_name), mistakes
        )
    if field.required:
        mistakes.unreadable(step(pointer, field.encode_name), "Is missing.")
        return _empty(field.type)
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _tuple(kind: Any, value: Any, pointer: str, mistakes: Mistakes) -> tuple[Any, ...]:
    if not isinstance(value, list):
        mistakes.unreadable(pointer, "Must be a list.")
        return ()
    if len(value) > LONGEST_LIST:
        mistakes.add(pointer, f"Must not have more than {LONGEST_LIST} entries.")
    return tuple(
        read(kind, each, step(pointer, index), mistakes)
        for index, each in enumerate(value[:LONGEST_LIST])
    )


def _dict(kinds: tuple[Any, ...], value: Any, pointer: str, mistakes: Mistakes) -> dict[str, Any]:
    if not isinstance(value, dict):
        mistakes.unreadable(pointer, "Must be an object.")
        return {}
    allowed = _words(kinds[0]) or value.keys()
    for key in sorted(value.keys() - set(allowed)):
        mistakes.unreadable(step(pointer, key), "There is no such field here.")
    return {
        key: read(kinds[1], each, step(pointer, key), mistakes)
        for key, each in value.items()
        if key in allowed
    }


def _leaf(kind: Any, value: Any, pointer: str, mistakes: Mistakes) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        words = _words(kind)
        mistakes.unreadable(
            pointer, f"Must be one of: {', '.join(words)}." if words else f"{error}."
        )
        return _empty(kind)


def _words(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(word) for word in kind)
    return ()


_EMPTY: dict[Any, Any] = {
    str: "",
    float: 0.0,
    int: 0,
    bool: False,
    tuple: (),
    dict: {},
    UnionType: "",
}


def _empty(kind: Any) -> Any:
    return _EMPTY.get(get_origin(kind) or kind)
