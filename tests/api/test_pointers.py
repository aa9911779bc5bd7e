"""Pointers of problems lead into what was sent, whatever holds the wrong value."""

from typing import Any

import flask
import marshmallow as ma
import pytest
from flask.testing import FlaskClient

from schemas.personas import PersonaNewSchema
from schemas.promises import PromiseNewSchema
from server.api.parsing import Parser
from server.errors import Invalid
from tests.cast import Cast

PROMISE = {"kind": "explicit", "adjective": "warm", "statement": "We are.", "target": 80}


class Deep(ma.Schema):
    """Dicts within lists, dicts and other schemas, one of them by another name."""

    by_name = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(max=5)),
        values=ma.fields.List(ma.fields.Nested(PersonaNewSchema)),
        data_key="byName",
    )
    counts = ma.fields.List(ma.fields.Dict(values=ma.fields.Dict(values=ma.fields.Integer())))
    inner = ma.fields.Nested(lambda: Deep(only=("counts",)))
    several = ma.fields.Nested(PromiseNewSchema, many=True)
    value = ma.fields.Dict(values=ma.fields.Integer(), validate=ma.validate.Length(max=2))


def pointers(schema: type[ma.Schema], sent: Any) -> set[str]:
    """Where the errors of a body lead."""
    app = flask.Flask(__name__)
    with app.test_request_context(json=sent), pytest.raises(Invalid) as refused:
        Parser().parse(schema, location="json")
    return {error["pointer"] for error in refused.value.errors}


@pytest.mark.parametrize(
    ("schema", "sent", "found"),
    [
        (PersonaNewSchema, {"name": "x", "translations": {"en": {}}}, {"/translations/en/name"}),
        (PersonaNewSchema, {"name": "x", "translations": {"en": 1}}, {"/translations/en"}),
        (
            PersonaNewSchema,
            {"name": "x", "translations": {"zz-!": {"name": "y", "no": 1}}},
            {"/translations/zz-!", "/translations/zz-!/no"},
        ),
        (PersonaNewSchema, {"name": "x", "translations": []}, {"/translations"}),
        (
            PromiseNewSchema,
            PROMISE | {"translations": {"it": {"adjective": "", "statement": "Sì."}}},
            {"/translations/it/adjective"},
        ),
        (
            PromiseNewSchema,
            PROMISE | {"translations": {"a/b~": {"adjective": "x", "statement": "y"}}},
            {"/translations/a~1b~0"},
        ),
        (Deep, {"byName": {"a": [{"name": "x"}, {}]}}, {"/byName/a/1/name"}),
        (Deep, {"byName": {"too long": []}}, {"/byName/too long"}),
        (Deep, {"counts": [{}, {"value": {"key": "x"}}]}, {"/counts/1/value/key"}),
        (Deep, {"inner": {"counts": [{"_schema": {"n": "x"}}]}}, {"/inner/counts/0/_schema/n"}),
        (
            Deep,
            {"several": [PROMISE | {"translations": {"it": {"adjective": "x"}}}]},
            {"/several/0/translations/it/statement"},
        ),
        (Deep, {"value": {"a": 1, "b": 2, "c": 3}}, {"/value"}),
        (Deep, {"value": {"value": "x"}}, {"/value/value"}),
    ],
)
def test_each_error_is_where_it_was_sent(
    schema: type[ma.Schema], sent: Any, found: set[str]
) -> None:
    assert pointers(schema, sent) == found


def test_a_persona_without_a_translated_name(client: FlaskClient, cast: Cast) -> None:
    path = f"/v1/brands/{cast.brand.id}/personas"
    body = {"name": "x", "translations": {"en": {}}}
    refused = client.post(path, json=body, headers=cast.marta.headers)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == ["/translations/en/name"]
