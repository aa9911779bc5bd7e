"""What all wire shapes share: strict fields, strings that every store can hold, times with offset.

Unknown fields are refused by name; integers are integers; a time needs its offset.
"""

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

_SURROGATES = range(0xD800, 0xE000)


def _storable(text: str) -> None:
    """NUL is refused by PostgreSQL's text and a lone surrogate by UTF-8."""
    if "\x00" in text:
        raise ma.ValidationError("Must not contain the NUL character.")
    if any(ord(character) in _SURROGATES for character in text):
        raise ma.ValidationError("Must not contain half of a surrogate pair.")


def _not_blank(text: str) -> None:
    if text and not text.strip():
        raise ma.ValidationError("Must not be blank.")


def matching(pattern: str) -> validate.Regexp:
    """A validator: the whole text has that pattern, in words that Python and JSON Schema share.
    Python's `$` alone would let a last newline pass, and `\\Z` is unknown to ECMA 262."""
    return validate.Regexp(rf"^(?:{pattern})$(?!\n)")


class Text(fields.String):
    """A string of `least` to `most` characters, not all of them blanks, without NUL or lone
    surrogates."""

    def __init__(self, *, least: int = 1, most: int = 500, **options: Any) -> None:
        length = validate.Length(min=least, max=most)
        super().__init__(
            validate=[_storable, _not_blank, length, *options.pop("also", ())], **options
        )


class Choice(fields.String):
    """One word of an enumeration (any iterable of strings)."""

    def __init__(self, words: Any, **options: Any) -> None:
        super().__init__(validate=validate.OneOf([str(word) for word in words]), **options)


class Whole(fields.Integer):
    """A whole number; 62.0 is one, 62.5, "62" and true are not."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(int(value), attr, data, **more)


class Number(fields.Float):
    """A finite number, not a string of one."""

    def __init__(self, *, least: float, most: float, above: bool = False, **options: Any) -> None:
        between = validate.Range(min=least, max=most, min_inclusive=not above)
        super().__init__(validate=between, allow_nan=False, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


class QueryWhole(fields.Integer):
    """A whole number in a query string, where everything is text."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit():
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


class Flag(fields.Boolean):
    """true or false; not 1, "yes" or the like."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Moment(fields.AwareDateTime):
    """ISO 8601 with offset, given back in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **more)
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type="datetime") from error


class Shape(ma.Schema):
    """Base of every schema: fields keep their order, unknown ones are refused."""

    class Meta:
        unknown = ma.RAISE


class Change(Shape):
    """Base of every PATCH body: at least one field."""

    @ma.validates_schema
    def not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("Name at least one field to change.")


class Answer(ma.Schema):
    """Base of every answer: what all things that people edit carry."""

    id = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Also the ETag."})
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class Paging(Shape):
    """Query of every list. `cursor` is a former answer's `next_cursor`."""

    limit = QueryWhole(least=1, most=500, load_default=100)
    cursor = fields.String(load_default=None, validate=validate.Length(max=400))


class Listing(Paging):
    """Query of lists of things that can be archived."""

    archived = fields.Boolean(load_default=False)


def page_of(item: type[ma.Schema], noun: str) -> type[ma.Schema]:
    """The schema of one page of `item`s, named `{noun}Page`."""
    return type(
        f"{noun}Page",
        (ma.Schema,),
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(
                required=True,
                allow_none=True,
                metadata={"description": "Give it as `cursor` for the next page; null at the end."},
            ),
        },
    )
