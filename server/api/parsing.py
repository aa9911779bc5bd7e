"""webargs' parser for all blueprints: bodies by `server.api.body`, errors as problems.

Forms are OAuth's alone: what is wrong with one is RFC 6749's invalid_request."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

import marshmallow as ma
from webargs.flaskparser import FlaskParser

from server.api import body
from server.errors import Invalid, InvalidTokenRequest, MalformedRequest, Problem


class Parser(FlaskParser):
    """Reads bodies and queries strictly and answers every wrong field with its JSON pointer, every
    wrong parameter with its name. What is unknown, the schema refuses or ignores."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": None}

    def _get_schema(self, argmap: Any, req: Any) -> ma.Schema:
        """Of a class one instance for all requests: to make one takes longer than to use it."""
        return _instance(argmap) if isinstance(argmap, type) else super()._get_schema(argmap, req)

    def load_querystring(self, req: Any, schema: ma.Schema) -> Any:
        """The query's parameters, each of them once but for lists. Of one that is there twice, a
        schema that ignores what it does not know takes the first. MalformedRequest where it is not
        UTF-8."""
        try:
            unquote_to_bytes(req.query_string).decode()
        except UnicodeDecodeError as error:
            raise MalformedRequest("The query string is not UTF-8.") from error
        lists = {n for n, field in schema.fields.items() if isinstance(field, ma.fields.List)}
        twice = [n for n, values in req.args.lists() if len(values) > 1 and n not in lists]
        if twice and schema.unknown == ma.RAISE:
            raise ma.ValidationError({name: ["Is there more than once."] for name in twice})
        several = {name: req.args.getlist(name) for name in lists & req.args.keys()}
        return req.args.to_dict() | several

    def load_json(self, req: Any, schema: ma.Schema) -> Any:
        """The whole JSON body."""
        return body.json()

    def load_form(self, req: Any, schema: ma.Schema) -> Any:
        """The whole form."""
        return body.form()

    def handle_error(
        self, error: ma.ValidationError, _: Any, schema: ma.Schema, **__: Any
    ) -> NoReturn:
        """Raise Invalid with one entry for each wrong field."""
        raise invalid(error.messages_dict, schema) from error


@cache
def _instance(schema: type[ma.Schema]) -> ma.Schema:
    return schema()


def invalid(messages: dict[str, Any], schema: ma.Schema) -> Problem:
    """The Invalid problem of webargs' messages of what a schema read, which are by location;
    InvalidTokenRequest of a form's."""
    errors = [
        {"pointer": pointer, "detail": detail}
        for location, inner in messages.items()
        for pointer, detail in _located(location, inner, schema)
    ]
    problem = InvalidTokenRequest if "form" in messages else Invalid
    return problem("Mend the fields named in `errors`.", errors=errors)


def _located(location: str, messages: Any, schema: ma.Schema) -> Iterator[tuple[str, str]]:
    """A JSON pointer into the body, "" being the whole of it; or the parameter's plain name."""
    for pointer, detail in _flat("", messages, schema):
        yield pointer if location == "json" else pointer.removeprefix("/"), detail


def _flat(pointer: str, messages: Any, shape: Any) -> Iterator[tuple[str, str]]:
    """`shape` is the schema or the field that the messages are of, None where there is none."""
    if isinstance(messages, dict):
        for step, inner, within in _steps(messages, shape):
            place = pointer if step is None else f"{pointer}/{_escaped(step)}"
            yield from _flat(place, inner, within)
    elif isinstance(messages, list):
        for detail in messages:
            yield from _flat(pointer, detail, None)
    else:
        yield pointer, str(messages)


def _steps(messages: dict[Any, Any], shape: Any) -> Iterator[tuple[Any, Any, Any]]:
    """What each of the messages is of: the step that leads there in what was sent (None: none), the
    messages themselves, and the shape of it."""
    for step, inner in messages.items():
        if isinstance(shape, ma.fields.Dict) and isinstance(inner, dict):
            # Marshmallow says "key" or "value" in between; what was sent has no such step.
            for of, found in inner.items():
                yield step, found, shape.value_field if of == "value" else None
        elif step == "_schema":
            yield None, inner, shape
        else:
            yield step, inner, _inside(shape, step)


def _inside(shape: Any, step: Any) -> Any:
    """The shape of what is one step into another."""
    if isinstance(shape, ma.fields.List):
        return shape.inner
    if isinstance(shape, ma.fields.Nested):
        shape = shape.schema
    if isinstance(shape, ma.Schema) and not isinstance(step, int):
        named = {field.data_key or name: field for name, field in shape.fields.items()}
        return named.get(step)
    return shape


def _escaped(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
